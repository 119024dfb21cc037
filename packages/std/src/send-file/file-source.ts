/** The file that is sent: opened by its path, or one that the caller has open. */
import { constants, fstat, read } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { invalidArgument, nodeError, outOfRange, wrongType } from '../node-errors.js';

/** Without O_NONBLOCK, opening a named pipe takes a thread of node's few until somebody opens its other end. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const statOf = promisify(fstat);
const readFrom = promisify(read);

/** A path, or a file that is open for reading: the caller closes it, and its position stays as it is. */
export type FileToSend = string | URL | FileHandle | number;

/** The part of a file that is sent. */
export interface FilePart {
  /** The offset of its first byte. */
  readonly start: number;
  /** In bytes. */
  readonly length: number;
}

/** An open regular file. */
export class FileSource {
  readonly #handle: FileHandle | number;
  readonly #isOwn: boolean;

  private constructor(handle: FileHandle | number, isOwn: boolean) {
    this.#handle = handle;
    this.#isOwn = isOwn;
  }

  /** @throws {Error} ENOENT, EACCES, EMFILE; {@link TypeError} for what names no file */
  static async open(file: FileToSend): Promise<FileSource> {
    if (typeof file === 'string' || file instanceof URL) {
      return new FileSource(await open(file, READ), true);
    }
    if (typeof file === 'number') {
      if (Number.isInteger(file) && file >= 0 && file <= 0x7fffffff) {
        return new FileSource(file, false);
      }
      throw outOfRange(`The value of "file" must be a file descriptor: ${file}`);
    }
    if (typeof file?.fd !== 'number' || typeof file.stat !== 'function') {
      throw wrongType('file', 'a path, a URL, a FileHandle or a file descriptor');
    }
    return new FileSource(file, false);
  }

  /** The descriptor. Read before each use: the caller may have closed the file. @throws {Error} EBADF */
  get fd(): number {
    const handle = this.#handle;
    const fd = typeof handle === 'number' ? handle : handle.fd;
    if (fd >= 0) return fd;
    throw nodeError('EBADF', 'EBADF: the file is closed');
  }

  /**
   * The part from `start` to `end`, or to the end of the file if that comes before.
   * @throws {RangeError} `ERR_OUT_OF_RANGE` if the file ends before `start`
   * @throws {TypeError} `ERR_INVALID_ARG_VALUE` if it is no regular file: others have no length
   */
  async part(start: number, end: number): Promise<FilePart> {
    const stats = await statOf(this.fd);
    if (!stats.isFile()) {
      throw invalidArgument('ERR_INVALID_ARG_VALUE', 'The "file" argument must be a regular file');
    }
    if (start > stats.size) {
      throw outOfRange(`options.start is ${start}, and the file has ${stats.size} bytes`);
    }
    return { start, length: Math.max(0, Math.min(end, stats.size - 1) - start + 1) };
  }

  /** Reads at an offset. Returns the number of bytes, 0 at the end. */
  async read(into: Uint8Array, offset: number): Promise<number> {
    const { bytesRead } = await readFrom(this.fd, into, 0, into.length, offset);
    return bytesRead;
  }

  /** Closes the file if it was opened by its path. */
  async close(): Promise<void> {
    if (this.#isOwn) await (this.#handle as FileHandle).close();
  }
}
