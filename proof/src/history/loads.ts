import { grouped } from './grouped.js';
import { nameOf, type Moment, type Recorded, type Value } from './record.js';

/** One call of the cached function, as far as one key is concerned. */
export interface Load {
  readonly key: string;
  readonly process: string;
  readonly value: Value;
  readonly start: Moment;
  /** `Infinity` if it never ended. */
  readonly end: Moment;
  /** When it was known, too, what became of the value that was offered. */
  readonly over: Moment;
  /** The call that it was made for. */
  readonly call: number | undefined;
  /** The call of the function that loads, which may have been for other keys, too. */
  readonly batch: number | undefined;
}

/** All loads, in the order in which they began. */
export function loadsIn(history: readonly Recorded[]): readonly Load[] {
  const [ends, offers] = [new Map<string, Moment>(), new Map<string, Moment>()];
  for (const { operation, value, end } of history) {
    if (operation === 'loaded' && value !== undefined) ends.set(nameOf(value), end);
    if (operation === 'publish' && value !== undefined) offers.set(nameOf(value), end);
  }
  return history
    .flatMap(({ operation, key, process, value, start, call, batch }): Load[] => {
      if (operation !== 'load' || value === undefined) return [];
      const end = ends.get(nameOf(value)) ?? Infinity;
      return [{ key, process, value, start, end, over: offers.get(nameOf(value)) ?? end, call, batch }];
    })
    .toSorted((one, other) => one.start - other.start);
}

/** The loads of each key, in their order. */
export function loadsByKeyIn(history: readonly Recorded[]): ReadonlyMap<string, readonly Load[]> {
  return grouped(loadsIn(history), ({ key }) => key);
}
