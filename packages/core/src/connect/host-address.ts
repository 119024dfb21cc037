/** What a `host` may be: a name, an IP address, a unix path, a vsock context or a SockAddr. */
import { SockAddr } from '../address.js';
import { parseIpv4, parseIpv6 } from '../address/ip.js';
import type { Driver } from '../driver.js';
import { interfaceNames } from '../driver/interfaces.js';

const invalid = (name: string, reason: string): TypeError =>
  Object.assign(new TypeError(`The argument "${name}" ${reason}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  });

/** 4 or 6 for an address, which may have a zone; 0 for other texts. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (parseIpv4(text) !== undefined) return 4;
  const [ip = '', ...zones] = text.split('%');
  return parseIpv6(ip) !== undefined && zones.length <= 1 && zones[0] !== '' ? 6 : 0;
}

/**
 * An IP address of a host as a socket address. The name of a zone is looked up by this driver if it knows interfaces,
 * or else by the first imported backend that does.
 * @throws {SockError} ENODEV for a zone that does not exist
 */
export function ipAddress(text: string, port: number, driver: Driver): SockAddr {
  if (parseIpv4(text) !== undefined) return SockAddr.ipv4(text, port);
  const [ip = '', zone] = text.split('%');
  if (zone === undefined || driver.interfaceIndex === undefined || /^\d{1,10}$/.test(zone)) {
    return SockAddr.ipv6(text, port);
  }
  return SockAddr.ipv6(ip, port, { scopeId: interfaceNames(driver).ifNameToIndex(zone) });
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
  if (ipVersion(text) !== 0) return ipAddress(text, port as number, driver);
  if (text === '' || text !== host || host.includes('\0')) {
    throw invalid('host', `must be a name or an address. Received '${host}'`);
  }
  if (port === undefined && /^[^:]+:\d+$/.test(host)) {
    throw invalid('host', `has a port, which is an argument of its own. Received '${host}'`);
  }
  // Refuses a wrong port before the look-up.
  SockAddr.ipv4('0.0.0.0', port as number);
  return host;
}
