/** The channels that sockets move over, and what they can't do. */
import type { ChildProcess } from 'node:child_process';
import { MessagePort, Worker } from 'node:worker_threads';
import { SockError, Socket } from '@sock/core';
import { invalidArgument, wrongType } from '../node-errors.js';
import type { SocketClass } from '../native-backend.js';

/** A way to another thread: both ends are in one process. */
export type ThreadChannel = Worker | MessagePort;
/** Node's IPC channel to a child process, or of a child process to its parent. */
export type ProcessChannel = ChildProcess | NodeJS.Process;
/** What {@link sendSocket} sends over: to a thread, to a process, or over a connected unix Socket. */
export type SocketChannel = ThreadChannel | ProcessChannel | Socket;

/** The class of a socket that moves: a backend whose sockets are file descriptors. */
export type MovingClass<T extends Socket> = SocketClass<T>;

export const isThread = (channel: unknown): channel is ThreadChannel =>
  channel instanceof Worker || channel instanceof MessagePort;

export const isProcess = (channel: unknown): channel is ProcessChannel =>
  channel === process ||
  (typeof (channel as Partial<ChildProcess> | null)?.send === 'function' &&
    typeof (channel as Partial<ChildProcess>).on === 'function' &&
    'connected' in (channel as object));

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
export function checkChannel(channel: unknown): asserts channel is SocketChannel {
  if (channel instanceof Socket) {
    channel.asRawFd();
    if (channel.domain() === 'unix') return;
    throw invalidArgument(
      'ERR_INVALID_ARG_VALUE',
      `The "channel" argument must be a unix Socket. Received one of ${channel.domain()}`,
    );
  }
  if (isThread(channel) || isProcess(channel)) return;
  throw wrongType(
    'channel',
    'a Worker, a MessagePort, a ChildProcess with an IPC channel, process or a unix Socket',
  );
}

/** @throws {SockError} `ERR_SOCK_UNSUPPORTED` where sockets are no descriptors that can move */
export function checkMoves(SocketOf: MovingClass<Socket>, operation: string): void {
  const { name, system } = SocketOf.driver;
  const reason =
    name !== 'native'
      ? 'only sockets of @sock/native are file descriptors'
      : system !== 'linux'
        ? `it is not supported on ${system}, only on linux`
        : undefined;
  if (reason === undefined) return;
  throw new SockError('ERR_SOCK_UNSUPPORTED', {
    syscall: operation,
    message: `${operation} ERR_SOCK_UNSUPPORTED: @sock/${name} can't do it: ${reason}`,
  });
}

/** The receiver did not take the socket, which is closed now. */
export const notTaken = (reason: string, cause?: unknown): SockError =>
  new SockError('ERR_SOCK_NOT_TAKEN', {
    message: `sendSocket ERR_SOCK_NOT_TAKEN: ${reason}; the socket is closed`,
    cause,
  });

/** The channel ended, so nothing comes over it. */
export const channelClosed = (operation: string, reason: string): SockError =>
  new SockError('ERR_SOCK_CHANNEL_CLOSED', {
    message: `${operation} ERR_SOCK_CHANNEL_CLOSED: ${reason}`,
  });
