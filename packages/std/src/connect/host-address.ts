/** What a `host` may be: a name, an IP address, a unix path, a vsock context or a SockAddr. */
import net from 'node:net';
import { type Driver, SockAddr } from '@sock/core';
import { ipv6Address } from '../node-address.js';

const invalid = (name: string, reason: string): TypeError =>
  Object.assign(new TypeError(`The argument "${name}" ${reason}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  });

/** An IP address of a host as a socket address. @throws {SockError} ENODEV for a zone that does not exist */
export function ipAddress(text: string, port: number, driver: Driver): SockAddr {
  return net.isIPv4(text) ? SockAddr.ipv4(text, port) : ipv6Address(text, port, () => driver);
}

/** An address that has its own port, or needs none. */
function withoutPort(address: SockAddr, port: unknown): SockAddr {
  const isNone = port === undefined || port === null || port === 0 || port === address.port;
  if (!isNone) throw invalid('port', `must be left out: the host is ${address}`);
  return address;
}

/**
 * The address that a host is, or the name by which it is to be looked up. The forms `unix:` and `unix-abstract:` are
 * those of gRPC's names.
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for a port
 */
export function addressOrName(host: unknown, port: unknown, driver: Driver): SockAddr | string {
  if (host instanceof SockAddr) return withoutPort(host, port);
  if (typeof host !== 'string') {
    throw Object.assign(new TypeError('The "host" argument must be a string or a SockAddr'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  const [, scheme = '', rest = ''] = /^(unix|unix-abstract|vsock):(.*)$/s.exec(host) ?? [];
  if (scheme === 'unix') return withoutPort(SockAddr.unix(rest.replace(/^\/\/\//, '/')), port);
  if (scheme === 'unix-abstract') return withoutPort(SockAddr.abstract(rest), port);
  if (scheme === 'vsock') {
    if (!/^\d{1,10}$/.test(rest)) throw invalid('host', 'must be like vsock:2');
    return SockAddr.vsock(Number(rest), port as number);
  }
  // As URL.hostname has it.
  const text = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (net.isIP(text) !== 0) return ipAddress(text, port as number, driver);
  if (text === '' || text !== host || host.includes('\0')) {
    throw invalid('host', `must be a name or an address. Received '${host}'`);
  }
  // Refuses a wrong port before the look-up.
  SockAddr.ipv4('0.0.0.0', port as number);
  return host;
}
