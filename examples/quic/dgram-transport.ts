/** UDP by node:dgram, which carries no ECN and one datagram a call. */
import dgram from 'node:dgram';
import { SockAddr } from '@sock/native';
import type { Arrived, Transport, TransportCounts } from './transport.js';

const BUFFER = 4 << 20;

export class DgramTransport implements Transport {
  readonly maxSegments = 1;
  readonly #socket: dgram.Socket;
  readonly #address: SockAddr;
  #arrived: { bytes: Buffer; sender: SockAddr }[] = [];
  #last: { readonly address: string; readonly port: number; readonly sender: SockAddr } | undefined;
  #sent = 0;
  #received = 0;

  static async make(address: SockAddr, sendBuffer: number): Promise<DgramTransport> {
    const family = address.isIpv6() ? 6 : 4;
    const socket = dgram.createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: BUFFER,
      sendBufferSize: sendBuffer,
      // All addresses are numeric, so nothing has to be looked up.
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    await new Promise<void>((listening) => {
      socket.bind(address.port, address.address, listening);
    });
    return new DgramTransport(socket);
  }

  private constructor(socket: dgram.Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.#address = SockAddr.parse(
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    );
  }

  get address(): SockAddr {
    return this.#address;
  }

  start(step: () => void): void {
    let isScheduled = false;
    this.#socket.on('message', (bytes, { address, port }) => {
      // Datagrams of one turn of the event loop are handled together.
      this.#arrived.push({ bytes, sender: this.#sender(address, port) });
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        step();
      });
    });
  }

  #sender(address: string, port: number): SockAddr {
    const last = this.#last;
    if (last !== undefined && last.address === address && last.port === port) return last.sender;
    const text = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    this.#last = { address, port, sender: SockAddr.parse(text) };
    return this.#last.sender;
  }

  receive(): Arrived | undefined {
    const arrived = this.#arrived;
    if (arrived.length === 0) return undefined;
    this.#arrived = [];
    this.#received += arrived.length;
    const data = Buffer.concat(arrived.map(({ bytes }) => bytes));
    let end = 0;
    const offsets = arrived.map(({ bytes }) => (end += bytes.length) - bytes.length);
    return {
      count: arrived.length,
      data,
      offset: (index) => offsets[index] as number,
      length: (index) => arrived[index]?.bytes.length ?? 0,
      ecn: () => 0,
      sender: (index) => (arrived[index] as { sender: SockAddr }).sender,
      destination: () => undefined,
      isSamePath: (index) => index > 0 && arrived[index]?.sender === arrived[index - 1]?.sender,
    };
  }

  send(bytes: Uint8Array, _segment: number, _ecn: number, to: SockAddr): number {
    // dgram keeps the bytes until it has sent them, so it gets its own.
    const own = Buffer.from(bytes);
    this.#socket.send(own, 0, own.length, to.port, to.address, (error) => {
      if (error !== null) console.error(`not sent: ${error.message}`);
    });
    this.#sent++;
    return bytes.length;
  }

  flush(): boolean {
    return true;
  }

  counts(): TransportCounts {
    return { sent: this.#sent, received: this.#received };
  }

  close(): void {
    this.#socket.close();
  }
}
