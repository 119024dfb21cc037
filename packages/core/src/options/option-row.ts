import type { Support } from '../driver.js';

export type { Codec };

/** Operating systems in `process.platform`'s words. */
import type { Codec } from './options.generated.js';

export type System =
  | 'linux'
  | 'darwin'
  | 'freebsd'
  | 'openbsd'
  | 'netbsd'
  | 'sunos'
  | 'cygwin'
  | 'win32';

/** The heading an option stands under, and the sockets it can be set on. */
export type OptionGroup =
  | 'socket'
  | 'ipv4'
  | 'ipv6'
  | 'tcp'
  | 'udp'
  | 'dccp'
  | 'packet'
  | 'netlink'
  | 'raw';

/** A value that a set-then-get of the contract suite tries, as JavaScript writes it. */
export type Sample = boolean | number | string | null;

/** One socket option: everything that is known of it. */
export interface OptionRow {
  /** What crosses to the driver. Never reused, never changed. */
  readonly id: number;
  readonly group: OptionGroup;
  /** The method that gets it, and the name `supports()` and `sock: {}` know it by. */
  readonly name: string;
  /** Other names of the getter, with their setters made alike. */
  readonly aliases?: readonly string[];
  /** The C names of level and option. */
  readonly level: string;
  readonly option: string;
  /** Where a system has another name, or the headers lack it: `{darwin: 'SO_LINGER_SEC'}`, `{linux: '51'}`. */
  readonly optionOn?: Readonly<Partial<Record<System, string>>>;
  /** The C name of the level where a system has it at another: `{darwin: 'IPPROTO_IP'}`. */
  readonly levelOn?: Readonly<Partial<Record<System, string>>>;
  /** Other C spellings to fall back to. */
  readonly optionElse?: string;
  /** The C number where Linux's user headers may lack the name. */
  readonly linuxNumber?: number;
  readonly codec: Codec;
  /** Smallest and largest number, where the codec's own range is too wide. */
  readonly range?: readonly [min: number, max: number];
  /** `both` makes `name()` and `setName()`; an own setter name is in `setter`. */
  readonly access: 'both' | 'get' | 'set';
  readonly setter?: string;
  /** The name of the setter's parameter. */
  readonly parameter?: string;
  readonly systems: 'all' | readonly System[];
  /** On WASI. */
  readonly wasi: Support;
  /** One line: what it does. */
  readonly doc: string;
  /** More on setting it, for the doc comment. */
  readonly note?: string;
  /** The man page or RFC. */
  readonly source: string;
  /** Sockets of the contract suite's round trip; default: all of the group. Empty: it has tests of its own. */
  readonly on?: readonly ('tcp4' | 'udp4' | 'tcp6' | 'udp6' | 'unix')[];
  /** Values of the round trip; booleans have both by default. */
  readonly samples?: readonly Sample[];
  /** `exact`: reads back what was set. `atLeast`: the system may round up. */
  readonly readsBack?: 'exact' | 'atLeast';
}
