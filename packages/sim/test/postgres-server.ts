/** Enough of a PostgreSQL server for pg's client: start-up without a password, and simple queries. */
import type { Socket as NetSocket } from 'node:net';

/** A message of the server: protocol 3.0, https://www.postgresql.org/docs/current/protocol-message-formats.html. */
function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value & 65_535)]);
/** The number of the type `text`. */
const TEXT = 25;
const READY = message('Z', 'I');

/** A table of one row and one column of text. */
function table(column: string, value: string): Buffer {
  const description = [
    int16(1),
    `${column}\0`,
    int32(0),
    int16(0),
    int32(TEXT),
    int16(-1),
    int32(-1),
    int16(0),
  ];
  return Buffer.concat([
    message('T', ...description),
    message('D', int16(1), int32(Buffer.byteLength(value)), value),
    message('C', 'SELECT 1\0'),
    READY,
  ]);
}

/** Answers a client: each query with what `answer` makes of its text. */
export async function servePostgres(
  connection: NetSocket,
  answer: (query: string) => string,
): Promise<void> {
  let bytes = Buffer.alloc(0);
  let started = false;
  for await (const chunk of connection) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    for (;;) {
      // The first message has no type.
      const head = started ? 1 : 0;
      if (bytes.length < head + 4) break;
      const end = head + bytes.readInt32BE(head);
      if (bytes.length < end) break;
      const [type, body] = [String.fromCharCode(bytes[0] as number), bytes.subarray(head + 4, end)];
      bytes = bytes.subarray(end);
      if (!started) {
        started = true;
        connection.write(Buffer.concat([message('R', int32(0)), READY]));
      } else if (type === 'Q')
        connection.write(table('answer', answer(body.toString('utf8', 0, body.length - 1))));
      else if (type === 'X') connection.end();
    }
  }
}
