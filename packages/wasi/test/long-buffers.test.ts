/** Buffers whose length does not fit the component's 32 bits: transferred in part, as send(2) and recv(2) do. */
import { Domain, SockAddr, Socket, Type } from '@sock/wasi';
import { expect, test } from 'vitest';

test('a transfer with a buffer of 4 GiB moves a part of it', () => {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  using client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  const [server] = listener.accept();
  using _ = server;
  // The system gives memory to pages that are touched, which are few.
  const long = new Uint8Array(2 ** 32);
  client.send(new TextEncoder().encode('hello world'));
  expect(server.recv(long)).toBe(11);
  const sent = server.trySend(long.subarray(0, 3 * 2 ** 30)) ?? 0;
  expect(sent).toBeGreaterThan(0);
  let received = 0;
  const chunk = new Uint8Array(1 << 20);
  while (received < sent) received += client.recv(chunk);
  expect(received).toBe(sent);
  expect(server.trySend(new Uint8Array(1))).toBe(1);
});
