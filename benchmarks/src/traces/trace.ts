/** What somebody asked a cache for, in the order in which it was asked for. */
export interface Trace {
  readonly name: string;
  /** The names of all keys; each once. */
  readonly keys: readonly string[];
  /** What was asked for: places in `keys`. */
  readonly requests: Uint32Array;
  /** How large what was asked for is, for each request, where that is known. */
  readonly sizes?: Uint32Array;
}

/** Numbers keys in the order in which they come first, so that a replay need not look them up by what they are called. */
export class Numbering {
  readonly #places = new Map<number | bigint, number>();
  readonly #requests: Uint32Array;
  #count = 0;

  /** @param most - how many requests there are at most. */
  constructor(most: number) {
    this.#requests = new Uint32Array(most);
  }

  add(key: number | bigint): void {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(key, place);
    }
    this.#requests[this.#count++] = place;
  }

  trace(name: string, sizes?: Uint32Array): Trace {
    const keys = [...this.#places.keys()].map(String);
    return { name, keys, requests: this.#requests.subarray(0, this.#count), ...(sizes && { sizes }) };
  }
}
