/** The ways by which a test comes by a dgram.Socket, node's own first. */
import dgram from 'node:dgram';
import { Domain, Socket, Type } from '@sock/native';
import { intoDgramSocket } from '@sock/std';
import { type AnySocket, wasiSocket } from './paths.js';

export interface DatagramPath {
  readonly name: string;
  make(type?: 'udp4' | 'udp6', options?: { readonly signal?: AbortSignal }): dgram.Socket;
}

const converted = (name: string, SocketOf: AnySocket): DatagramPath => ({
  name,
  make: (type = 'udp4', options = {}) =>
    intoDgramSocket(new SocketOf(type === 'udp4' ? Domain.IPV4 : Domain.IPV6, Type.DGRAM), {
      duplex: true,
      ...options,
    }),
});

export const nodeDatagrams: DatagramPath = {
  name: 'node:dgram itself',
  make: (type = 'udp4', options = {}) => dgram.createSocket({ type, ...options }),
};

export const convertedDatagrams: DatagramPath[] = [
  converted('the datagram object', Socket as unknown as AnySocket),
  converted('the datagram object on @sock/wasi', wasiSocket),
];

/** Closes a socket that the test may have closed. */
export function closeQuietly(socket: { close(): unknown }): void {
  try {
    socket.close();
  } catch {
    // The test has closed it.
  }
}
