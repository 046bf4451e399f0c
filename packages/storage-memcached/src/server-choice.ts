/** A server as far as choosing goes: by its name. */
export interface Named {
  readonly name: string;
}

/**
 * Decides which of several servers keeps an item, for every process alike (rendezvous hashing: Thaler and Ravishankar,
 * "Using name-based mappings to increase hit rates", 1998).
 *
 * Each server draws a number for each name; the largest one wins. A server more, and only the names move for which the new
 * one draws the largest: one of n. A server less, and only its own names move. In which order the servers are given does
 * not matter.
 */
export class ServerChoice<S extends Named> {
  readonly #servers: readonly S[];
  readonly #seeds: readonly number[];

  /** @param servers - at least one; their names differ. */
  constructor(servers: readonly S[]) {
    this.#servers = [...servers].sort((left, right) => (left.name < right.name ? -1 : 1));
    this.#seeds = this.#servers.map(({ name }) => hashOf(name));
  }

  /** The servers in an order that is the same in every process. */
  get servers(): readonly S[] {
    return this.#servers;
  }

  serverOf(name: string): S {
    if (this.#servers.length === 1) return this.#servers[0]!;
    const hash = hashOf(name);
    let chosen = 0;
    let largest = -1;
    for (let index = 0; index < this.#seeds.length; index++) {
      const drawn = mixed(hash ^ this.#seeds[index]!);
      if (drawn <= largest) continue;
      largest = drawn;
      chosen = index;
    }
    return this.#servers[chosen]!;
  }
}

/** FNV-1a of the UTF-16 units, 32 bits, mixed so that texts that are alike differ in all bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3: every bit of the input changes about half of the output's. */
function mixed(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
