/** Sends a file as the body of an http response. On a plain connection the bytes do not pass through the program. */
import type http from 'node:http';
import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Driver,
  EUNSUPPORTED,
  type Progress,
  SockError,
  type Socket,
  type WaitOptions,
} from '@sock/core';
import { outOfRange, wrongType } from '../node-errors.js';
import { sockRef } from '../convert/from.js';
import { check, isBlocked, isError } from '../driver-results.js';
import { driverOf } from '../node-address.js';
import type { SocketClass } from '../native-backend.js';
import { handleOf } from '../node-internals.js';
import { runtime } from '../runtime.js';
import { ByteCount } from '../byte-count.js';
import { checkWaitOptions } from '../wait-options.js';
import { type FilePart, FileSource, type FileToSend } from './file-source.js';
import {
  announce,
  checkOpen,
  checkResponse,
  closedEarly,
  eventOf,
  type FileResponse,
  hasOwnWrite,
  isBodiless,
  isChunked,
  isGone,
  reserve,
  sendHead,
} from './response.js';

/** The options of {@link sendFile}. */
export interface SendFileOptions extends WaitOptions {
  /** The offset of the first byte. Default 0. */
  readonly start?: number | undefined;
  /** The offset of the last byte, as in `fs.createReadStream` and in a Range header. Default: the last of the file. */
  readonly end?: number | undefined;
  /** An object of the caller's whose `bytes` the call sets as bytes are sent. It is right also after a failure. */
  readonly progress?: Progress | undefined;
  /** The class of the Socket that sends. Default: that of @sock/native. */
  readonly Socket?: SocketClass | undefined;
}

/** What {@link sendFile} has done. */
export interface SentFile {
  /** The number of bytes of the file. */
  readonly bytes: number;
  /** Whether they were copied through the program, because the connection or the system has no sendfile(2). */
  readonly copied: boolean;
}

/** The most bytes that one sendfile(2) is asked for, and that one read(2) reads. */
const PIECE = 1_048_576;
const COPIED_PIECE = 65_536;
/** After so many calls that did not wait, others get their turn. */
const FAIR = 16;

/**
 * Sends a file as the rest of an http response, and ends the response. On a plain connection of node's the bytes go
 * from the file to the socket in the system: sendfile(2). Over TLS and http2, on Windows, in Bun and Deno, on sockets
 * without a descriptor, and when `response.write` was replaced (by a middleware that compresses, for instance), it
 * reads and writes: the result says so.
 *
 * The head is sent first, with a Content-Length unless it has one. What the program wrote to the response before comes
 * before the file. A response in chunks gets the file as one chunk. HEAD, 204 and 304 send the head alone. The
 * connection then goes on as after `response.end()`: keep-alive, pipelined requests. While it runs, `response.write` and
 * `response.end` throw `ERR_INVALID_STATE`.
 *
 * If it fails before it sends anything, the response is as it was: answer 404. If it fails later, it destroys the response,
 * as the peer waits for bytes that do not come.
 *
 * @param file a path, or a file that is open for reading: that one stays open, and its position stays
 * @param options.start the offset of the first byte; `end`: of the last one. For a Range request set status 206 and
 *   Content-Range yourself
 * @param options.signal aborts it: rejects with `signal.reason`
 * @param options.timeout the longest time in which nothing moves, in milliseconds: rejects with ETIMEDOUT
 * @throws {Error} ENOENT, EACCES, EMFILE; `ERR_STREAM_PREMATURE_CLOSE` if the connection closes before;
 *   `ERR_HTTP_CONTENT_LENGTH_MISMATCH`; `ERR_STREAM_WRITE_AFTER_END`; `ERR_INVALID_STATE`
 * @throws {SockError} EPIPE, ECONNRESET, ETIMEDOUT; `ERR_SOCK_FILE_TRUNCATED` if the file got shorter meanwhile
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` if it is no regular file
 * @throws {RangeError} `ERR_OUT_OF_RANGE`
 * @see sendfile(2)
 *
 * @example
 * http.createServer((request, response) => {
 *   response.setHeader('Content-Type', 'video/mp4');
 *   sendFile(response, 'film.mp4').catch(() => response.headersSent || response.writeHead(404).end());
 * });
 */
