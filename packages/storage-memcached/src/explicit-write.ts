import { steadyNow, StorageFailedError, type Clock } from '@memo/core';
import type { WriteNumber } from './client/memcached-server.js';
import { ContendedItemError } from './errors.js';
import type { PresentGeneration } from './generation-item.js';
import { isValid, markOf } from './generation.js';
import type { Found, Items, Packed, Place } from './items.js';
import { placeholderOf } from './leases/lease-frame.js';

/** How often it is tried again because somebody else has written the item meanwhile. */
const attempts = 20;
/** Longest pause before it is tried again, in milliseconds. */
const longestPause = 32;
/** How long a placeholder keeps the place of what is written next, in milliseconds. */
const placeholderTime = 1_000;

/** Packs the entry under a mark; `undefined` where it is larger than the server takes. */
export type Pack = (mark: Uint8Array, mostBytes: number) => Promise<Packed | undefined>;

/**
 * Writes an entry whatever is there, but never late. A request that was given up may still be on its way, and must not
 * replace what others have confirmed since: so it is carried out only if the item is still what it was when it was looked
 * at. Where there is none, a placeholder comes first: what is absent has no number by which it could be known.
 */
export class ExplicitWrite {
  readonly #items: Items;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #pack: Pack;
  #packed: Packed | undefined;
  /** When it began; what packing takes is not the server's time. */
  #since: number;

  constructor(items: Items, clock: Clock, key: string, pack: Pack) {
    this.#items = items;
    this.#clock = clock;
    this.#key = key;
    this.#pack = pack;
    this.#since = steadyNow(clock);
  }

  async run(): Promise<'stored' | 'declined'> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (attempt > 1) await this.#pause(Math.min(longestPause, 2 ** attempt));
      const found = await this.#items.find('set', this.#key, this.#since);
      if (found.present === undefined) {
        await this.#items.beginGeneration('set', this.#key, this.#since);
        continue;
      }
      const packed = await this.#packedUnder(found.present);
      if (packed === undefined) return 'declined';
      if (await this.#write(packed, found)) return 'stored';
    }
    throw new StorageFailedError('set', this.#key, new ContendedItemError(attempts));
  }

  /** The entry under the present generation: cleared since it was packed, it is packed anew. */
  async #packedUnder({ generation }: PresentGeneration): Promise<Packed | undefined> {
    if (this.#packed !== undefined && isValid(this.#packed.mark, this.#key, generation)) return this.#packed;
    const { mostBytes } = await this.#items.termsFor('set', this.#key, this.#since);
    const began = steadyNow(this.#clock);
    this.#packed = await this.#pack(markOf(generation), mostBytes);
    this.#since += steadyNow(this.#clock) - began;
    return this.#packed;
  }

  /** Resolves to whether the entry is there, and counts. */
  async #write({ envelope, mark, expires }: Packed, found: Found): Promise<boolean> {
    const cas = found.item?.cas ?? (await this.#placeholder(found.present!, mark));
    if (cas === undefined) return false;
    const write = ({ shard, name }: Place) =>
      Promise.all([shard.generation.read(), shard.server.set(name, envelope, { expires, cas })]);
    const [present, outcome] = await this.#items.ask('set', this.#key, write, this.#since);
    return typeof outcome === 'object' && present !== undefined && isValid(mark, this.#key, present.generation);
  }

  /** The number of a placeholder where there was nothing; `undefined` if there is something by now. */
  async #placeholder(present: PresentGeneration, mark: Uint8Array): Promise<WriteNumber | undefined> {
    const placeholder = placeholderOf({ key: this.#items.labelOf(this.#key), generation: mark });
    const add = async (place: Place) => {
      place.shard.server.requireNumbers('set', present.cas);
      const expires = this.#items.exptimeOf(place, 0, placeholderTime);
      return place.shard.server.add(place.name, placeholder, { expires });
    };
    const outcome = await this.#items.ask('set', this.#key, add, this.#since);
    return outcome === 'exists' ? undefined : outcome.cas;
  }

  /** Of many that were too late at the same time, most would be so again. */
  #pause(most: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(resolve, Math.random() * most));
  }
}
