/**
 * The option table: the only list of socket options. The typed methods and their documentation,
 * the C side (native/core/include/sock_options.h), the capability query, the matrix in docs/ and
 * the round trips of the contract suite are made from it. Adding an option is adding a row to
 * one of its parts, with the next free id, and running `npm run generate`.
 */
import { ipv4Options } from './options/ipv4.js';
import { ipv6Options } from './options/ipv6.js';
import { socketOptions } from './options/socket.js';
import { tcpOptions } from './options/tcp.js';
import { udpOptions } from './options/udp.js';

export const options = [
  ...socketOptions,
  ...ipv4Options,
  ...ipv6Options,
  ...tcpOptions,
  ...udpOptions,
] as const;

/** The name of an option row. */
export type OptionName = (typeof options)[number]['name'];
