import type { Support } from '../driver.js';
import type { Codec } from './options.generated.js';

export type { Codec };

/** Operating systems in `process.platform`'s words. */
export type System =
  | 'linux'
  | 'darwin'
  | 'freebsd'
  | 'openbsd'
  | 'netbsd'
  | 'sunos'
  | 'cygwin'
  | 'win32';

/** The group of an option: its heading, and the sockets on which it can be set. */
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

/** A value that the round trip of the contract suite sets and reads back. */
export type Sample = boolean | number | string | null;

/** One socket option: everything that the project knows of it. */
export interface OptionRow {
  /** The number that core passes to the driver. Never reused, never changed. */
  readonly id: number;
  readonly group: OptionGroup;
  /** The method that gets it, and the name `supports()` and `sock: {}` know it by. */
  readonly name: string;
  /** Other names of the getter; each also has a setter. */
  readonly aliases?: readonly string[];
  /** The C names of level and option. */
  readonly level: string;
  readonly option: string;
  /** The name on systems that call it differently, or its number if their headers lack it: `{darwin: 'SO_LINGER_SEC'}`, `{linux: '51'}`. */
  readonly optionOn?: Readonly<Partial<Record<System, string>>>;
  /** The C name of the level on systems that have the option at another level: `{darwin: 'IPPROTO_IP'}`. */
  readonly levelOn?: Readonly<Partial<Record<System, string>>>;
  /** Other C spellings to fall back to. */
  readonly optionElse?: string;
  /** The C number on Linux, whose user headers may lack the name. */
  readonly linuxNumber?: number;
  readonly codec: Codec;
  /** Smallest and largest number, if the codec's own range is too wide. */
  readonly range?: readonly [min: number, max: number];
  /** `both` makes `name()` and `setName()`; `setter` gives the setter another name. */
  readonly access: 'both' | 'get' | 'set';
  readonly setter?: string;
  /** The name of the setter's parameter. */
  readonly parameter?: string;
  readonly systems: 'all' | readonly System[];
  /** The support on systems of `systems` that is not native, or the reason why another system lacks the option. */
  readonly supportOn?: Readonly<Partial<Record<System, Support>>>;
  /** The support on WASI. */
  readonly wasi: Support;
  /** One line that says what the option does. */
  readonly doc: string;
  /** More about setting it, for the doc comment. */
  readonly note?: string;
  /** An example of the setter, for the doc comment. */
  readonly example?: string;
  /** The man page or RFC. */
  readonly source: string;
  /** The sockets for the contract suite's round trip; default: all of the group. Empty if separate cases test the option. */
  readonly on?: readonly ('tcp4' | 'udp4' | 'tcp6' | 'udp6' | 'unix')[];
  /** The values of the round trip; by default both for booleans. */
  readonly samples?: readonly Sample[];
  /** `exact`: reads back what was set. `atLeast`: the system may round up. */
  readonly readsBack?: 'exact' | 'atLeast';
}
