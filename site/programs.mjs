/** The larger programs of examples/: a page for each folder, with all of its files. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const LANGUAGES = { '.ts': 'ts', '.mjs': 'js', '.c': 'c', '.py': 'py' };

export const programAnchor = (file) => file.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** The folders of examples/ that hold a program. */
export function programNames(root) {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['cookbook', 'smoke'].includes(entry.name))
    .map((entry) => entry.name);
}

export function programPage(root, name) {
  const folder = join(root, 'examples', name);
  const files = readdirSync(folder).filter((file) => extname(file) in LANGUAGES);
  // The program that is run comes first: it has the name of the folder, or says how it is run.
  const rank = (file) =>
    Number(!file.startsWith(`${name}.`)) +
    Number(!readFileSync(join(folder, file), 'utf8').includes('node --import tsx'));
  files.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const sections = files.map((file) => {
    const code = readFileSync(join(folder, file), 'utf8').trimEnd();
    return `## ${file} {#${programAnchor(file)}}\n\n\`\`\`${LANGUAGES[extname(file)]}\n${code}\n\`\`\`\n`;
  });
  return `# ${name}\n\nThe files of \`examples/${name}\`. The tests run this program.\n\n${sections.join('\n')}`;
}
