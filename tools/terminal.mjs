/** Headings and tables: in colour on a terminal that has colours, plain elsewhere. */
import Table from 'cli-table3';

/** hasColors() respects NO_COLOR, FORCE_COLOR and TERM. */
const coloured = process.stdout.isTTY === true && process.stdout.hasColors();

export function heading(text) {
  return coloured ? `\u001b[1m${text}\u001b[22m` : text;
}

export function table(head, rows, aligns = []) {
  const made = new Table({
    head,
    colAligns: aligns,
    style: { head: coloured ? ['cyan'] : [], border: coloured ? ['grey'] : [], compact: true },
  });
  made.push(...rows);
  return made.toString();
}
