/**
 * What one host has: its resources, its open sockets, its policy. Nothing is shared between hosts, so the components of
 * one can't reach what another's have.
 */
import type { Policy } from '../policy/policy.js';
import type { Lookup } from './lookup.js';
import { type Resource, trap } from './resource.js';
import type { System } from './system.js';

/** What is left to do for a socket that still has something to send. */
export interface Sending {
  readonly handle: number;
  /** Sends what the system takes. */
  drain(): void;
  /** Ends the wait for that on the event loop. */
  unwatch(): void;
}

/** Above the numbers that other hosts give their resources, so that these can be told from them. */
const FIRST_REP = 1 << 20;

/** Closes the sockets of a host that was collected without having been closed. */
const collected = new FinalizationRegistry<{ handles: Set<number>; system: System }>(
  ({ handles, system }) => {
    for (const handle of handles) system.driver.close(handle);
    handles.clear();
  },
);

export class Scope {
  readonly #resources: (Resource | undefined)[] = [];
  readonly #holes: number[] = [];
  readonly #handles = new Set<number>();
  /** Sockets whose data the system did not take yet: every wait looks after them. */
  readonly sending = new Set<Sending>();
  /** What ends the waits on the event loop when the host is closed. */
  readonly endings = new Set<() => void>();
  closed = false;

  constructor(
    readonly system: System,
    readonly policy: Policy,
    readonly lookup: Lookup,
  ) {
    collected.register(this, { handles: this.#handles, system }, this);
  }

  /** How many resources there are. */
  get count(): number {
    return this.#resources.length - this.#holes.length;
  }

  /** How many sockets are open. */
  get sockets(): number {
    return this.#handles.size;
  }

  /** Traps when the policy allows no more resources: to be asked before a socket is opened for one. */
  checkRoom(): void {
    if (this.count >= this.policy.resources) trap('there are more resources than the limit allows');
  }

  register(resource: Resource): number {
    this.checkRoom();
    const at = this.#holes.pop() ?? this.#resources.length;
    this.#resources[at] = resource;
    return at + FIRST_REP;
  }

  unregister({ rep }: Resource): void {
    this.#resources[rep - FIRST_REP] = undefined;
    this.#holes.push(rep - FIRST_REP);
  }

  /** The resource of a number. */
  find(rep: number): Resource | undefined {
    return this.#resources[rep - FIRST_REP];
  }

  /** Becomes the owner of a socket of the driver. */
  own(handle: number): void {
    this.#handles.add(handle);
  }

  /** Closes a socket that it owns. */
  close(handle: number): void {
    if (this.#handles.delete(handle)) this.system.driver.close(handle);
  }

  /** Closes every socket at once, with what they have not sent, and drops every resource. */
  closeAll(): void {
    this.closed = true;
    for (const end of this.endings) end();
    for (const socket of this.sending) socket.unwatch();
    this.sending.clear();
    const handles = [...this.#handles];
    for (const resource of this.#resources) resource?.drop();
    for (const handle of handles) this.close(handle);
    collected.unregister(this);
  }
}
