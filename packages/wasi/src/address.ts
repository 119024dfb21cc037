/** Converts between `struct sock_address` in the driver's memory and the address of the component's interface. */
import { Layout } from '@sock/core';
import type { Address } from '../component/interfaces/sock-socket-socket.js';

/** The size of a `struct sock_address`, in bytes. */
export const ADDRESS_SIZE = Layout.addressData + Layout.addressDataSize;

/** The most bytes of an address of the interface. */
const LONGEST = 16;

const bytesAt = ({ buffer, byteOffset }: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset + at + Layout.addressData, length);

/** Reads the address at an offset. */
export function readAddress(view: DataView, at: number = Layout.address): Address {
  const length = view.getUint32(at + Layout.addressLength, true);
  return {
    family: view.getUint16(at + Layout.addressFamily, true),
    port: view.getUint16(at + Layout.addressPort, true),
    flowinfo: view.getUint32(at + Layout.addressFlowinfo, true),
    scopeId: view.getUint32(at + Layout.addressScopeId, true),
    bytes: bytesAt(view, at, Math.min(length, Layout.addressDataSize)).slice(),
  };
}

/** Writes an address at an offset. */
export function writeAddress(view: DataView, address: Address, at: number = Layout.address): void {
  const { family, port, flowinfo, scopeId, bytes } = address;
  view.setUint16(at + Layout.addressFamily, family, true);
  view.setUint16(at + Layout.addressPort, port, true);
  view.setUint32(at + Layout.addressFlowinfo, flowinfo, true);
  view.setUint32(at + Layout.addressScopeId, scopeId, true);
  view.setUint32(at + Layout.addressLength, bytes.length, true);
  const target = bytesAt(view, at, LONGEST);
  target.fill(0);
  target.set(bytes);
}
