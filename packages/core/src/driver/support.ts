import type { Driver, Support } from '../driver.js';
import { invalidValue } from '../errors.js';
import type { OptionRow, System } from '../options/option-row.js';
import { type OperationRow, operations } from './operations.js';
import { options } from '../options.js';

const NATIVE: Support = { level: 'native' };

function setterName(row: OptionRow): string {
  return row.setter ?? `set${row.name.charAt(0).toUpperCase()}${row.name.slice(1)}`;
}

const rowsByName = new Map<string, OptionRow>();
for (const row of options as readonly OptionRow[]) {
  for (const name of [row.name, ...(row.aliases ?? [])]) {
    rowsByName.set(name, row);
    rowsByName.set(setterName({ ...row, name }), row);
  }
}

/** The table row of an option, by the name of its getter or setter. */
export function optionRow(name: string): OptionRow | undefined {
  return rowsByName.get(name);
}

/**
 * How well a driver's backend does an operation or an option.
 * @param name the name of the method
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that is in no table
 */
export function supportOf(driver: Driver, name: string): Support {
  const { support = {} } = driver;
  const own = Object.hasOwn(support, name) ? support[name] : undefined;
  if (own !== undefined) return own;
  const row = rowsByName.get(name);
  if (row !== undefined) return on(driver, row, row.option);
  const operation = Object.hasOwn(operations, name)
    ? operations[name as keyof typeof operations]
    : undefined;
  if (operation === undefined) {
    throw invalidValue('name', 'must be the name of an operation or an option', name);
  }
  const { over }: OperationRow = operation;
  if (over !== undefined) return supportOf(driver, over);
  return on(driver, operation, name);
}

function on(driver: Driver, row: OperationRow | OptionRow, what: string): Support {
  if (driver.system === 'wasi') return row.wasi;
  const own = row.supportOn?.[driver.system as System];
  if (own !== undefined) return own;
  const { systems = 'all' } = row;
  if (systems === 'all' || (systems as readonly string[]).includes(driver.system)) return NATIVE;
  return { level: 'unsupported', reason: `${what} exists only on ${systems.join(', ')}` };
}

/** Setters that a backend may support for some values only, and the operation whose reason applies to the rest. */
const partly: Readonly<Record<string, string>> = { setOnlyV6: 'dualStack' };

/** Why a backend does not support an operation or an option. */
export function reasonFor(driver: Driver, name: string): string {
  try {
    const { level } = supportOf(driver, name);
    const asked = level === 'unsupported' ? name : (partly[name] ?? name);
    return supportOf(driver, asked).reason ?? `${driver.system} does not have this call`;
  } catch {
    return `${driver.system} does not have this call`;
  }
}
