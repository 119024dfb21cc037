import { readFileSync } from 'node:fs';
import * as clocks from '@bytecodealliance/preview2-shim/clocks';
import * as io from '@bytecodealliance/preview2-shim/io';
import * as sockets from '@bytecodealliance/preview2-shim/sockets';
import { type ImportObject, instantiate } from '../component/sock.js';
import type { Bindings } from './driver.js';
import { type TcpCreateSocket, tcpOf, type UdpCreateSocket, udpOf } from './host.js';

const folder = new URL('../component/', import.meta.url);

/** Instantiates the component in this thread, with Node's sockets as its host. */
export function instantiateSocket(): Bindings {
  const imports = {
    'wasi:clocks/monotonic-clock': clocks.monotonicClock,
    'wasi:io/error': io.error,
    'wasi:io/poll': io.poll,
    'wasi:io/streams': io.streams,
    'wasi:sockets/instance-network': sockets.instanceNetwork,
    'wasi:sockets/ip-name-lookup': sockets.ipNameLookup,
    'wasi:sockets/network': sockets.network,
    'wasi:sockets/tcp-create-socket': tcpOf(sockets.tcpCreateSocket as unknown as TcpCreateSocket),
    'wasi:sockets/tcp': sockets.tcp,
    'wasi:sockets/udp-create-socket': udpOf(sockets.udpCreateSocket as unknown as UdpCreateSocket),
    'wasi:sockets/udp': sockets.udp,
  } as unknown as ImportObject;
  const module = (name: string): WebAssembly.Module =>
    new WebAssembly.Module(readFileSync(new URL(name, folder)));
  return instantiate(module, imports)['sock:socket/socket@0.1.0'] as Bindings;
}
