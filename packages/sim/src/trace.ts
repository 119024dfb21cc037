/** What happened, in order: readable text, a digest of everything, and packets for a capture. */
import { describePacket, type Packet, sizeOf, TTL } from './packet.js';

/** How a packet fared. */
export type Fate =
  | 'arrives'
  | 'lost'
  | 'partition'
  | 'host down'
  | 'blackhole'
  | 'refused'
  | 'dropped'
  | 'duplicate';

interface PacketEntry {
  readonly time: number;
  readonly from: string;
  readonly to: string;
  readonly packet: Packet;
  readonly fate: Fate;
  /** When it arrives; the same as `time` where there is no latency. */
  readonly arrival: number;
  /** Its number among those between different hosts, from 0; -1 on one host. */
  readonly index: number;
}

interface NoteEntry {
  readonly time: number;
  readonly text: string;
}

/** One line of a trace. */
export type TraceEntry = PacketEntry | NoteEntry;

const timeText = (time: number): string => time.toFixed(3);

function lineOf(entry: TraceEntry): string {
  const time = timeText(entry.time).padStart(12);
  if ('text' in entry) return `${time}  ${entry.text}`;
  const { from, to, packet, fate, arrival, index } = entry;
  const number = index < 0 ? '' : `#${index} `;
  let end: string = fate;
  if (fate === 'arrives' || fate === 'duplicate') {
    end = arrival === entry.time ? '' : `arrives ${timeText(arrival)}`;
    if (fate === 'duplicate') end = `again, ${end}`;
  }
  return `${time}  ${from} > ${to}  ${number}${describePacket(packet)}${end === '' ? '' : `  [${end}]`}`;
}

/** The record of a network. */
export class Trace {
  /** A ring: the entry after the last is the oldest. */
  readonly #ring: TraceEntry[] = [];
  #next = 0;
  #count = 0;
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  /** @param limit how many entries are kept; older ones are forgotten, but count in the digest */
  constructor(readonly limit: number) {}

  /** How many entries there ever were. */
  get count(): number {
    return this.#count;
  }

  #add(entry: TraceEntry): void {
    this.#count += 1;
    if (this.limit === 0) return;
    this.#ring[this.#next] = entry;
    this.#next = this.#next + 1 === this.limit ? 0 : this.#next + 1;
  }

  #mix(number: number): void {
    this.#low = Math.imul(this.#low ^ (number | 0), 0x01000193);
    this.#high = Math.imul(this.#high ^ (number | 0) ^ (this.#low >>> 15), 0x5bd1e995);
  }

  /** A packet was sent. */
  packet(
    time: number,
    from: string,
    to: string,
    packet: Packet,
    fate: Fate,
    arrival: number,
    index: number,
  ): void {
    this.#mix(time * 1000);
    this.#mix(arrival * 1000);
    this.#mix(sizeOf(packet));
    if (packet.protocol !== 'icmp') {
      this.#mix((packet.sourcePort << 16) | packet.destinationPort);
      if (packet.protocol === 'tcp') this.#mix((packet.flags << 24) ^ packet.sequence);
      // The digest of a program that sets neither is what it was before packets had them.
      if (packet.tos !== 0) this.#mix(packet.tos);
      if (packet.ttl !== TTL) this.#mix(packet.ttl << 8);
    }
    this.#mix(fate.length);
    this.#add({ time, from, to, packet, fate, arrival, index });
  }

  /** Anything else: a fault, or a note of the program. */
  note(time: number, text: string): void {
    this.#mix(time * 1000);
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#add({ time, text });
  }

  /** 16 hexadecimal digits that stand for everything that ever happened. */
  get digest(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  /** The entries that are kept, oldest first. */
  *entries(): Generator<TraceEntry> {
    const length = this.#ring.length;
    const start = length < this.limit ? 0 : this.#next;
    for (let i = 0; i < length; i++) yield this.#ring[(start + i) % length] as TraceEntry;
  }

  /** The last lines. */
  text(last = Infinity): string {
    const lines: string[] = [];
    const kept = this.#ring.length;
    const skip = Math.max(0, kept - last);
    const forgotten = this.#count - Math.min(kept, last);
    if (forgotten > 0) lines.push(`... ${forgotten} entries before`);
    let at = 0;
    for (const entry of this.entries()) if (at++ >= skip) lines.push(lineOf(entry));
    return lines.join('\n');
  }
}
