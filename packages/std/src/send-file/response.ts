/** The parts of an http response that sendFile needs: its head, its turn on the connection, and its end. */
import http from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type net from 'node:net';
import { SockError, type WaitOptions } from '@sock/core';
import { nodeError, wrongType } from '../node-errors.js';
import { onEnd } from '../wait-options.js';
import type { FilePart } from './file-source.js';

/** A response of `node:http`, `node:https`, or `node:http2`'s compatible interface. */
export type FileResponse = http.ServerResponse | Http2ServerResponse;

/** Sends the head. The class of http2 has it too, without a word in its types. */
export function sendHead(response: FileResponse): void {
  (response as http.ServerResponse).flushHeaders();
}

/** Members that node does not document. They are read only, and a response of another class lacks them. */
interface Internals {
  /** False for the answer to HEAD, and for the status 204 and 304. */
  readonly _hasBody?: boolean;
  /** The length in the head that was made. */
  readonly _contentLength?: number | null;
  /** Whether the head was given to the connection. */
  readonly _headerSent?: boolean;
  readonly chunkedEncoding?: boolean;
}

/** @throws {TypeError} `ERR_INVALID_ARG_TYPE` */
export function checkResponse(response: FileResponse): void {
  const { flushHeaders, write, end, destroy, once } = (response ??
    {}) as Partial<http.ServerResponse>;
  const methods = [flushHeaders, write, end, destroy, once];
  if (methods.every((method) => typeof method === 'function')) return;
  throw wrongType('response', 'an http.ServerResponse');
}

/** @throws {Error} `ERR_STREAM_WRITE_AFTER_END`, `ERR_STREAM_PREMATURE_CLOSE`, `ERR_INVALID_STATE` */
export function checkOpen(response: FileResponse): void {
  if (isGone(response)) throw closedEarly();
  if (response.writableEnded) {
    throw nodeError('ERR_STREAM_WRITE_AFTER_END', 'sendFile: the response has ended');
  }
}

export const isGone = (response: FileResponse): boolean =>
  response.destroyed === true ||
  (response.socket as net.Socket | null)?.destroyed === true ||
  response.req?.socket?.destroyed === true;

/** The connection closed before the response was sent. It is what `stream.pipeline` reports then. */
export const closedEarly = (cause?: unknown): Error =>
  nodeError(
    'ERR_STREAM_PREMATURE_CLOSE',
    'sendFile: the connection closed before the file was sent',
    { cause },
  );

/** Whether the program, or what it uses, has its own `write`: it wants to see the bytes, for instance to compress them. */
export const hasOwnWrite = (response: FileResponse): boolean =>
  response.write !== http.ServerResponse.prototype.write;

/** Whether this response has no body, whatever its head says. Known once the head is made. */
export const isBodiless = (response: FileResponse): boolean =>
  (response as Internals)._hasBody === false ||
  response.req?.method === 'HEAD' ||
  hasNoLength(response);

/** RFC 9110, 8.6: neither status has a body, and the length of another one means nothing. */
const hasNoLength = ({ statusCode }: FileResponse): boolean =>
  statusCode === 204 || statusCode === 304;

/** Whether the body is sent in chunks, each with its length before it. */
export const isChunked = (response: FileResponse): boolean =>
  (response as Internals).chunkedEncoding === true;

/**
 * Gives the head a Content-Length, unless it has one or has a Transfer-Encoding.
 * @throws {Error} `ERR_HTTP_CONTENT_LENGTH_MISMATCH` if it has another length. If the program may have written a part of
 *   the body, only a length that is too short is known to be wrong
 */
export function announce(response: FileResponse, { length }: FilePart): void {
  if (hasNoLength(response)) return;
  const { headersSent } = response;
  const { _contentLength, _headerSent } = response as Internals;
  const announced = headersSent ? _contentLength : response.getHeader('content-length');
  if (announced === undefined || announced === null) {
    if (headersSent || response.hasHeader('transfer-encoding')) return;
    response.setHeader('Content-Length', length);
    return;
  }
  const fits = _headerSent === true ? Number(announced) >= length : Number(announced) === length;
  if (fits) return;
  throw nodeError(
    'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
    `sendFile: the file has ${length} bytes, and the Content-Length is ${String(announced)}`,
  );
}

/**
 * Waits for an event of the response.
 * @throws {Error} `ERR_STREAM_PREMATURE_CLOSE` if the connection closes before; ETIMEDOUT; the reason of the signal
 */
export function eventOf(
  response: FileResponse,
  event: 'socket' | 'drain' | 'finish',
  { signal, timeout }: WaitOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    // A response that has no turn yet is not told when the connection closes.
    const connection = response instanceof http.ServerResponse ? response.req?.socket : undefined;
    const settle = (settled: () => void): void => {
      stop();
      response.off(event, happened);
      response.off('close', closed);
      connection?.off('close', closed);
      settled();
    };
    const happened = (): void => settle(resolve);
    const closed = (): void => settle(() => reject(closedEarly()));
    const stop = onEnd(signal, timeout, (reason, timedOut) =>
      settle(() => reject(timedOut ? timedOutError() : reason)),
    );
    response.once(event, happened);
    response.once('close', closed);
    connection?.once('close', closed);
    if (signal?.aborted === true) settle(() => reject(signal.reason));
    else if (isGone(response)) closed();
  });
}

const timedOutError = (): SockError => new SockError('ETIMEDOUT', { syscall: 'sendfile' });

const sending = new WeakSet<FileResponse>();

/**
 * Keeps others from writing to the response or ending it: their bytes would get between those of the file.
 * @returns the response's own methods, and how to give them back
 * @throws {Error} `ERR_INVALID_STATE` if another sendFile has it
 */
export function reserve(response: FileResponse): {
  write(chunk: Uint8Array): boolean;
  end(): void;
  release(): void;
} {
  if (sending.has(response)) throw busy('sendFile');
  sending.add(response);
  const names = ['write', 'end'] as const;
  const own = names.map((name) => Object.getOwnPropertyDescriptor(response, name));
  const { write, end } = response;
  for (const name of names) {
    Object.defineProperty(response, name, {
      configurable: true,
      writable: true,
      value: () => {
        throw busy(`response.${name}`);
      },
    });
  }
  const release = (): void => {
    if (!sending.delete(response)) return;
    for (const [index, name] of names.entries()) {
      const descriptor = own[index];
      if (descriptor === undefined) Reflect.deleteProperty(response, name);
      else Object.defineProperty(response, name, descriptor);
    }
  };
  return {
    write: (chunk) => Reflect.apply(write, response, [chunk]) as boolean,
    end(): void {
      release();
      Reflect.apply(end, response, []);
    },
    release,
  };
}

const busy = (call: string): Error =>
  nodeError('ERR_INVALID_STATE', `${call}: sendFile is sending a file on this response`);
