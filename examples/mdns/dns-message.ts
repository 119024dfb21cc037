/** Messages of DNS, as multicast DNS uses them: RFC 1035, section 4; RFC 6762, section 18. */

export const RecordType = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const;
const INTERNET = 1;
/** Of the class. In a question: asks for a unicast answer. In a record: it is unique. RFC 6762, 18.12 and 18.13. */
const TOP_BIT = 0x8000;
const IS_ANSWER = 0x8400;
/** A name has at most 255 bytes (RFC 1035, 2.3.4), so at most 127 labels. */
const MOST_LABELS = 127;

export interface Question {
  readonly name: string;
  readonly type: number;
  /** Whether the answer may come by unicast. */
  readonly unicast: boolean;
}

/** `data` is the text of an address, the name that a PTR points to, the target of a SRV, or the strings of a TXT. */
export interface DnsRecord {
  readonly name: string;
  readonly type: number;
  /** In seconds. 0: the record is no longer true. */
  readonly ttl: number;
  /** Whether nobody else has a record of this name and type, so that older ones are out of date. */
  readonly isUnique: boolean;
  readonly data: string | { readonly port: number; readonly target: string } | readonly string[];
}

export interface DnsMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly questions: readonly Question[];
  readonly records: readonly DnsRecord[];
}

/** Labels are separated by points; a point inside of a label is written `\.`. */
const labelsOf = (name: string): string[] =>
  name.split(/(?<!\\)\./).map((label) => label.replaceAll('\\.', '.'));

class Writer {
  readonly #bytes: number[] = [];

  u16(value: number): void {
    this.#bytes.push((value >> 8) & 0xff, value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  text(text: string, most: number): void {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > most) throw new RangeError(`longer than ${most} bytes: ${text}`);
    this.#bytes.push(bytes.length, ...bytes);
  }

  name(name: string): void {
    for (const label of labelsOf(name)) this.text(label, 63);
    this.#bytes.push(0);
  }

  /** Writes the length of what `write` writes, and then that. */
  sized(write: (writer: Writer) => void): void {
    const inner = new Writer();
    write(inner);
    const bytes = inner.done();
    this.u16(bytes.length);
    this.#bytes.push(...bytes);
  }

  raw(bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** Encodes a message without the compression of names. */
export function encode({ id, isAnswer, questions, records }: DnsMessage): Uint8Array {
  const writer = new Writer();
  for (const field of [id, isAnswer ? IS_ANSWER : 0, questions.length, records.length, 0, 0]) {
    writer.u16(field);
  }
  for (const { name, type, unicast } of questions) {
    writer.name(name);
    writer.u16(type);
    writer.u16(INTERNET | (unicast ? TOP_BIT : 0));
  }
  for (const { name, type, ttl, isUnique, data } of records) {
    writer.name(name);
    writer.u16(type);
    writer.u16(INTERNET | (isUnique ? TOP_BIT : 0));
    writer.u32(ttl);
    writer.sized((inner) => writeData(inner, type, data));
  }
  return writer.done();
}

function writeData(writer: Writer, type: number, data: DnsRecord['data']): void {
  if (typeof data !== 'string' && 'port' in data) {
    writer.u16(0); // priority
    writer.u16(0); // weight
    writer.u16(data.port);
    writer.name(data.target);
  } else if (typeof data !== 'string') {
    for (const text of data.length === 0 ? [''] : data) writer.text(text, 255);
  } else if (type === RecordType.A) writer.raw(data.split('.').map(Number));
  else writer.name(data);
}

class Reader {
  at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u16(): number {
    const value = this.#view.getUint16(this.at);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.#view.getUint32(this.at);
    this.at += 4;
    return value;
  }

  /** A name. It may go on at an earlier place: RFC 1035, section 4.1.4. */
  name(): string {
    const labels: string[] = [];
    let after: number | undefined;
    for (let at = this.at; ;) {
      const length = this.#view.getUint8(at);
      if (length >= 0xc0) {
        const target = this.#view.getUint16(at) & 0x3fff;
        // Only backwards, so that a message can't send its reader round in circles.
        if (target >= at) throw new RangeError('a name points forwards');
        after ??= at + 2;
        at = target;
      } else if (length > 63 || labels.length > MOST_LABELS) throw new RangeError('no name');
      else if (length === 0) {
        this.at = after ?? at + 1;
        return labels.join('.');
      } else {
        const label = this.bytes.subarray(at + 1, at + 1 + length);
        if (label.length < length) throw new RangeError('a name is cut off');
        labels.push(new TextDecoder().decode(label).replaceAll('.', '\\.'));
        at += 1 + length;
      }
    }
  }
}

/** Decodes a message. `undefined` for anything else: everybody can send to the group. */
export function decode(bytes: Uint8Array): DnsMessage | undefined {
  try {
    const reader = new Reader(bytes);
    const [id, flags, asked, answers, authorities, more] = Array.from({ length: 6 }, () =>
      reader.u16(),
    ) as [number, number, number, number, number, number];
    const questions = Array.from({ length: asked }, () => {
      const [name, type, of] = [reader.name(), reader.u16(), reader.u16()];
      return { name, type, unicast: (of & TOP_BIT) !== 0 };
    });
    const records = Array.from({ length: answers + authorities + more }, () => readRecord(reader));
    return { id, isAnswer: (flags & 0x8000) !== 0, questions, records };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRecord(reader: Reader): DnsRecord {
  const [name, type] = [reader.name(), reader.u16()];
  const isUnique = (reader.u16() & TOP_BIT) !== 0;
  const [ttl, length] = [reader.u32(), reader.u16()];
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new RangeError('a record is cut off');
  const data = readData(reader, type, end);
  reader.at = end;
  return { name, type, ttl, isUnique, data };
}

function readData(reader: Reader, type: number, end: number): DnsRecord['data'] {
  const bytes = reader.bytes.subarray(reader.at, end);
  if (type === RecordType.A && bytes.length === 4) return bytes.join('.');
  if (type === RecordType.PTR) return reader.name();
  if (type === RecordType.SRV) {
    reader.at += 4; // priority and weight
    return { port: reader.u16(), target: reader.name() };
  }
  const texts: string[] = [];
  for (let at = 0; type === RecordType.TXT && at < bytes.length;) {
    const next = at + 1 + (bytes[at] as number);
    texts.push(new TextDecoder().decode(bytes.subarray(at + 1, next)));
    at = next;
  }
  return texts;
}
