/** Faults as data: what a schedule is made of, what a seed draws, what shrinks. */

/** How packets fare between hosts. */
export interface LinkConditions {
  /** How long a packet takes, one way, in milliseconds. Default 0. */
  readonly latency?: number;
  /** Up to so much more, each packet by itself, in order nevertheless; in milliseconds. */
  readonly jitter?: number;
  /** The share of packets that is lost, 0 to 1. */
  readonly loss?: number;
  /** The share of packets that arrives twice, 0 to 1. */
  readonly duplicate?: number;
  /** The share of packets that is overtaken by later ones, 0 to 1. */
  readonly reorder?: number;
  /** Bytes a second, one way; default as many as you like. */
  readonly bandwidth?: number;
  /** The largest packet, with its IP header, in bytes. Default 1500. */
  readonly mtu?: number;
}

/** When a fault begins, in milliseconds from when it is injected, and how long it lasts: without end by default. */
interface Period {
  readonly at?: number;
  readonly for?: number;
}

/** The calls that can be made to fail. */
export type CallName =
  | 'socket'
  | 'bind'
  | 'connect'
  | 'listen'
  | 'accept'
  | 'send'
  | 'recv'
  | 'close';

/** Hosts are given by name or address; `'*'`, where it is allowed, is any. */
export type Fault =
  /** Nothing gets from one host to another; nor back, unless `oneWay`. */
  | ({
      readonly kind: 'partition';
      readonly from: string;
      readonly to: string;
      readonly oneWay?: boolean;
    } & Period)
  /** Other conditions on the way from one host to another. */
  | ({
      readonly kind: 'link';
      readonly from: string;
      readonly to: string;
      readonly conditions: LinkConditions;
    } & Period)
  /** The host is gone, with its sockets; with `for` it starts again afterwards. */
  | ({ readonly kind: 'crash'; readonly host: string } & Period)
  /** The programs of a host read nothing: what is sent to them fills their buffers. */
  | ({ readonly kind: 'stopReading'; readonly host: string } & Period)
  /** The next connection that carries so many bytes in this direction is reset there. */
  | ({
      readonly kind: 'reset';
      readonly from: string;
      readonly to: string;
      readonly port?: number;
      readonly afterBytes: number;
    } & Period)
  /** Connections to a host are refused, or get no answer. `count`: so many of them. */
  | ({
      readonly kind: 'refuse' | 'blackhole';
      readonly to: string;
      readonly port?: number;
      readonly count?: number;
    } & Period)
  /** The n-th call (1, the default, is the next) fails, and `times` - 1 more. */
  | {
      readonly kind: 'call';
      readonly host: string;
      readonly call: CallName;
      readonly error: string;
      readonly nth?: number;
      readonly times?: number;
      readonly at?: number;
    }
  /** Lookups take longer, in milliseconds, or fail. */
  | ({
      readonly kind: 'dns';
      readonly name?: string;
      readonly delay?: number;
      readonly error?: string;
    } & Period)
  /** A host's wall clock is off by so many milliseconds, and goes `drift` times faster than it should: 0.01 is 1 %. */
  | ({
      readonly kind: 'skew';
      readonly host: string;
      readonly by: number;
      readonly drift?: number;
    } & Period)
  /** The n-th packet between different hosts, from 0, is lost, or arrives twice. */
  | { readonly kind: 'drop'; readonly packet: number }
  | { readonly kind: 'duplicate'; readonly packet: number }
  /** The n-th packet between different hosts takes longer, in milliseconds; later ones overtake it. */
  | { readonly kind: 'delay'; readonly packet: number; readonly by: number };

/** The kinds of faults. */
export type FaultKind = Fault['kind'];

const forText = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '' : ` for ${milliseconds} ms`;

/** One line on a fault, without when it begins. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'partition': {
      const { from, to, oneWay, for: time } = fault;
      return `nothing gets from ${from} to ${to}${oneWay === true ? '' : ', nor back'}${forText(time)}`;
    }
    case 'link': {
      const { from, to, conditions, for: time } = fault;
      return `from ${from} to ${to}: ${JSON.stringify(conditions)}${forText(time)}`;
    }
    case 'crash':
      return fault.for === undefined
        ? `${fault.host} crashes`
        : `${fault.host} crashes, and starts again after ${fault.for} ms`;
    case 'stopReading':
      return `${fault.host} reads nothing${forText(fault.for)}`;
    case 'reset': {
      const { from, to, port, afterBytes, for: time } = fault;
      const where = port === undefined ? '' : ` port ${port}`;
      return `the next connection from ${from} to ${to}${where} is reset after ${afterBytes} bytes${forText(time)}`;
    }
    case 'refuse':
    case 'blackhole': {
      const { kind, to, port, count, for: time } = fault;
      const what = kind === 'refuse' ? 'refused' : 'not answered';
      const which = count === undefined ? 'connections' : `${count} connections`;
      return `${which} to ${to}${port === undefined ? '' : ` port ${port}`} are ${what}${forText(time)}`;
    }
    case 'call': {
      const { host, call, error, nth = 1, times = 1 } = fault;
      const more = times === 1 ? '' : `, and ${times - 1} more,`;
      return `${call} number ${nth} from now on ${host}${more} fails with ${error}`;
    }
    case 'dns': {
      const { name = 'any name', delay, error, for: time } = fault;
      const what = error === undefined ? `takes ${delay ?? 0} ms more` : `fails with ${error}`;
      return `the lookup of ${name} ${what}${forText(time)}`;
    }
    case 'skew': {
      const { host, by, drift, for: time } = fault;
      const rate = drift === undefined ? '' : ` and goes ${drift * 100} % faster`;
      return `the clock of ${host} is off by ${by} ms${rate}${forText(time)}`;
    }
    case 'drop':
      return `packet #${fault.packet} is lost`;
    case 'duplicate':
      return `packet #${fault.packet} arrives twice`;
    case 'delay':
      return `packet #${fault.packet} takes ${fault.by} ms more`;
  }
}

/** A fault with when it begins: one line of a schedule. */
export function formatFault(fault: Fault): string {
  const at = 'at' in fault ? fault.at : undefined;
  return `${at === undefined ? '' : `at ${at} ms: `}${describeFault(fault)}`;
}
