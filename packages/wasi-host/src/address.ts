/** Addresses of IPv4 and IPv6 as the interface has them, and as text. */

/** An address and a port. `bytes` are 4 or 16. */
export class Address {
  constructor(
    readonly family: 4 | 6,
    readonly port: number,
    readonly bytes: Uint8Array,
    readonly flowinfo = 0,
    readonly scopeId = 0,
  ) {}

  /** The unspecified address of a family with port 0: the system chooses both. */
  static any(family: 4 | 6): Address {
    return new Address(family, 0, new Uint8Array(family === 4 ? 4 : 16));
  }

  get isUnspecified(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }

  get isMulticast(): boolean {
    const first = this.bytes[0] as number;
    return this.family === 4 ? (first & 0xf0) === 0xe0 : first === 0xff;
  }

  get isBroadcast(): boolean {
    return this.family === 4 && this.bytes.every((byte) => byte === 255);
  }

  get isV4Mapped(): boolean {
    const { bytes } = this;
    if (this.family === 4 || bytes[10] !== 255 || bytes[11] !== 255) return false;
    return bytes.subarray(0, 10).every((byte) => byte === 0);
  }

  equals({ family, port, bytes, scopeId }: Address): boolean {
    return (
      family === this.family &&
      port === this.port &&
      scopeId === this.scopeId &&
      bytes.every((byte, at) => byte === this.bytes[at])
    );
  }

  toString(): string {
    const text = addressText(this.bytes);
    return this.family === 4 ? `${text}:${this.port}` : `[${text}]:${this.port}`;
  }
}

/** The text of 4 or 16 bytes: RFC 5952 for IPv6. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] as number) << 8) | (bytes[2 * at + 1] as number)).toString(16),
  );
  let [start, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && words[end] === '0') end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (start < 0) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

function parseV4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  // A leading zero would be octal to inet_aton(3): refused, so that two readers can't disagree.
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined;
  const bytes = parts.map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : Uint8Array.from(bytes);
}

function words(text: string): number[] | undefined {
  if (text === '') return [];
  const list: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) list.push(Number.parseInt(part, 16));
    else {
      const v4 = at === parts.length - 1 ? parseV4(part) : undefined;
      if (v4 === undefined) return undefined;
      const [a, b, c, d] = v4 as unknown as [number, number, number, number];
      list.push((a << 8) | b, (c << 8) | d);
    }
  }
  return list;
}

/** The bytes of a numeric address without port and zone, or `undefined`. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return parseV4(text);
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = words(halves[0] as string);
  const tail = halves.length === 2 ? words(halves[1] as string) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 255]));
}
