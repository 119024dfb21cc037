/**
 * The option table: the only list of socket options. The typed methods and their documentation,
 * the C side (native/core/include/sock_options.h), the capability query, the matrix in docs/ and
 * the round trips of the contract suite are made from it. Adding an option is adding a row to
 * one of its parts, with the next free id, and running `npm run generate`.
 */
import { dccpOptions } from './options/dccp.js';
import { ipv4Options } from './options/ipv4.js';
import { ipv6Options } from './options/ipv6.js';
import { multicastOptions } from './options/multicast.js';
import { netlinkOptions } from './options/netlink.js';
import { packetOptions } from './options/packet.js';
import { rawOptions } from './options/raw.js';
import { socketOptions } from './options/socket.js';
import { socketMessageOptions } from './options/socket-messages.js';
import { socketSystemOptions } from './options/socket-system.js';
import { tcpOptions } from './options/tcp.js';
import { tcpHandshakeOptions } from './options/tcp-handshake.js';
import { udpOptions } from './options/udp.js';

export const options = [
  ...socketOptions,
  ...socketMessageOptions,
  ...socketSystemOptions,
  ...ipv4Options,
  ...ipv6Options,
  ...multicastOptions,
  ...tcpOptions,
  ...tcpHandshakeOptions,
  ...udpOptions,
  ...dccpOptions,
  ...packetOptions,
  ...netlinkOptions,
  ...rawOptions,
] as const;

/** The name of an option row. */
export type OptionName = (typeof options)[number]['name'];

type Row = (typeof options)[number];
type SetterName<R> = R extends { readonly setter: infer S extends string }
  ? S
  : R extends { readonly name: infer N extends string }
    ? `set${Capitalize<N>}`
    : never;

/** The names of the methods that get and set options, which `supports()` knows. */
export type OptionMethodName = OptionName | SetterName<Row>;
