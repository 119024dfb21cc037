/** Closing the handles of objects that nobody can reach any more. */
import type { Handle } from '../driver.js';

/** Some engines have no FinalizationRegistry: sockets are then closed by `close()` and `using` only. */
declare const FinalizationRegistry:
  | (new (cleanup: (handle: Handle) => void) => Registry)
  | undefined;

interface Registry {
  register(owner: object, handle: Handle, token?: object): void;
  unregister(token: object): void;
}

/** The owner of one handle, for {@link LostHandles.addYoung}. */
export interface Owner {
  readonly handle: Handle;
  /** Where it is among the youngest owners: only {@link LostHandles} uses it. */
  place: number;
}

/** How many of the youngest owners are not registered yet. A power of two. */
const YOUNG = 64;

/** In place of a handle: the object that was collected only shows that a collection took place. */
const COLLECTION = -1;

/**
 * Closes the handles of objects that were collected without having been closed.
 *
 * A FinalizationRegistry takes longer to register and unregister an object than everything else that core does to
 * make and close a socket. Most sockets of a busy server live for a short time only. So the youngest owners are held
 * here, and registered when younger ones come or when the collector has run: the next collection then finds those
 * that are lost. An object that nobody refers to shows that the collector has run.
 */
export class LostHandles {
  readonly #registry: Registry | undefined;
  readonly #young: (Owner | undefined)[] = Array.from({ length: YOUNG }, () => undefined);
  #next = 0;
  /** Whether an object that nobody refers to waits for the collector. */
  #watches = false;

  /** @param close closes the handle of an owner that was collected */
  constructor(close: (handle: Handle) => void) {
    if (typeof FinalizationRegistry !== 'function') return;
    this.#registry = new FinalizationRegistry((handle) => {
      if (handle === COLLECTION) this.#registerYoung();
      else close(handle);
    });
  }

  /** Adds an owner that {@link remove} takes off. It may be added more than once, each time with another handle. */
  add(owner: object, handle: Handle): void {
    this.#registry?.register(owner, handle, owner);
  }

  remove(owner: object): void {
    this.#registry?.unregister(owner);
  }

  /** Adds an owner that most often is closed soon. {@link removeYoung} takes it off. */
  addYoung(owner: Owner): void {
    const registry = this.#registry;
    if (registry === undefined) return;
    const place = this.#next;
    const older = this.#young[place];
    if (older !== undefined) registry.register(older, older.handle, older);
    this.#young[place] = owner;
    owner.place = place;
    this.#next = (place + 1) & (YOUNG - 1);
    if (this.#watches) return;
    this.#watches = true;
    registry.register({}, COLLECTION);
  }

  removeYoung(owner: Owner): void {
    if (this.#young[owner.place] === owner) this.#young[owner.place] = undefined;
    else this.#registry?.unregister(owner);
  }

  #registerYoung(): void {
    this.#watches = false;
    for (const [place, owner] of this.#young.entries()) {
      if (owner === undefined) continue;
      this.#young[place] = undefined;
      this.#registry?.register(owner, owner.handle, owner);
    }
  }
}
