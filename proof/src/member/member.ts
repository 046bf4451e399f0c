import { memoize, type Memoized } from '@memo/core';
import type { Value } from '../history/record.js';
import { Recorder } from '../history/recorder.js';
import { oneByWeight, oneOf, seededRandom } from '../seeded-random.js';
import { openStorage } from '../servers/open-storage.js';
import { againAndAgain, together } from './callers.js';
import { CallsByKey } from './calls-by-key.js';
import type { MemberOrder, MemberSettings } from './orders.js';
import { isFailureOfSource, RecordedSource } from './recorded-source.js';
import { recordingStorage } from './recording-storage.js';

/**
 * One process of a fleet: a cached function, and a cache by key, over the storage that all share, and a record of all that is
 * done with them.
 */
export class ProofMember {
  readonly #recorder: Recorder;
  readonly #cached: Memoized<(key: string) => Promise<Value>>;
  readonly #byKey: CallsByKey;
  readonly #source: RecordedSource;
  readonly #random: () => number;

  constructor({ process, folder, reach, deadline, caching, fenced, source, seed }: MemberSettings) {
    this.#random = seededRandom(seed);
    this.#recorder = new Recorder(folder, process, { isFailureOfFunction: isFailureOfSource });
    this.#source = new RecordedSource(source, this.#recorder, this.#random);
    const opened = openStorage(reach, { namespace: 'proof', deadline });
    const storage = recordingStorage(opened, this.#recorder, fenced);
    this.#byKey = new CallsByKey(storage, caching, this.#recorder, this.#source);
    this.#cached = memoize((key: string) => this.#source.load(key), {
      name: 'proved',
      storage,
      ...caching,
      // Faults are what a proof is about: nobody need be warned of them.
      onEvent: () => {},
    });
  }

  async carryOut(order: MemberOrder): Promise<unknown> {
    switch (order.action) {
      case 'behave':
        this.#source.behaviour = order.source;
        return;
      case 'read':
        return together(order.callers, () => this.#read(order.key));
      case 'begin':
        return this.#begin(order.key);
      case 'refresh':
      case 'delete':
      case 'set':
        return this.#do(order.action, order.key);
      case 'clear':
        return this.#do('clear', '');
      case 'mix':
        return this.#mix(order);
      case 'visit':
        return againAndAgain(order, this.#random, () => this.#read(order.key));
      case 'adopt':
        this.#byKey.adopt(order.key, order.revision);
        return;
      case 'demand':
        return this.#byKey.demand(order);
      case 'many':
        return this.#byKey.many(order);
      case 'count':
        return this.#cached.cacheInfo();
    }
  }

  async #read(key: string): Promise<void> {
    await this.#recorder.asking('read', key, () => this.#cached(key));
  }

  async #begin(key: string): Promise<void> {
    const begun = this.#source.begun(key);
    void this.#read(key);
    await begun;
  }

  async #do(action: 'read' | 'refresh' | 'delete' | 'set' | 'clear', key: string): Promise<void> {
    switch (action) {
      case 'read':
        return this.#read(key);
      case 'refresh':
        await this.#recorder.asking('refresh', key, () => this.#cached.refresh(key));
        return;
      case 'delete':
        return this.#recorder.telling('delete', key, () => this.#cached.delete([key]));
      case 'clear':
        return this.#recorder.telling('clear', '', () => this.#cached.clear());
      case 'set': {
        const value = this.#recorder.newValue(key, 'set');
        return this.#recorder.telling('set', key, () => this.#cached.set([key], value), value);
      }
    }
  }

  async #mix({ seed, operations, callers, keys, weights }: Extract<MemberOrder, { action: 'mix' }>): Promise<void> {
    const random = seededRandom(seed);
    let left = operations;
    await together(callers, async () => {
      while (left-- > 0) await this.#do(oneByWeight(random, weights), oneOf(random, keys));
    });
  }
}
