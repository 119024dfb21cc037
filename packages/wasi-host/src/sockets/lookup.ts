/** wasi:sockets/ip-name-lookup: addresses by themselves, names by a thread that the component does not wait for until it polls. */
import { domainToASCII } from 'node:url';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { parseAddress } from '../address.js';
import { Failure } from '../failure.js';
import { isName } from '../policy/rule.js';
import { Pollable, type Target } from './pollable.js';
import { Resource, type ResourceName } from './resource.js';
import type { Scope } from './scope.js';

/** What a look-up answered. */
export interface Answer {
  readonly addresses?: readonly string[];
  /** The code of the error: `ENOTFOUND`, `EAI_AGAIN`, ... */
  readonly code?: string;
  /** How long the addresses hold, in seconds. Left out: as long as the host lives. */
  readonly ttl?: number;
}

/** Looks names up. It is called once a name, and its answer is asked for until it is there. */
export type Lookup = (name: string) => () => Answer | undefined;

const THREAD = `
const { workerData } = require('node:worker_threads');
const { lookup } = require('node:dns');
const { port, state } = workerData;
port.on('message', ({ id, name }) => {
  lookup(name, { all: true, verbatim: true }, (error, list) => {
    port.postMessage(
      error ? { id, code: error.code } : { id, addresses: list.map(({ address }) => address) },
    );
    Atomics.add(state, 0, 1);
    Atomics.notify(state, 0);
  });
});
`;

interface Thread {
  readonly port: MessagePort;
  readonly answers: Map<number, Answer>;
  last: number;
}

let thread: Thread | undefined;

function start(): Thread {
  const { port1, port2 } = new MessageChannel();
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(THREAD, {
    eval: true,
    execArgv: [],
    workerData: { port: port2, state },
    transferList: [port2],
  });
  worker.unref();
  port1.unref();
  return { port: port1, answers: new Map(), last: 0 };
}

/** getaddrinfo(3), as Node's `dns.lookup` has it. */
export const systemLookup: Lookup = (name) => {
  thread ??= start();
  const { port, answers } = thread;
  const id = (thread.last += 1);
  port.postMessage({ id, name });
  return () => {
    for (;;) {
      const received = receiveMessageOnPort(port) as
        | { message: Answer & { id: number } }
        | undefined;
      if (received === undefined) break;
      answers.set(received.message.id, received.message);
    }
    const answer = answers.get(id);
    answers.delete(id);
    return answer;
  };
};

const isMapped = (bytes: Uint8Array): boolean =>
  bytes.length === 16 &&
  bytes[10] === 255 &&
  bytes[11] === 255 &&
  bytes.subarray(0, 10).every((byte) => byte === 0);

/** IPv4-mapped addresses are IPv4 addresses: the interface has no others. */
const canonical = (bytes: Uint8Array): Uint8Array => (isMapped(bytes) ? bytes.slice(12) : bytes);

export class ResolveAddressStream extends Resource implements Target {
  readonly handle = -1;
  #failed = 0;
  #list: readonly Uint8Array[] | undefined;
  #at = 0;

  constructor(
    scope: Scope,
    private readonly name: string,
    private readonly answer: () => Answer | undefined,
  ) {
    super(scope);
  }

  get kind(): ResourceName {
    return 'resolve-address-stream';
  }

  interest(): number {
    return 0;
  }

  ready(): boolean {
    if (this.#list !== undefined || this.#failed !== 0) return true;
    const answer = this.answer();
    if (answer === undefined) return false;
    const { addresses, code, ttl } = answer;
    if (addresses === undefined) {
      this.#failed =
        code === 'EAI_AGAIN' || code === 'ETIMEOUT'
          ? Failure.TEMPORARY_RESOLVER_FAILURE
          : code === 'EAI_FAIL'
            ? Failure.PERMANENT_RESOLVER_FAILURE
            : Failure.NAME_UNRESOLVABLE;
      return true;
    }
    const list = addresses.map((text) => parseAddress(text.replace(/%.*$/, '')));
    this.#list = list.filter((bytes) => bytes !== undefined).map(canonical);
    if (this.name !== '') this.scope.policy.gave(this.name, this.#list, ttl);
    return true;
  }

  /** The next address, `undefined` after the last, or a failure. */
  next(): Uint8Array | undefined | number {
    if (!this.ready()) return Failure.WOULD_BLOCK;
    if (this.#failed !== 0) return this.#failed;
    return this.#list?.[this.#at++];
  }

  subscribe(): Pollable {
    return new Pollable(this.scope, this);
  }
}

/** The stream of addresses of a name, or a failure. */
export function resolveAddresses(scope: Scope, name: string): ResolveAddressStream | number {
  const literal = parseAddress(name.replace(/^\[(.*:.*)\]$/, '$1'));
  if (literal !== undefined) {
    const bytes = canonical(literal);
    return new ResolveAddressStream(scope, '', () => ({
      addresses: [bytes.length === 4 ? bytes.join('.') : name.replace(/^\[|\]$/g, '')],
    }));
  }
  if (/[\s:/?#@\\<>&"'%\0]/.test(name)) return Failure.INVALID_ARGUMENT;
  const ascii = domainToASCII(name).toLowerCase().replace(/\.$/, '');
  if (ascii === '' || !isName(ascii)) return Failure.INVALID_ARGUMENT;
  if (!scope.policy.allowsLookup(ascii)) return Failure.ACCESS_DENIED;
  return new ResolveAddressStream(scope, ascii, scope.lookup(ascii));
}
