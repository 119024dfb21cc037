/** What the rows of the option table share. */
import type { Support } from '../driver.js';
import type { System } from './option-row.js';

export const native = { level: 'native' } as const;
export const LINUX: readonly System[] = ['linux'];
export const UNIX: readonly System[] = ['linux', 'darwin', 'freebsd', 'openbsd', 'netbsd'];

/** The support of WASI for something that its interface does not offer. */
export const missing = (what: string): Support => ({
  level: 'unsupported',
  reason: `wasi:sockets 0.2 does not offer ${what}`,
});
export const noMulticast = missing('multicast');
export const noOutOfBand = missing('out-of-band data');
export const noControl = missing('control messages');
export const noFilter = missing('packet filters');
