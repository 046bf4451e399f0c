/** Who uses something that is open: the entries in which it is, and those who hold it. Plain data, for all copies of memo. */
export interface Usage {
  users: number;
  /** What opening it has given, or a promise of that; where it is to be opened. */
  opened?: unknown;
  /** Settles when its closing, once that has begun, is over or was given up. */
  closing?: Promise<void>;
  /** As `closing`, of the time when the same object was open before. */
  readonly before?: Promise<void> | undefined;
}

/** Who uses what. An object is remembered no longer than somebody else holds it. */
export type Usages = WeakMap<object, Usage>;

/** All copies of this package in a process have to agree on who uses an object, or one would close it under another. */
const usagesOfProcess = Symbol.for('@memo/usages/1');
const byOpening = new WeakMap<object, Usages>();

/** Who uses what was open when it was loaded: one table for all functions, since an object can be closed but once. */
export const usages = commonUsages();

/** Who uses what is opened by `open`: each opening has its closing. */
export function usagesOpenedBy(open: object): Usages {
  const known = byOpening.get(open) ?? new WeakMap<object, Usage>();
  byOpening.set(open, known);
  return known;
}

/** Counts one more user of `object`, until `users` is counted down again. */
export function useOf(object: unknown, known: Usages): Usage {
  if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return { users: 1 };
  const usage = known.get(object);
  if (usage !== undefined && usage.users > 0) {
    usage.users++;
    return usage;
  }
  const next: Usage = { users: 1, before: usage?.closing };
  known.set(object, next);
  return next;
}

function commonUsages(): Usages {
  const process = globalThis as { [usagesOfProcess]?: Usages };
  const common = process[usagesOfProcess] ?? new WeakMap<object, Usage>();
  process[usagesOfProcess] = common;
  return common;
}
