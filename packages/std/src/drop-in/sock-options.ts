/** The `sock` option of the drop-in modules: options of the option table by name. */
import { type OptionName, optionRow, type Socket, supportOf } from '@sock/core';
import { nativeSocket } from '../native-backend.js';

type Setter<Name extends string> = `set${Capitalize<Name>}`;

/** Socket options by their names in the option table, each with the value that its setter takes. */
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
 * Checks, before anything is opened, that every option can be set on a socket of @sock/native.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` unless `options` is an object
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that is not in the table or has no setter
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the system does not support
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
        new TypeError(`The property 'options.sock.${name}' is not a socket option that can be set`),
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

/** Sets every option, in the order of the object's properties. `undefined` sets nothing. */
export function applySockOptions(socket: Socket, options: SockOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const set = (socket as unknown as Record<string, (value: unknown) => void>)[setterOf(name)];
    set?.call(socket, value);
  }
}
