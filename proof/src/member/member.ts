import { setTimeout as pause } from 'node:timers/promises';
import { CachedMethodFailedError, memoize, RecentlyFailedError, type Memoized } from '@memo/core';
import type { Value } from '../history/record.js';
import { Recorder } from '../history/recorder.js';
import { between, oneByWeight, oneOf, seededRandom } from '../seeded-random.js';
import { openStorage } from '../servers/open-storage.js';
import type { MemberOrder, MemberSettings, Source } from './orders.js';
import { recordingStorage } from './recording-storage.js';

/** The cached function failed, as it was told to. */
class SourceFailedError extends Error {}

/** One process of a fleet: a cached function over the storage that all share, and a record of all that is done with it. */
export class ProofMember {
  readonly #recorder: Recorder;
  readonly #cached: Memoized<(key: string) => Promise<Value>>;
  readonly #begun = new Map<string, () => void>();
  readonly #random: () => number;
  #source: Source;

  constructor({ process, folder, reach, deadline, caching, fenced, source, seed }: MemberSettings) {
    this.#source = source;
    this.#random = seededRandom(seed);
    this.#recorder = new Recorder(folder, process, { isFailureOfFunction: isFailureOfSource });
    const storage = openStorage(reach, { namespace: 'proof', deadline });
    this.#cached = memoize((key: string) => this.#load(key), {
      name: 'proved',
      storage: recordingStorage(storage, this.#recorder, fenced),
      ...caching,
      // Faults are what a proof is about: nobody need be warned of them.
      onEvent: () => {},
    });
  }

  async carryOut(order: MemberOrder): Promise<unknown> {
    switch (order.action) {
      case 'behave':
        this.#source = order.source;
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
        return this.#visit(order);
      case 'count':
        return this.#cached.cacheInfo();
    }
  }

  async #load(key: string): Promise<Value> {
    const { shortest, longest, failing = 0 } = this.#source;
    const value = this.#recorder.newValue(key, 'load');
    this.#recorder.loadBegan(value);
    this.#begun.get(key)?.();
    await pause(between(this.#random, shortest, longest));
    if (this.#random() < failing) throw new SourceFailedError('told to');
    return value;
  }

  async #read(key: string): Promise<void> {
    await this.#recorder.asking('read', key, () => this.#cached(key));
  }

  async #begin(key: string): Promise<void> {
    const begun = new Promise<void>((resolve) => this.#begun.set(key, resolve));
    void this.#read(key);
    await begun;
    this.#begun.delete(key);
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

  async #visit({ key, callers, pause: length, duration }: Extract<MemberOrder, { action: 'visit' }>): Promise<void> {
    const end = performance.now() + duration;
    await together(callers, async () => {
      while (performance.now() < end) {
        await this.#read(key);
        await pause(between(this.#random, 0, 2 * length));
      }
    });
  }
}

function isFailureOfSource(error: unknown): boolean {
  if (!CachedMethodFailedError.isInstance(error)) return false;
  return error.cause instanceof SourceFailedError || RecentlyFailedError.isInstance(error.cause);
}

async function together(callers: number, act: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callers }, act));
}
