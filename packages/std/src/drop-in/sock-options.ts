import { type OptionName, optionRow, type Socket, supportOf } from '@sock/core';
import { nativeSocket } from '../convert/from.js';

type Setter<Name extends string> = `set${Capitalize<Name>}`;

/** Options by their names in the table, each with what its setter takes. */
export type SockOptions = {
  readonly [
    Name in OptionName as Setter<Name> extends keyof Socket ? Name : never
  ]?: Setter<Name> extends keyof Socket
    ? Socket[Setter<Name>] extends (value: infer Value) => void
      ? Value
      : never
    : never;
};

const setterOf = (name: string): string => `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/**
 * Refuses what can't be set on the backend that node's sockets come from, before anything is opened.
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that no row has or that has no setter
 * @throws {SockError} `ERR_SOCK_UNSUPPORTED` for what the backend lacks
 */
export function checkOptions(options: SockOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw Object.assign(new TypeError('The "options.sock" property must be of type object'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  const { driver, prototype } = nativeSocket();
  for (const name of Object.keys(options)) {
    if (optionRow(name) === undefined || !(setterOf(name) in prototype)) {
      throw Object.assign(
        new TypeError(`The property 'options.sock.${name}' is no option that can be set`),
        { code: 'ERR_INVALID_ARG_VALUE' },
      );
    }
    const { level, reason } = supportOf(driver, name);
    if (level === 'unsupported') {
      throw Object.assign(new Error(`options.sock.${name} is not supported: ${reason ?? ''}`), {
        code: 'ERR_SOCK_UNSUPPORTED',
      });
    }
  }
}

/** Sets every option, in the order they were given. */
export function applySockOptions(socket: Socket, options: SockOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const set = (socket as unknown as Record<string, (value: unknown) => void>)[setterOf(name)];
    set?.call(socket, value);
  }
}
