/** What a component may do with the network. Nothing is allowed that no rule allows. */
import { channel } from 'node:diagnostics_channel';
import type { Address } from '../address.js';
import { addressText } from '../address.js';
import { isIn, type Range, words } from './ranges.js';
import { Rate } from './rate.js';
import { hasPort, matches, matchesName, parseRule, type Rule } from './rule.js';

/** What a component is about to do. */
export type Use =
  | 'tcp.connect'
  | 'tcp.listen'
  | 'tcp.accept'
  | 'udp.bind'
  | 'udp.send'
  | 'udp.receive'
  | 'lookup';

/** What a rule decides on. */
export interface PolicyRequest {
  readonly use: Use;
  /** The numeric address: of the peer, or for `listen` and `bind` of this side. */
  readonly address?: string;
  readonly port?: number;
  /** For a look-up: the name. Otherwise the names whose look-up gave this address. */
  readonly names?: readonly string[];
}

/** A {@link PolicyRequest} and what became of it. */
export interface Decision extends PolicyRequest {
  readonly allowed: boolean;
  /** The rule that allowed or refused it, or why none did. */
  readonly reason: string;
}

/** How much of everything a component may use. */
export interface Limits {
  /**
   * Resources that exist at the same time: sockets, streams, pollables, errors, ... The component traps when it makes
   * more. Left out: as many as memory holds.
   */
  readonly resources?: number;
  /** Sockets that are open at the same time. */
  readonly sockets?: number;
  /** Connections, made and accepted, in a second. */
  readonly connectionsPerSecond?: number;
  /** Bytes, sent and received, in a second. More wait. */
  readonly bytesPerSecond?: number;
  /** Look-ups in a second. */
  readonly lookupsPerSecond?: number;
}

/**
 * The policy. A rule is `ADDRESS[/BITS][:PORTS]`, `NAME[:PORTS]`, `WORD[:PORTS]` or `*[:PORTS]`; ports are `*`, `80`,
 * `1024-65535` or a list of these with commas; an IPv6 address with ports is in brackets.
 * Words: `loopback`, `link-local`, `private`, `metadata`, `multicast`, `internal` (all of these).
 *
 * A rule by name allows the addresses that a look-up of that name by this component gave, unless they are internal
 * (`localhost` may be loopback): the owner of a name decides what it resolves to, not who wrote the rule.
 */
export interface PolicyInit {
  readonly tcp?: { readonly connect?: readonly string[]; readonly listen?: readonly string[] };
  readonly udp?: {
    readonly bind?: readonly string[];
    readonly send?: readonly string[];
    /** Who may send to it. Left out: everybody where a rule of `bind` allowed the socket, else those of `send`. */
    readonly receive?: readonly string[];
  };
  /** Names that may be looked up: `example.com`, `*.example.com`, `*`; `true` for all. */
  readonly lookup?: readonly string[] | boolean;
  /** Refused whatever the other rules say: `['internal']`. */
  readonly deny?: readonly string[];
  readonly limits?: Limits;
  /** Asked where no rule matched. Only `true` allows. */
  readonly decide?: (request: PolicyRequest) => boolean;
}

/** Everything is allowed: for programs that are trusted. */
export const everything: PolicyInit = {
  tcp: { connect: ['*'], listen: ['*'] },
  udp: { bind: ['*'], send: ['*'] },
  lookup: true,
};

const decisions = channel('sock:wasi-host:decision');
const internal = words['internal'] as readonly Range[];
const loopback = words['loopback'] as readonly Range[];

const rulesOf = (name: string, list: unknown): Rule[] => {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw new TypeError(`policy.${name} must be an array of rules`);
  return list.map((text) => parseRule(text as string));
};

function limitOf(limits: Limits, name: keyof Limits): number {
  const value = limits[name] ?? Infinity;
  if (typeof value !== 'number' || !(value >= 0)) {
    throw new TypeError(`policy.limits.${name} must be a number that is not negative`);
  }
  return value;
}

