import {
  InMemoryUpdateStatuses,
  memoize,
  type CacheEvent,
  type CacheStorage,
  type Memoized,
  type MemoizeOptions,
} from '@memo/core';
import type { ManualClock } from '@memo/core/testing';
import { slowSource, type Source } from './source.js';

/** One process of several that share a storage, as far as one process can play it: with a table of loads of its own. */
export interface Member {
  readonly source: Source;
  readonly call: Memoized<(...args: unknown[]) => Promise<string>>;
  readonly events: CacheEvent[];
  /** The types of events so far, without those about hits. */
  types(): readonly string[];
}

export function memberOver(storage: CacheStorage, clock: ManualClock, options: MemoizeOptions = {}): Member {
  const source = slowSource();
  const events: CacheEvent[] = [];
  const call = memoize(source.call, {
    name: 'f',
    storage,
    clock,
    jitter: 0,
    updateStatuses: new InMemoryUpdateStatuses({ lockTimeout: Infinity, clock }),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { source, call, events, types: () => events.map(({ type }) => type) };
}
