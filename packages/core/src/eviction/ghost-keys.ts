/** A key between its neighbours. */
class Ghost {
  key = '';
  weight = 0;
  before: Ghost = this;
  after: Ghost = this;

  putBefore(other: Ghost): void {
    this.after = other;
    this.before = other.before;
    this.before.after = this;
    this.after.before = this;
  }

  remove(): void {
    this.before.after = this.after;
    this.after.before = this.before;
  }
}

/**
 * The keys of entries that went lately, first in, first out. They are as many as the entries would weigh that they stand
 * for; each weighs 1 at least, so that keys of entries which weigh nothing do not pile up.
 *
 * A Map alone keeps such an order, but finding its first key passes all that went before.
 */
export class GhostKeys {
  readonly #limit: number;
  readonly #ghosts = new Map<string, Ghost>();
  /** Where the ring begins and ends; no ghost itself. */
  readonly #seam = new Ghost();
  #weight = 0;

  /** @param limit - the most that they may weigh together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#ghosts.size;
  }

  /** Notes that an entry of this weight has gone; its key should not be there. */
  add(key: string, entryWeight: number): void {
    const weight = Math.max(1, entryWeight);
    if (weight > this.#limit) return;
    let ghost: Ghost | undefined;
    while (this.#weight + weight > this.#limit) {
      ghost = this.#seam.after;
      this.#drop(ghost);
    }
    // The last that went is used again: where keys come and go, nothing is left for the garbage collector.
    ghost ??= new Ghost();
    ghost.key = key;
    ghost.weight = weight;
    ghost.putBefore(this.#seam);
    this.#ghosts.set(key, ghost);
    this.#weight += weight;
  }

  /** Forgets a key. @returns whether it was there. */
  take(key: string): boolean {
    const ghost = this.#ghosts.get(key);
    if (ghost === undefined) return false;
    this.#drop(ghost);
    return true;
  }

  #drop(ghost: Ghost): void {
    this.#ghosts.delete(ghost.key);
    ghost.remove();
    this.#weight -= ghost.weight;
  }
}
