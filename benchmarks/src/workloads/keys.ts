import type { Filter } from '../contenders/contender.js';

/** How many keys the benchmarks of hits have: a power of two, as `mask` picks one. */
export const keyCount = 4096;
export const mask = keyCount - 1;

/** Texts as keys, of a length that is usual. */
export function keysOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user:${index}`);
}

/** A small record for each key. */
export function valuesOf(keys: readonly string[]): ReadonlyMap<string, object> {
  return new Map(keys.map((key) => [key, { key }]));
}

/** Objects that are all different, each in its own fields. */
export function filtersOf(count: number): readonly Filter[] {
  return keysOf(count).map((id, index) => ({ id, page: index >> 3, size: 20, deleted: (index & 1) === 0 }));
}
