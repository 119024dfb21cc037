/** The handles of one component instance: numbers that stand for resources in its hands only. */
import { trap } from '../sockets/resource.js';
import type { ResourceType } from './types.js';

interface Entry {
  readonly type: ResourceType;
  readonly value: unknown;
  readonly own: boolean;
}

export class HandleTable {
  /** Index 0 is no handle, so that a zeroed handle traps. */
  readonly #entries: (Entry | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** What a handle stands for, of the type that is expected. */
  get(handle: number, type: ResourceType): unknown {
    const entry = this.#entries[handle];
    if (entry === undefined || entry.type !== type) trap(`${handle} is no handle of ${type.name}`);
    return (entry as Entry).value;
  }

  /** The same of whatever type; `undefined` when there is no such handle. */
  peek(handle: number): unknown {
    return this.#entries[handle]?.value;
  }

  add(type: ResourceType, value: unknown, own = true): number {
    const handle = this.#free.pop() ?? this.#entries.length;
    this.#entries[handle] = { type, value, own };
    return handle;
  }

  /** Takes an owned handle out of the table. */
  take(handle: number, type: ResourceType): unknown {
    const entry = this.#entries[handle];
    if (entry === undefined || entry.type !== type) trap(`${handle} is no handle of ${type.name}`);
    if (!(entry as Entry).own) trap(`${handle} is borrowed and can't be given away`);
    this.remove(handle);
    return (entry as Entry).value;
  }

  remove(handle: number): void {
    this.#entries[handle] = undefined;
    this.#free.push(handle);
  }

  /** `resource.drop`. */
  drop(handle: number, type: ResourceType): void {
    const entry = this.#entries[handle];
    if (entry === undefined || entry.type !== type) trap(`${handle} is no handle of ${type.name}`);
    this.remove(handle);
    if ((entry as Entry).own) type.drop((entry as Entry).value);
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.length - 1 - this.#free.length;
  }
}
