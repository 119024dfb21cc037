/**
 * Moves a socket to another process that shares an IPC channel of node's with this one. The offer goes over the IPC
 * channel, and the socket by SCM_RIGHTS over a unix connection of its own:
 *
 *   taker: the token of the offer; giver: the socket; taker: GOT; giver: KEEP
 *
 * The taker closes the socket unless it reads KEEP: so the giver alone decides whether the transfer has succeeded.
 * A socket that is on its way when a process ends is closed by the system.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { Domain, SockAddr, type SockError, type Socket, Type, type WaitOptions } from '@sock/core';
import { channelClosed, type MovingClass, notTaken, type ProcessChannel } from './channel-kind.js';
import { type ProcessOffer, processOffer, TOKEN_LENGTH } from './offer.js';
import { OFFER_TIME } from './transfer-options.js';
import { onEnd } from '../wait-options.js';
import { giveOver, takeOver } from './over-unix.js';

const GOT = Uint8Array.of(1);
const KEEP = Uint8Array.of(2);

type NewSocket<T extends Socket> = new (domain: Domain, type: Type) => T;

const stream = <T extends Socket>(SocketOf: MovingClass<T>): T =>
  new (SocketOf as unknown as NewSocket<T>)(Domain.UNIX, Type.STREAM);

export async function giveToProcess(
  channel: ProcessChannel,
  socket: Socket,
  SocketOf: MovingClass<Socket>,
  { signal, timeout = OFFER_TIME }: WaitOptions,
): Promise<void> {
  if (!channel.connected) {
    throw channelClosed('sendSocket', 'the process has no IPC channel, or it is disconnected');
  }
  const held = socket.tryClone();
  let listener: Socket | undefined;
  try {
    listener = stream(SocketOf);
    const token = randomBytes(TOKEN_LENGTH);
    const name = `sock-${randomBytes(16).toString('hex')}`;
    listener.bind(SockAddr.abstract(name));
    listener.listen(16);
    const offer = new Giving(channel, held, listener, token);
    offer.send(processOffer({ name, token: token.toString('hex') }));
    socket.close();
    await offer.outcome(signal, timeout);
  } finally {
    listener?.close();
    held.close();
  }
}

/** One offer, until it is taken or not. */
class Giving {
  readonly #end = new AbortController();
  /** Whether a connection had the token: the token is good once. */
  #redeemed = false;

  constructor(
    readonly channel: ProcessChannel,
    readonly held: Socket,
    readonly listener: Socket,
    readonly token: Uint8Array,
  ) {}

  send(offer: ProcessOffer): void {
    (this.channel as ChildProcess).send(offer as object, (error) => {
      if (error !== null) this.#end.abort(notTaken('the offer could not be sent', error));
    });
  }

  async outcome(signal: WaitOptions['signal'], timeout: number): Promise<void> {
    const { channel } = this;
    const gone = (): void => this.#end.abort(notTaken('the receiver ended or disconnected'));
    const stop = onEnd(signal, timeout, (reason, timedOut) =>
      this.#end.abort(timedOut ? notTaken(`nobody took it within ${timeout} ms`) : reason),
    );
    const connected = whenDisconnected(channel, gone);
    try {
      await this.#taken();
    } catch (error) {
      const { code } = error as SockError;
      if (this.#end.signal.aborted || code === 'ERR_SOCK_NOT_TAKEN') throw error;
      throw notTaken('the receiver could not be reached', error);
    } finally {
      stop();
      connected();
      // Ends the other connections.
      this.#end.abort();
    }
  }

  /** Serves every connection at once: one that sends nothing must not hold up the right one. */
  #taken(): Promise<void> {
    const { signal } = this.#end;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const accept = async (): Promise<void> => {
        for await (const [connection] of this.listener.connections({ signal })) {
          if (!isPeer(connection, this.channel)) connection.close();
          else this.#serve(connection).then((taken) => taken && resolve(), reject);
        }
      };
      accept().catch(reject);
    });
  }

  /** `false` if the connection did not have the token. */
  async #serve(connection: Socket): Promise<boolean> {
    const { signal } = this.#end;
    let authentic = false;
    try {
      const sent = new Uint8Array(TOKEN_LENGTH);
      await connection.recvExactAsync(sent, { signal });
      if (!timingSafeEqual(sent, this.token) || this.#redeemed) return false;
      this.#redeemed = true;
      authentic = true;
      await giveOver(connection, this.held, { signal });
      this.held.close();
      await connection.recvExactAsync(new Uint8Array(1), { signal });
      await connection.sendAllAsync(KEEP, { signal });
      return true;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!authentic) return false;
      throw notTaken('the receiver ended while it took the socket', error);
    } finally {
      connection.close();
    }
  }
}

const disconnects = new WeakMap<ProcessChannel, Set<() => void>>();

/**
 * Calls `gone` when the channel is disconnected. One listener serves all offers: node warns of many.
 * @returns ends it
 */
function whenDisconnected(channel: ProcessChannel, gone: () => void): () => void {
  let waiting = disconnects.get(channel);
  if (waiting === undefined) {
    const all = new Set<() => void>();
    waiting = all;
    disconnects.set(channel, all);
    channel.once('disconnect', () => {
      for (const call of [...all]) call();
    });
  }
  waiting.add(gone);
  return () => {
    waiting.delete(gone);
  };
}

/** SO_PEERCRED: whether the peer is the process of the channel, or another one of this user. */
function isPeer(connection: Socket, channel: ProcessChannel): boolean {
  const { pid, uid } = connection.peercred();
  const expected = channel === process ? process.ppid : (channel as ChildProcess).pid;
  return pid === expected || uid === process.geteuid?.();
}

/** The socket of an offer; `undefined` if the giver has withdrawn it or is gone. */
export async function takeFromProcess<T extends Socket>(
  channel: ProcessChannel,
  { name, token }: ProcessOffer,
  SocketOf: MovingClass<T>,
  options: WaitOptions,
): Promise<T | undefined> {
  const connection = stream(SocketOf);
  let taken: T | undefined;
  try {
    await connection.connectAsync(SockAddr.abstract(name), options);
    // The giver may be gone, and its name another process's.
    if (!isPeer(connection, channel)) return undefined;
    await connection.sendAllAsync(Buffer.from(token, 'hex'), options);
    taken = await takeOver(connection, SocketOf, options);
    await connection.sendAllAsync(GOT);
    await connection.recvExactAsync(new Uint8Array(1));
    const kept = taken;
    taken = undefined;
    return kept;
  } catch (error) {
    if (GONE.has((error as SockError).code)) return undefined;
    throw error;
  } finally {
    taken?.close();
    connection.close();
  }
}

/** How a connection to a giver fails that has withdrawn its offer or has ended. */
const GONE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_SOCK_END_OF_STREAM',
  'ERR_SOCK_CHANNEL_CLOSED',
]);