export async function sendFile(
  response: FileResponse,
  file: FileToSend,
  options: SendFileOptions = {},
): Promise<SentFile> {
  checkResponse(response);
  checkWaitOptions(options);
  const { signal, timeout, start, end, progress, Socket: SocketOf } = options;
  const [first, last] = rangeOf(start, end);
  const counted = new ByteCount(progress);
  if (SocketOf !== undefined && typeof SocketOf !== 'function') {
    throw wrongType('options.Socket', 'the Socket class of a backend');
  }
  checkOpen(response);
  if (signal?.aborted === true) throw signal.reason;
  const wait = { signal, timeout };
  const isOverridden = hasOwnWrite(response);
  const reserved = reserve(response);
  try {
    const source = await FileSource.open(file);
    try {
      const part = await source.part(first, last);
      const body = { response, reserved, source, part, wait, counted };
      const copied = await send(body, isOverridden, SocketOf);
      return { bytes: counted.bytes, copied };
    } finally {
      await source.close();
    }
  } finally {
    reserved.release();
  }
}

function rangeOf(start = 0, end = Number.MAX_SAFE_INTEGER): [first: number, last: number] {
  for (const [name, value] of [
    ['start', start],
    ['end', end],
  ] as const) {
    if (typeof value !== 'number') throw wrongType(`options.${name}`, 'a number');
    if (!Number.isSafeInteger(value) || value < 0) {
      throw outOfRange(`The value of "options.${name}" must be an integer >= 0: ${value}`);
    }
  }
  if (start > end + 1) throw outOfRange(`options.start ${start} is after options.end ${end}`);
  return [start, end];
}

/** One file on its way. */
interface Body {
  readonly response: FileResponse;
  readonly reserved: ReturnType<typeof reserve>;
  readonly source: FileSource;
  readonly part: FilePart;
  readonly wait: WaitOptions;
  readonly counted: ByteCount;
}

/** Returns whether the bytes were copied. */
async function send(
  body: Body,
  isOverridden: boolean,
  SocketOf: SocketClass | undefined,
): Promise<boolean> {
  const { response, reserved, wait } = body;
  if (!isOverridden && response.socket === null) await eventOf(response, 'socket', wait);
  if (wait.signal?.aborted === true) throw wait.signal.reason;
  if (isGone(response)) throw closedEarly();
  announce(response, body.part);
  try {
    let copied = false;
    sendHead(response);
    if (!isBodiless(response)) {
      const socket = isOverridden ? undefined : plainSocket(response);
      if (socket === undefined) {
        copied = true;
        await throughMemory(body, async (chunk) => {
          if (!reserved.write(chunk)) await eventOf(response, 'drain', wait);
        });
      } else {
        const from = SocketOf === undefined ? {} : { Socket: SocketOf };
        copied = await belowStream(body, socket, sockRef(socket, from));
      }
    }
    const finished = eventOf(response, 'finish', wait);
    end(response as http.ServerResponse, reserved);
    await finished;
    return copied;
  } catch (error) {
    const wasGone = isGone(response);
    // Without the error: node would report it to the server as one of the client's.
    response.destroy();
    // Node has closed the descriptor, and the Socket that borrowed it.
    if (wasGone && (error as SockError).code === 'EBADF') throw closedEarly(error);
    throw error;
  }
}

/** Ends the response. Node would miss the bytes that it has not seen, if it was told to count them. */
function end(response: http.ServerResponse, reserved: Body['reserved']): void {
  const { strictContentLength } = response;
  if (!strictContentLength) {
    reserved.end();
    return;
  }
  response.strictContentLength = false;
  try {
    reserved.end();
  } finally {
    response.strictContentLength = strictContentLength;
  }
}