/** Node's own permission model: with it and without --allow-net nothing is allowed. */
function nodeDenies(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return permission !== undefined && !permission.has('net');
}

/** Names that a look-up gave an address for. */
interface Given {
  readonly names: Map<string, number>;
}

export class Policy {
  readonly #rules: Record<Use, readonly Rule[]>;
  readonly #receive: readonly Rule[] | undefined;
  readonly #deny: readonly Rule[];
  readonly #decide: PolicyInit['decide'];
  readonly #given = new Map<string, Given>();
  readonly #onDecision: ((decision: Decision) => void) | undefined;
  readonly #now: () => number;
  readonly resources: number;
  readonly sockets: number;
  readonly connections: Rate;
  readonly bytes: Rate;
  readonly lookups: Rate;
  /** Whether bytes are counted at all. */
  readonly limitsBytes: boolean;

  constructor(
    init: PolicyInit = {},
    onDecision: ((decision: Decision) => void) | undefined = undefined,
    now: () => number = () => performance.now(),
  ) {
    if (typeof init !== 'object' || init === null) throw new TypeError('policy must be an object');
    const { tcp = {}, udp = {}, lookup, limits = {}, decide } = init;
    if (decide !== undefined && typeof decide !== 'function') {
      throw new TypeError('policy.decide must be a function');
    }
    const names = typeof lookup === 'boolean' ? (lookup ? ['*'] : []) : lookup;
    const listen = rulesOf('tcp.listen', tcp.listen);
    this.#receive = udp.receive && rulesOf('udp.receive', udp.receive);
    this.#rules = {
      'tcp.connect': rulesOf('tcp.connect', tcp.connect),
      'tcp.listen': listen,
      'tcp.accept': listen,
      'udp.bind': rulesOf('udp.bind', udp.bind),
      'udp.send': rulesOf('udp.send', udp.send),
      'udp.receive': this.#receive ?? rulesOf('udp.send', udp.send),
      lookup: rulesOf('lookup', names),
    };
    this.#deny = rulesOf('deny', init.deny);
    this.#decide = decide;
    this.#onDecision = onDecision;
    this.#now = now;
    this.resources = limitOf(limits, 'resources');
    this.sockets = limitOf(limits, 'sockets');
    this.connections = new Rate(limitOf(limits, 'connectionsPerSecond'), now);
    this.bytes = new Rate(limitOf(limits, 'bytesPerSecond'), now);
    this.lookups = new Rate(limitOf(limits, 'lookupsPerSecond'), now);
    this.limitsBytes = this.bytes.perSecond !== Infinity;
  }

  #settle(request: PolicyRequest, allowed: boolean, reason: string): boolean {
    if (this.#onDecision !== undefined || decisions.hasSubscribers) {
      const decision: Decision = { ...request, allowed, reason };
      this.#onDecision?.(decision);
      if (decisions.hasSubscribers) decisions.publish(decision);
    }
    return allowed;
  }

  /** The names that look-ups gave this address for, and that still hold. */
  #namesOf(address: string): string[] {
    const given = this.#given.get(address);
    if (given === undefined) return [];
    const time = this.#now();
    return [...given.names].filter(([, until]) => until > time).map(([name]) => name);
  }

  /** Whether the rule by name may stand for this address. */
  #namesAddress(rule: Rule, names: readonly string[], { bytes, port }: Address): boolean {
    if (rule.name === undefined || !hasPort(rule, port)) return false;
    return names.some((name) => {
      if (!matchesName(rule, name)) return false;
      if (!isIn(internal, bytes)) return true;
      return (name === 'localhost' || name.endsWith('.localhost')) && isIn(loopback, bytes);
    });
  }

  /** Whether every connection to a socket that may listen is accepted, and nobody is told. */
  get acceptsAll(): boolean {
    return (
      this.#deny.length === 0 &&
      this.#onDecision === undefined &&
      !decisions.hasSubscribers &&
      !nodeDenies()
    );
  }

  /** Whether a socket may be opened at all: where Node allows no network, the backend would throw. */
  allowsSocket(use: 'tcp.connect' | 'udp.bind'): boolean {
    return !nodeDenies() || this.#settle({ use }, false, 'Node runs without --allow-net');
  }

  /** Decides on an address. */
  allows(use: Exclude<Use, 'lookup'>, address: Address): boolean {
    const { bytes, port } = address;
    const text = addressText(bytes);
    const names = this.#namesOf(text);
    const request = { use, address: text, port, names };
    if (nodeDenies()) return this.#settle(request, false, 'Node runs without --allow-net');
    const denied = this.#deny.find((rule) => this.#denies(rule, bytes, port, names));
    if (denied !== undefined) return this.#settle(request, false, `deny ${denied.text}`);
    // Who connects is not what a rule of `listen` is about: it was decided when listening.
    if (use === 'tcp.accept') return this.#settle(request, true, 'the socket may listen');
    for (const rule of this.#rules[use]) {
      if (matches(rule, bytes, port) || this.#namesAddress(rule, names, address)) {
        return this.#settle(request, true, rule.text);
      }
    }
    if (this.#decide === undefined) return this.#settle(request, false, 'no rule allows it');
    return this.#settle(request, this.#decide(request) === true, 'decide');
  }

  /**
   * Whether a datagram socket may be bound to the wildcard address and a port of the system's choice, without a rule
   * for it: that is how a socket that only sends is bound.
   */
  get mayBindToSend(): boolean {
    return this.#rules['udp.send'].length > 0 || this.#decide !== undefined;
  }

  /** Whether everybody may send to a socket that a rule of `bind` allowed. */
  get receivesFromAll(): boolean {
    return this.#receive === undefined && this.#deny.length === 0;
  }

  /**
   * Decides on the sender of a datagram.
   * @param onlyToSend whether no rule of `bind` allowed the socket: then those may answer that may be sent to
   */
  receives(sender: Address, onlyToSend: boolean): boolean {
    if (this.#receive === undefined && !onlyToSend) return this.#isNotDenied(sender);
    return this.allows('udp.receive', sender);
  }

  #isNotDenied({ bytes, port }: Address): boolean {
    const names = this.#namesOf(addressText(bytes));
    return !this.#deny.some((rule) => this.#denies(rule, bytes, port, names));
  }

  #denies(rule: Rule, bytes: Uint8Array, port: number, names: readonly string[]): boolean {
    if (!hasPort(rule, port)) return false;
    if (rule.name !== undefined) return names.some((name) => matchesName(rule, name));
    return rule.ranges === undefined || isIn(rule.ranges, bytes);
  }

  /** Decides on a look-up. */
  allowsLookup(name: string): boolean {
    const request = { use: 'lookup', names: [name] } as const;
    if (nodeDenies()) return this.#settle(request, false, 'Node runs without --allow-net');
    const denied = this.#deny.find((rule) => rule.name !== undefined && matchesName(rule, name));
    if (denied !== undefined) return this.#settle(request, false, `deny ${denied.text}`);
    const rule = this.#rules.lookup.find((rule) => matchesName(rule, name));
    if (rule !== undefined) {
      if (this.lookups.level < 1) return this.#settle(request, false, 'lookupsPerSecond');
      this.lookups.take(1);
      return this.#settle(request, true, rule.text);
    }
    if (this.#decide === undefined) return this.#settle(request, false, 'no rule allows it');
    return this.#settle(request, this.#decide(request) === true, 'decide');
  }

  /** Tells that a look-up gave these addresses. @param seconds how long that holds */
  gave(name: string, addresses: readonly Uint8Array[], seconds = Infinity): void {
    for (const bytes of addresses) {
      const text = addressText(bytes);
      const given = this.#given.get(text) ?? { names: new Map<string, number>() };
      given.names.set(name, this.#now() + seconds * 1000);
      this.#given.set(text, given);
    }
  }
}
