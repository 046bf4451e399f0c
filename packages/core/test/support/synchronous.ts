import type { CacheEvent } from '@memo/core';

/** A function under the eyes of the test. */
export interface Counted<A extends unknown[], R> {
  /** To be wrapped; its name is `counted`. */
  readonly call: (...args: A) => R;
  /** The arguments of all calls so far. */
  readonly calls: readonly A[];
}

/** The function, with a list of its calls. */
export function counted<A extends unknown[], R>(fn: (...args: A) => R): Counted<A, R> {
  const calls: A[] = [];
  const call = { counted: (...args: A): R => (calls.push(args), fn(...args)) }.counted;
  return { call, calls };
}

/** A listener that remembers what it was told, and what that was. */
export function eventsOf(): {
  readonly onEvent: (event: CacheEvent) => void;
  /** All events, or those of one type. */
  events(): readonly CacheEvent[];
  events<T extends CacheEvent['type']>(type: T): readonly Extract<CacheEvent, { readonly type: T }>[];
} {
  const told: CacheEvent[] = [];
  return {
    onEvent: (event) => void told.push(event),
    events: <T extends CacheEvent['type']>(type?: T) =>
      told.filter(
        (event): event is Extract<CacheEvent, { readonly type: T }> => type === undefined || event.type === type,
      ),
  };
}
