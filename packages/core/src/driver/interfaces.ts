/** Names and indexes of network interfaces: RFC 3493, section 4. */
import { type Driver, EUNSUPPORTED } from '../driver.js';
import { checkInteger, checkString, invalidValue } from '../errors.js';
import { lookUpZones } from '../address/zones.js';
import { DriverContext } from './context.js';

/** IF_NAMESIZE, with the NUL. */
const NAME_SIZE = 16;
/** `struct sock_interface`: uint32 index, name. */
const ENTRY_SIZE = 4 + NAME_SIZE;
/** The number of interfaces that the first attempt has room for. */
const USUAL = 32;

/** A network interface of the system. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
}

/** The functions that {@link interfaceNames} makes for a backend. */
export interface InterfaceNames {
  /**
   * The index of a network interface, such as `scopeId`, `joinMulticastV6` and `SockAddr.packet` take:
   * if_nametoindex(3).
   * @param name 1 to 15 bytes of UTF-8
   * @throws {SockError} ENODEV when there is no such interface; `ERR_SOCK_UNSUPPORTED` if the backend does not support the call
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
   */
  ifNameToIndex(name: string): number;
  /**
   * The name of a network interface: if_indextoname(3).
   * @param index 1 to 2147483647
   * @throws {SockError} ENXIO when there is no such interface; `ERR_SOCK_UNSUPPORTED` if the backend does not support the call
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  ifIndexToName(index: number): string;
  /**
   * All network interfaces, in no particular order: if_nameindex(3).
   * @throws {SockError} ENOBUFS; `ERR_SOCK_UNSUPPORTED` if the backend does not support the call
   */
  ifNameIndex(): NetworkInterface[];
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function nameBytes(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(checkString('name', name));
  if (bytes.length === 0 || bytes.length >= NAME_SIZE || bytes.includes(0)) {
    throw invalidValue('name', `must have 1 to ${NAME_SIZE - 1} bytes and no NUL`, name);
  }
  return bytes;
}

/** Makes the functions that look up the names of a backend's network interfaces. */
export function interfaceNames(driver: Driver): InterfaceNames {
  const check = (result: number | undefined, syscall: string, operation: string): number =>
    DriverContext.of(driver).check(result ?? -EUNSUPPORTED, syscall, { operation });

  if (driver.interfaceIndex !== undefined) {
    lookUpZones((name) => driver.interfaceIndex?.(nameBytes(name)) ?? -1);
  }

  return {
    ifNameToIndex(name) {
      const result = driver.interfaceIndex?.(nameBytes(name));
      return check(result, 'if_nametoindex', 'ifNameToIndex');
    },

    ifIndexToName(index) {
      checkInteger('index', index, 1, 0x7fffffff);
      const name = new Uint8Array(NAME_SIZE);
      const result = driver.interfaceName?.(index, name);
      return text(name.subarray(0, check(result, 'if_indextoname', 'ifIndexToName')));
    },

    ifNameIndex() {
      for (let room = USUAL; ;) {
        const list = new Uint8Array(room * ENTRY_SIZE);
        const count = check(driver.interfaces?.(list), 'if_nameindex', 'ifNameIndex');
        if (count <= room) return Array.from({ length: count }, (_, at) => entryAt(list, at));
        room = count;
      }
    },
  };
}

function entryAt(list: Uint8Array, at: number): NetworkInterface {
  const entry = list.slice(at * ENTRY_SIZE, (at + 1) * ENTRY_SIZE);
  const name = entry.subarray(4);
  return {
    index: new Uint32Array(entry.buffer, 0, 1)[0] as number,
    name: text(name.subarray(0, name.indexOf(0))),
  };
}
