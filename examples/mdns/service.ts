import { type DnsRecord, type Question, RecordType } from './dns-message.js';

export interface ServiceInit {
  readonly name: string;
  /** Such as `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  readonly text: readonly string[];
  readonly host: string;
  readonly address: string;
}

/** RFC 6762, section 10: records that hold the name of a host, and others. In seconds. */
const [HOST_TTL, TTL] = [120, 4500];

/** The records of a service: RFC 6763. */
export class Service {
  readonly instance: string;
  readonly records: readonly DnsRecord[];

  constructor({ name, type, port, text, host, address }: ServiceInit) {
    const [service, target] = [`${type}.local`, `${host}.local`];
    // A point in the name belongs to the name.
    this.instance = `${name.replaceAll('.', '\\.')}.${service}`;
    const record = (of: string, kind: number, ttl: number, data: DnsRecord['data']): DnsRecord => ({
      name: of,
      type: kind,
      ttl,
      isUnique: kind !== RecordType.PTR,
      data,
    });
    this.records = [
      record('_services._dns-sd._udp.local', RecordType.PTR, TTL, service),
      record(service, RecordType.PTR, TTL, this.instance),
      record(this.instance, RecordType.SRV, HOST_TTL, { port, target }),
      record(this.instance, RecordType.TXT, TTL, text),
      record(target, RecordType.A, HOST_TTL, address),
    ];
  }

  /** The records that answer the questions, and then those that the asker will ask for next. */
  answers(questions: readonly Question[]): DnsRecord[] {
    const found = this.records.filter((record) =>
      questions.some(
        ({ name, type }) =>
          // RFC 6762, section 16: names are compared without regard to case.
          name.toLowerCase() === record.name.toLowerCase() &&
          (type === record.type || type === RecordType.ANY),
      ),
    );
    if (!found.some(({ data }) => data === this.instance)) return found;
    return [...new Set([...found, ...this.records.slice(2)])];
  }
}
