/**
 * What Node's host for wasi:sockets lacks: its `shutdown` ends both directions at once. A half of a
 * connection can still be ended there, by giving its stream up: that sends the FIN and leaves
 * receiving as it is. (The reading half is libsock's own to end.)
 */
const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

type Stream = Record<symbol, () => void>;

interface TcpSocket {
  finishConnect(): [Stream, Stream];
  accept(): [TcpSocket, Stream, Stream];
  shutdown(half: 'receive' | 'send' | 'both'): void;
}

interface TcpCreateSocket {
  createTcpSocket(family: string): TcpSocket;
}

function closable(socket: TcpSocket, sending?: Stream): TcpSocket {
  let output = sending;
  const { finishConnect, accept } = socket;
  return Object.assign(socket, {
    finishConnect() {
      const streams = finishConnect.call(socket);
      [, output] = streams;
      return streams;
    },
    accept() {
      const [connection, input, out] = accept.call(socket);
      return [closable(connection, out), input, out];
    },
    shutdown(half: 'receive' | 'send' | 'both') {
      if (half !== 'receive') output?.[DISPOSE]?.();
    },
  });
}

/** The host's function, whose sockets shut down one half at a time. */
export function withHalfClose(host: TcpCreateSocket): TcpCreateSocket {
  return { createTcpSocket: (family) => closable(host.createTcpSocket(family)) };
}
