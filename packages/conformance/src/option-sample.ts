import type { OptionRow } from '@sock/core';

/** Arguments that the option's setter accepts. */
export function sampleOf(row: OptionRow): unknown[] {
  const sample = row.samples?.find((value) => value !== null);
  if (sample !== undefined) return [sample];
  switch (row.codec) {
    case 'bool':
    case 'boolU8':
      return [true];
    case 'ipv4':
      return ['127.0.0.1'];
    case 'ipMreq':
      return ['239.1.2.3', '127.0.0.1'];
    case 'ipMreqn':
      return ['239.1.2.3', 1];
    case 'ipMreqSource':
      return ['127.0.0.1', '232.1.2.3', '127.0.0.1'];
    case 'ipv6Mreq':
      return ['ff12::1:2:3', 1];
    case 'ipv6MreqSource':
      return ['::1', 'ff32::1:2:3', 1];
    case 'packetMreq':
      return [1, 'promiscuous'];
    case 'tcpMd5':
      return ['127.0.0.1', new Uint8Array(8)];
    case 'tcpMd5Prefix':
      return ['127.0.0.0', 8, new Uint8Array(8)];
    case 'unit':
      return [];
    case 'pathMtu':
      return ['do'];
    case 'portRange':
      return [[40_000, 40_999]];
    case 'txTime':
      return [{ clock: 'monotonic' }];
    case 'fanout':
      return [{ group: 1, mode: 'hash' }];
    case 'seconds':
    case 'milliseconds':
    case 'timeval':
    case 'linger':
      return [1000];
    case 'string':
      return ['sock'];
    case 'u64':
      return [1n];
    case 'bytes':
      return [new Uint8Array(4)];
    default:
      return [row.range?.[0] ?? 1];
  }
}

/** The name of the method that sets an option; `undefined` if the option can only be read. */
export function setterOf(row: OptionRow, name: string = row.name): string | undefined {
  if (row.access === 'get') return undefined;
  if (row.setter !== undefined && name === row.name) return row.setter;
  return `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
