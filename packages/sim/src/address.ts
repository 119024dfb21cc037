/** Addresses as they cross in a driver's memory: {@link Layout}. */
import { Layout } from '@sock/core';
import type { Ip, IpTable } from './ip.js';

/** `sock_address.family`. */
export const Family = { UNSPEC: 0, IPV4: 1, IPV6: 2, UNIX: 3 } as const;

/** `struct sock_address`, in bytes. */
export const ADDRESS_SIZE = Layout.addressData + Layout.addressDataSize;

/** An address that a call was given. */
export interface Address {
  family: number;
  ip: Ip | undefined;
  port: number;
  flowinfo: number;
  scopeId: number;
  /** The bytes of a unix name, one character each; abstract names begin with a NUL. */
  path: string;
}

/** An IPv4-mapped IPv6 address, before its last four bytes. */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255);

/** Addresses in memory: a driver's, or that of a batch. */
export class AddressMemory {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Reused by each {@link read}: an address is looked at during its call only. */
  readonly #address: Address = {
    family: 0,
    ip: undefined,
    port: 0,
    flowinfo: 0,
    scopeId: 0,
    path: '',
  };

  constructor(
    readonly ips: IpTable,
    memory: ArrayBufferLike,
    offset = 0,
    length = memory.byteLength - offset,
  ) {
    this.#bytes = new Uint8Array(memory, offset, length);
    this.#view = new DataView(memory, offset, length);
  }

  read(at: number = Layout.address): Address {
    const view = this.#view;
    const address = this.#address;
    const family = view.getUint16(at, true);
    address.family = family;
    address.port = view.getUint16(at + Layout.addressPort, true);
    address.flowinfo = view.getUint32(at + Layout.addressFlowinfo, true);
    address.scopeId = view.getUint32(at + Layout.addressScopeId, true);
    address.ip = undefined;
    address.path = '';
    const data = at + Layout.addressData;
    const bytes = this.#bytes;
    if (family === Family.IPV4) {
      address.ip = this.ips.v4At(bytes, data);
    } else if (family === Family.IPV6) {
      address.ip = this.ips.v6(bytes.subarray(data, data + 16));
    } else if (family === Family.UNIX) {
      const length = Math.min(
        view.getUint32(at + Layout.addressLength, true),
        Layout.addressDataSize,
      );
      address.path = String.fromCharCode(...bytes.subarray(data, data + length));
    }
    return address;
  }

  /** @param six writes an IPv4 address as an IPv4-mapped one: the socket's family is IPv6 */
  writeIp(ip: Ip, port: number, six: boolean, at: number = Layout.address, scopeId = 0): void {
    const view = this.#view;
    view.setUint16(at, six ? Family.IPV6 : Family.IPV4, true);
    view.setUint16(at + Layout.addressPort, port, true);
    view.setUint32(at + Layout.addressFlowinfo, 0, true);
    view.setUint32(at + Layout.addressScopeId, scopeId, true);
    view.setUint32(at + Layout.addressLength, six ? 16 : 4, true);
    const data = at + Layout.addressData;
    const bytes = this.#bytes;
    if (six && ip.family === 4) {
      bytes.set(MAPPED, data);
      bytes.set(ip.bytes, data + 12);
    } else {
      bytes.set(ip.bytes, data);
      if (!six) bytes.fill(0, data + 4, data + 16);
    }
  }

  writeUnix(path: string, at: number = Layout.address): void {
    const view = this.#view;
    view.setUint16(at, Family.UNIX, true);
    view.setUint16(at + Layout.addressPort, 0, true);
    view.setUint32(at + Layout.addressFlowinfo, 0, true);
    view.setUint32(at + Layout.addressScopeId, 0, true);
    view.setUint32(at + Layout.addressLength, path.length, true);
    for (let i = 0; i < path.length; i++) {
      this.#bytes[at + Layout.addressData + i] = path.charCodeAt(i);
    }
  }

  /** Copies the address at the beginning of another memory. */
  copy(from: AddressMemory, at: number): void {
    this.#bytes.set(from.#bytes.subarray(Layout.address, Layout.address + ADDRESS_SIZE), at);
  }

  writeNone(at: number = Layout.address): void {
    this.#bytes.fill(0, at, at + Layout.addressData + 16);
  }
}
