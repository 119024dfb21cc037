/** Prints measured tables. With `--docs` on the command line also writes them into docs/datagrams.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** @param {Record<string, string[]>} tables the lines of each, by the name of its place in the document */
export function publish(tables) {
  for (const [name, lines] of Object.entries(tables)) console.log(`${name}\n${lines.join('\n')}\n`);
  if (!process.argv.includes('--docs')) return;
  const file = fileURLToPath(new URL('../docs/datagrams.md', import.meta.url));
  let text = readFileSync(file, 'utf8');
  for (const [name, lines] of Object.entries(tables)) {
    const [begin, end] = [`<!-- measured: ${name} -->`, '<!-- end -->'];
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${file} has no place for ${name}`);
    text = `${text.slice(0, from + begin.length)}\n\n${lines.join('\n')}\n\n${text.slice(to)}`;
  }
  writeFileSync(file, text);
}
