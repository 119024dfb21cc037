/**
 * A bank and a client that transfers money to it, over any backend's sockets. The client sends a transfer again
 * when no answer comes. `transfer` and `Ledger` have a bug; `transferOnce` and `CarefulLedger` do not.
 */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';

/** A backend: what the bank and its clients need of it. */
export interface Sockets {
  readonly Socket: new (domain: Domain, type: Type) => Socket;
}

export const PORT = 7000;
const ANSWER_WITHIN = 1000;
const ATTEMPTS = 20;
const PAUSE_FIRST = 100;
const PAUSE_MOST = 2000;

/** Amounts by account. A transfer that is sent twice is booked twice: the bug. */
export class Ledger {
  balance = 0;

  book(_id: number, amount: number): void {
    this.balance += amount;
  }
}

/** Books each transfer once, however often it comes. */
export class CarefulLedger extends Ledger {
  readonly #booked = new Set<number>();

  override book(id: number, amount: number): void {
    if (this.#booked.has(id)) return;
    this.#booked.add(id);
    super.book(id, amount);
  }
}

/** Reads lines from a connection until it ends. */
async function* lines(socket: Socket): AsyncGenerator<string> {
  const buffer = new Uint8Array(256);
  let text = '';
  for (;;) {
    await socket.readable();
    const length = socket.tryRecv(buffer);
    if (length === 0) return;
    if (length === undefined) continue;
    text += new TextDecoder().decode(buffer.subarray(0, length));
    const parts = text.split('\n');
    text = parts.pop() ?? '';
    yield* parts;
  }
}

/** Serves transfers, a line each: an id and an amount. Answers with the id. */
export async function serve({ Socket: Class }: Sockets, ledger: Ledger): Promise<void> {
  const listener = new Class(Domain.IPV4, Type.STREAM);
  listener.setReuseAddress(true);
  listener.bind(SockAddr.ipv4('0.0.0.0', PORT));
  listener.listen(16);
  for (;;) {
    await listener.readable();
    const accepted = listener.tryAccept();
    if (accepted !== undefined) void answer(accepted[0], ledger);
  }
}

async function answer(socket: Socket, ledger: Ledger): Promise<void> {
  try {
    for await (const line of lines(socket)) {
      const [id = 0, amount = 0] = line.split(' ').map(Number);
      ledger.book(id, amount);
      socket.send(new TextEncoder().encode(`${id}\n`));
    }
  } catch {
    // The client is gone; it comes again.
  }
  socket.close();
}

/** Transfers an amount: sends it again, over a new connection, until an answer comes. */
export async function transfer(
  { Socket: Class }: Sockets,
  bank: string,
  id: number,
  amount: number,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const socket = new Class(Domain.IPV4, Type.STREAM);
    try {
      socket.tryConnect(SockAddr.ipv4(bank, PORT));
      await socket.writable({ timeout: ANSWER_WITHIN });
      socket.send(new TextEncoder().encode(`${id} ${amount}\n`));
      await socket.readable({ timeout: ANSWER_WITHIN });
      if ((socket.tryRecv(new Uint8Array(16)) ?? 0) > 0) return;
    } catch {
      // No answer: perhaps the request was lost. Or the answer.
    } finally {
      socket.close();
    }
    // Twenty quick attempts would be over before a bank that restarts is back: the search found that too.
    const pause = Math.min(PAUSE_MOST, PAUSE_FIRST * 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`the bank did not answer ${ATTEMPTS} times`);
}
