/** Both ends send as many bytes as agreed on one stream, and compute the SHA-256 of what they send and receive. */
import { type Cipher, createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { Stack, StackEvent } from './stack.js';

const PIECE = 1 << 18;
const zeros = new Uint8Array(PIECE);

export interface ExchangeResult {
  readonly sent: number;
  readonly received: number;
  readonly sentSha256: string;
  readonly receivedSha256: string;
}

/** One end of an exchange. */
export class Exchange {
  readonly #stack: Stack;
  readonly #connection: number;
  readonly #stream: number;
  readonly #bytes: number;
  readonly #cipher: Cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  readonly #sentHash = createHash('sha256');
  readonly #receivedHash = createHash('sha256');
  readonly #buffer = new Uint8Array(PIECE);
  #piece: Uint8Array = new Uint8Array(0);
  #sent = 0;
  #received = 0;
  #isAcknowledged = false;
  #isEnded = false;

  constructor(stack: Stack, connection: number, stream: number, bytes: number) {
    this.#stack = stack;
    this.#connection = connection;
    this.#stream = stream;
    this.#bytes = bytes;
    this.#write();
    this.#read();
  }

  /** Whether all was received, and the peer acknowledged all that was sent. */
  get isDone(): boolean {
    return this.#isAcknowledged && this.#isEnded;
  }

  handle({ kind, stream }: StackEvent): void {
    if (stream !== this.#stream) return;
    if (kind === 'writable') this.#write();
    if (kind === 'readable') this.#read();
    if (kind === 'finished') this.#isAcknowledged = true;
    if (kind === 'stopped') throw new Error('the peer wants no more of the stream');
  }

  #write(): void {
    while (this.#sent < this.#bytes) {
      if (this.#piece.length === 0) {
        const left = Math.min(PIECE, this.#bytes - this.#sent);
        this.#piece = this.#cipher.update(zeros.subarray(0, left));
        this.#sentHash.update(this.#piece);
      }
      const taken = this.#stack.write(this.#connection, this.#stream, this.#piece);
      if (taken === 0) return;
      this.#piece = this.#piece.subarray(taken);
      this.#sent += taken;
      if (this.#sent === this.#bytes) this.#stack.finish(this.#connection, this.#stream);
    }
  }

  #read(): void {
    while (!this.#isEnded) {
      const length = this.#stack.read(this.#connection, this.#stream, this.#buffer);
      if (length === 0) return;
      if (length < 0) this.#isEnded = true;
      else {
        this.#receivedHash.update(this.#buffer.subarray(0, length));
        this.#received += length;
      }
    }
  }

  /** Call it once, at the end. */
  result(): ExchangeResult {
    return {
      sent: this.#sent,
      received: this.#received,
      sentSha256: this.#sentHash.digest('hex'),
      receivedSha256: this.#receivedHash.digest('hex'),
    };
  }
}
