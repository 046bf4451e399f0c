import { setTimeout as pause } from 'node:timers/promises';
import { type CacheStorage, Memoizer } from '@memo/core';
import type { Value } from '../history/record.js';
import type { Recorder } from '../history/recorder.js';
import { between, oneByWeight, oneOf, seededRandom, someOf } from '../seeded-random.js';
import { againAndAgain } from './callers.js';
import type { Caching, DemandOrder, ManyOrder } from './orders.js';
import type { RecordedSource } from './recorded-source.js';

/** The longest time that it takes to find out which revision is the present one, in milliseconds. */
const longestLook = 5;
/** What every process demands of a key until it is told otherwise. */
const firstRevision = 'revision 0';

/** What a process does by key: a `Memoizer` over the storage that all share, and a record of all that is done with it. */
export class CallsByKey {
  readonly #memo: Memoizer;
  readonly #recorder: Recorder;
  readonly #source: RecordedSource;
  readonly #revisions = new Map<string, string>();
  #calls = 0;

  constructor(storage: CacheStorage, caching: Caching, recorder: Recorder, source: RecordedSource) {
    this.#memo = new Memoizer(storage, { ...caching, onEvent: () => {} });
    this.#recorder = recorder;
    this.#source = source;
  }

  /** From now on calls demand that revision of a key. */
  adopt(key: string, revision: string): void {
    this.#revisions.set(key, revision);
  }

  async demand({ seed, keys, weights, says, ...visits }: DemandOrder): Promise<void> {
    const random = seededRandom(seed);
    await againAndAgain(visits, random, async () => {
      switch (oneByWeight(random, weights)) {
        case 'constant':
          return this.#demandConstant(oneOf(random, keys), says);
        case 'function':
          return this.#demandFound(oneOf(random, keys), says, random);
        case 'many':
          return this.#demandOfMany(someOf(random, keys, 2), says, random);
        case 'any':
          return this.#take(oneOf(random, keys));
      }
    });
  }

  async many({ seed, keys, most, weights, calls, ...visits }: ManyOrder): Promise<void> {
    const random = seededRandom(seed);
    await againAndAgain(visits, random, async () => {
      switch (oneByWeight(random, weights)) {
        case 'many': {
          const some = someOf(random, keys, Math.floor(between(random, 2, most + 1)));
          return calls === 'together' ? this.#readMany(some) : this.#readOneByOne(some);
        }
        case 'one':
          return this.#take(oneOf(random, keys));
        case 'delete': {
          const key = oneOf(random, keys);
          return this.#recorder.telling('delete', key, () => this.#memo.delete(key));
        }
      }
    });
  }

  /** A call that takes any value there is. */
  async #take(key: string): Promise<void> {
    const call = ++this.#calls;
    const read = (): Promise<Value> => this.#memo.get(key, () => this.#source.load(key, { call }));
    await this.#recorder.asking('read', key, read, () => ({ call }));
  }

  async #demandConstant(key: string, says: boolean): Promise<void> {
    const call = ++this.#calls;
    const demanded = this.#revisionOf(key);
    const load = (): Promise<Value> => this.#source.load(key, { call, revisionOf: () => demanded });
    const read = (): Promise<Value> => this.#memo.get(key, load, says ? { etag: demanded } : {});
    await this.#recorder.asking('read', key, read, () => ({ call, demanded }));
  }

  /** The revision is found out while the call is under way. */
  async #demandFound(key: string, says: boolean, random: () => number): Promise<void> {
    const call = ++this.#calls;
    const { find, found } = this.#lookups(random);
    const load = (): Promise<Value> => this.#source.load(key, { call, revisionOf: found });
    const read = async (): Promise<Value> => {
      if (says) return this.#memo.get(key, load, { etag: () => find(key) });
      await find(key);
      return this.#memo.get(key, load);
    };
    await this.#recorder.asking('read', key, read, () => ({ call, demanded: found(key) }));
  }

  async #demandOfMany(keys: readonly string[], says: boolean, random: () => number): Promise<void> {
    const call = ++this.#calls;
    const { find, found } = this.#lookups(random);
    const load = (absent: readonly string[]): Promise<Map<string, Value>> =>
      this.#source.loadMany(absent, { call, revisionOf: found });
    const read = async (): Promise<Map<string, Value>> => {
      if (says) return this.#memo.getMany(keys, load, { etag: find });
      await Promise.all(keys.map(find));
      return this.#memo.getMany(keys, load);
    };
    await this.#recorder.askingMany('read', keys, read, (key) => ({ call, demanded: found(key) }));
  }

  /** Finds the revisions that one call demands, and remembers them. */
  #lookups(random: () => number): Lookups {
    const revisions = new Map<string, string>();
    return {
      found: (key) => revisions.get(key),
      find: async (key) => {
        await pause(between(random, 0, longestLook));
        const revision = this.#revisionOf(key);
        revisions.set(key, revision);
        return revision;
      },
    };
  }

  #revisionOf(key: string): string {
    return this.#revisions.get(key) ?? firstRevision;
  }

  async #readMany(keys: readonly string[]): Promise<void> {
    const call = ++this.#calls;
    const load = (absent: readonly string[]): Promise<Map<string, Value>> => this.#source.loadMany(absent, { call });
    await this.#recorder.askingMany(
      'read',
      keys,
      () => this.#memo.getMany(keys, load),
      () => ({ call }),
    );
  }

  async #readOneByOne(keys: readonly string[]): Promise<void> {
    const call = ++this.#calls;
    const read = async (key: string): Promise<[string, Value]> => [
      key,
      await this.#memo.get(key, () => this.#source.load(key, { call })),
    ];
    await this.#recorder.askingMany(
      'read',
      keys,
      async () => new Map(await Promise.all(keys.map(read))),
      () => ({ call }),
    );
  }
}

interface Lookups {
  readonly find: (key: string) => Promise<string>;
  readonly found: (key: string) => string | undefined;
}
