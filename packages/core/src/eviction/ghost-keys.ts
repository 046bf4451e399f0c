/** How many places the ring has once there is a ghost. All its lengths are powers of two: a mask finds a place in it. */
const leastLength = 64;

/** Many caches are never full. */
const nothing = new Int32Array(0);

/**
 * The keys of entries that went lately, first in, first out. They are as many as the entries would weigh that they stand
 * for; each weighs 1 at least, so that keys of entries which weigh nothing do not pile up.
 *
 * Of each key only a hash of 64 bits is kept, in numbers side by side: a Map of keys took several times the memory and more
 * time, and kept the keys alive. Two keys with one hash would be taken for one another, which means no more than that an
 * entry is kept for longer than it should be.
 *
 * Ghosts stand in a ring, in the order in which they came; one that was taken leaves a gap. A table finds them by their
 * hashes: where one should be found, or in one of the next places up to an empty one.
 */
export class GhostKeys {
  readonly #limit: number;
  /** Hashes begin with it, so that keys which meet in one table do not meet in the next. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32) | 0;
  #weight = 0;
  #size = 0;
  /** The ring: two halves of a hash, and a weight, which is 0 in a gap. */
  #first = nothing;
  #second = nothing;
  #weights: Int32Array | Uint32Array | Float64Array = nothing;
  #oldest = 0;
  /** How many places of the ring are taken from the oldest on, gaps included. */
  #length = 0;
  /** Places in the ring, plus 1; 0: empty. Twice as long as the ring, so that empty ones are near. */
  #table = nothing;
  /** The hash that was made last. */
  #hash = 0;
  #otherHash = 0;

  /** @param limit - the most that they may weigh together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Notes that an entry of this weight has gone; its key should not be there. */
  add(key: string, entryWeight: number): void {
    const weight = entryWeight > 1 ? entryWeight : 1;
    if (weight > this.#limit) return;
    while (this.#weight + weight > this.#limit) this.#dropOldest();
    if (this.#length === this.#first.length) this.#makeRoom();
    this.#makeHash(key);
    const place = (this.#oldest + this.#length) & (this.#first.length - 1);
    this.#length++;
    this.#first[place] = this.#hash;
    this.#second[place] = this.#otherHash;
    this.#weights[place] = weight;
    this.#weight += weight;
    this.#size++;
    this.#enter(place);
  }

  /** Forgets a key. @returns whether it was there. */
  take(key: string): boolean {
    if (this.#size === 0) return false;
    this.#makeHash(key);
    const mask = this.#table.length - 1;
    for (let index = this.#hash & mask; this.#table[index] !== 0; index = (index + 1) & mask) {
      const place = this.#table[index]! - 1;
      if (this.#first[place] !== this.#hash || this.#second[place] !== this.#otherHash) continue;
      this.#drop(place, index);
      return true;
    }
    return false;
  }

  #dropOldest(): void {
    const place = this.#oldest;
    this.#oldest = (place + 1) & (this.#first.length - 1);
    this.#length--;
    if (this.#weights[place] === 0) return;
    const mask = this.#table.length - 1;
    let index = this.#first[place]! & mask;
    while (this.#table[index] !== place + 1) index = (index + 1) & mask;
    this.#drop(place, index);
  }

  #drop(place: number, index: number): void {
    this.#weight -= this.#weights[place]!;
    this.#weights[place] = 0;
    this.#size--;
    this.#leave(index);
  }

  #enter(place: number): void {
    const mask = this.#table.length - 1;
    let index = this.#first[place]! & mask;
    while (this.#table[index] !== 0) index = (index + 1) & mask;
    this.#table[index] = place + 1;
  }

  /** Empties a place of the table. Those behind it that were put there because it was taken move up. */
  #leave(index: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let empty = index;
    for (let next = (empty + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const wanted = this.#first[table[next]! - 1]! & mask;
      // Whether it may stand at the empty place: not before the one where it is looked for first.
      if (((next - wanted) & mask) < ((next - empty) & mask)) continue;
      table[empty] = table[next]!;
      empty = next;
    }
    table[empty] = 0;
  }

  /** Closes the gaps; where they are few, in a ring of twice the length. */
  #makeRoom(): void {
    const [first, second, weights] = [this.#first, this.#second, this.#weights];
    const hasFewGaps = this.#size * 4 > first.length * 3;
    const length = Math.max(leastLength, hasFewGaps ? first.length * 2 : first.length);
    this.#first = new Int32Array(length);
    this.#second = new Int32Array(length);
    // None weighs more than all may.
    this.#weights = this.#limit < 2 ** 32 ? new Uint32Array(length) : new Float64Array(length);
    this.#table = new Int32Array(2 * length);
    const mask = first.length - 1;
    let place = 0;
    for (let count = 0; count < this.#length; count++) {
      const from = (this.#oldest + count) & mask;
      if (weights[from] === 0) continue;
      this.#first[place] = first[from]!;
      this.#second[place] = second[from]!;
      this.#weights[place] = weights[from]!;
      this.#enter(place++);
    }
    this.#oldest = 0;
    this.#length = place;
  }

  /** Two hashes at once, multiplied and mixed as in MurmurHash. */
  #makeHash(key: string): void {
    const { length } = key;
    let one = this.#seed ^ length;
    let other = ~one;
    let index = 0;
    for (; index + 1 < length; index += 2) {
      const units = key.charCodeAt(index) | (key.charCodeAt(index + 1) << 16);
      one = Math.imul(one ^ units, 0x9e3779b1);
      other = Math.imul((other << 5) ^ (other >>> 27) ^ units, 0x5f356495);
      one ^= one >>> 15;
    }
    if (index < length) {
      one = Math.imul(one ^ key.charCodeAt(index), 0x9e3779b1);
      other = Math.imul(other ^ key.charCodeAt(index), 0x5f356495);
    }
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b);
    other = Math.imul(other ^ (other >>> 16), 0xc2b2ae35);
    this.#hash = one ^ (one >>> 13);
    this.#otherHash = other ^ (other >>> 16) ^ one;
  }
}