/** The socket that a response is sent on, if it has a descriptor and sends the bytes as they are. */
function plainSocket({ socket }: FileResponse): net.Socket | undefined {
  if (runtime !== 'node' || process.platform === 'win32') return undefined;
  if (!(socket instanceof net.Socket) || 'encrypted' in socket) return undefined;
  return (handleOf(socket)?.fd ?? -1) >= 0 ? socket : undefined;
}

/** Whether a system refuses sendfile(2) for this kind of file or socket. It takes the bytes by write(2). */
const isRefused = (driver: Driver, result: number): boolean =>
  result === -EUNSUPPORTED ||
  ['EINVAL', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP'].some((name) => isError(driver, result, name));

/** Sends below node's stream, while the stream holds back what it is given. Returns whether it had to copy. */
async function belowStream(body: Body, socket: net.Socket, view: Socket): Promise<boolean> {
  const { response, part, wait, counted } = body;
  while (response.writableCorked > 0) response.uncork();
  while (socket.writableCorked > 0) socket.uncork();
  const isChunk = isChunked(response) && part.length > 0;
  if (isChunk) socket.write(`${part.length.toString(16)}\r\n`);
  await flushed(socket, view, wait);
  let refused: boolean;
  socket.cork();
  try {
    refused = !(await throughSystem(body, socket, view));
  } finally {
    socket.uncork();
  }
  if (refused) {
    await throughMemory(body, async (chunk) => {
      socket.write(chunk);
      await flushed(socket, view, wait);
    });
  }
  if (isChunk) socket.write('\r\n');
  return refused && counted.bytes > 0;
}

/** Waits until the system has what node's stream was given. */
async function flushed(socket: net.Socket, view: Socket, wait: WaitOptions): Promise<void> {
  while (socket.writableLength > 0) {
    await view.writable(wait);
    // Node writes when the loop turns, since it waits for the same.
    await nextTurn();
  }
}

/** `false` if the system refuses it for this file or socket: nothing has moved then. */
async function throughSystem(
  { source, part: { start, length }, wait, counted }: Body,
  socket: net.Socket,
  view: Socket,
): Promise<boolean> {
  const driver = driverOf(view);
  if (driver.sendFile === undefined) return false;
  for (let turns = 1; counted.bytes < length; turns++) {
    const most = Math.min(PIECE, length - counted.bytes);
    const sent = driver.sendFile(view.asRawFd(), source.fd, start + counted.bytes, most);
    if (isBlocked(driver, sent)) await view.writable(wait);
    else if (counted.bytes === 0 && isRefused(driver, sent)) return false;
    else {
      if (check(driver, sent, 'sendfile') === 0) throw truncated(counted, length);
      counted.add(sent);
      restartTimer(socket);
      if (turns % FAIR === 0) await nextTurn();
    }
    if (wait.signal?.aborted === true) throw wait.signal.reason;
  }
  return true;
}

/** Tells the socket that it is not idle: its own time-out counts from the last write that it knows of. */
function restartTimer(socket: net.Socket): void {
  (socket as unknown as { _unrefTimer?: () => void })._unrefTimer?.();
}

async function throughMemory(
  { source, part: { start, length }, wait, counted }: Body,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  while (counted.bytes < length) {
    // A new one each time: the stream keeps it until it is written.
    const chunk = new Uint8Array(Math.min(COPIED_PIECE, length - counted.bytes));
    const count = await source.read(chunk, start + counted.bytes);
    if (count === 0) throw truncated(counted, length);
    if (wait.signal?.aborted === true) throw wait.signal.reason;
    await write(chunk.subarray(0, count));
    counted.add(count);
  }
}

const truncated = ({ bytes }: ByteCount, length: number): SockError =>
  new SockError('ERR_SOCK_FILE_TRUNCATED', {
    syscall: 'sendfile',
    message: `sendFile: the file ended after ${bytes} of ${length} bytes`,
  });
