import type { CacheEntry, EvictionStrategy } from '@memo/core';
import type { Trace } from './trace.js';

/** The entry of a replay: its value is its size. */
type SizedEntry = CacheEntry<number>;

/** What an entry of a replay weighs. */
export function sizeOf({ value }: CacheEntry): number {
  return value as number;
}

/**
 * How many requests a strategy misses, which is told of them as a cache tells it: what is not there is written, and then
 * goes what the strategy names.
 */
export function missesOf({ keys, requests, sizes }: Trace, strategy: EvictionStrategy): number {
  const places = new Map(keys.map((key, place) => [key, place]));
  const isKept = new Uint8Array(keys.length);
  let misses = 0;
  for (let index = 0; index < requests.length; index++) {
    const place = requests[index]!;
    const key = keys[place]!;
    if (isKept[place] === 1) {
      strategy.markRead(key);
      continue;
    }
    misses++;
    isKept[place] = 1;
    strategy.markWritten(key, entryOf(sizes?.[index] ?? 1));
    for (let victim = strategy.nextToRelease(); victim !== undefined; victim = strategy.nextToRelease()) {
      isKept[places.get(victim)!] = 0;
      strategy.markReleased(victim);
    }
  }
  return misses;
}

/** Entries are told apart by their keys: of each size there need only be one. */
const entries = new Map<number, SizedEntry>();

function entryOf(size: number): SizedEntry {
  let entry = entries.get(size);
  if (entry === undefined) {
    entry = { value: size, created: 0, updateAfter: Infinity, expiresAfter: Infinity };
    entries.set(size, entry);
  }
  return entry;
}
