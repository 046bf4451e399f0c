import { checkOptions, type OptionRule, type OptionRules } from './check-options.js';
import { ClearAllFailedError, MissingAbilityError } from './errors.js';

/** What is to be cleared beside the storages of this process. */
export interface ClearAllOptions {
  /**
   * Whether entries in shared storages are taken away, too: for all processes.
   * @defaultValue `false`
   */
  readonly shared?: boolean;
}

/** A cache that `clearAll` reaches. */
export interface AsynchronousCache {
  /** Takes away all its entries, those in shared storages only if that is asked for. */
  clearAll(options: Required<ClearAllOptions>): Promise<void>;
}

/** A cache that `clearAllSync` reaches, too: what it knows is in this process, and it is cleared at once. */
export interface SynchronousCache {
  clearAllSync(): void;
}

/** A cache that can be cleared together with all others. */
export type ClearableCache = AsynchronousCache | SynchronousCache;

type KnownCaches = Set<WeakRef<ClearableCache>>;

/** All copies of this package in a process have to know the same caches. */
const cachesOfProcess = Symbol.for('@memo/caches/1');

const knownCaches = knownInProcess();

function knownInProcess(): KnownCaches {
  const process = globalThis as { [cachesOfProcess]?: KnownCaches };
  const known = process[cachesOfProcess] ?? new Set();
  process[cachesOfProcess] = known;
  return known;
}

const collected =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<WeakRef<ClearableCache>>((reference) => void knownCaches.delete(reference));

/** Where nobody tells what has been collected, that is looked for each time when there are so many. */
let manyCaches = 1_000;

/**
 * Lets `clearAll` find a cache, for as long as somebody else holds it. To be called once, with an object that everyone
 * holds who can call the cache.
 */
export function register(cache: ClearableCache): void {
  // Without weak references it would be kept for ever; it is not found instead.
  if (typeof WeakRef === 'undefined') return;
  const reference = new WeakRef(cache);
  knownCaches.add(reference);
  collected?.register(cache, reference);
  if (collected !== undefined || knownCaches.size < manyCaches) return;
  manyCaches = Math.max(1_000, 2 * livingCaches().length);
}

/** Those that somebody still holds; the others are forgotten. */
function livingCaches(): readonly ClearableCache[] {
  return [...knownCaches].flatMap((reference) => {
    const cache = reference.deref();
    if (cache !== undefined) return [cache];
    knownCaches.delete(reference);
    return [];
  });
}

/**
 * Takes away all entries of all caches in this process: those of functions, synchronous ones too, and of Memoizers. What
 * is in shared storages stays, unless that is asked for: `clearAll({ shared: true })`.
 *
 * All are tried, though one fails.
 *
 * @returns rejects with what the one cache failed with that did, and with a `ClearAllFailedError` if there are several.
 */
export async function clearAll(options: ClearAllOptions = {}): Promise<void> {
  refuseWithoutReferences('clearAll()');
  checkOptions('clearAll', options, clearAllRules);
  const { shared = false } = options;
  const clearing = livingCaches().map(async (cache) =>
    'clearAllSync' in cache ? cache.clearAllSync() : cache.clearAll({ shared }),
  );
  throwFailures(await Promise.allSettled(clearing));
}

/**
 * Takes away all entries of all synchronous functions, at once. Other caches are left alone.
 *
 * All are tried, though one fails.
 *
 * @throws what the one cache failed with that did, and a `ClearAllFailedError` if there are several.
 */
export function clearAllSync(): void {
  refuseWithoutReferences('clearAllSync()');
  const synchronous = livingCaches().filter((cache) => 'clearAllSync' in cache);
  throwFailures(synchronous.map((cache) => outcomeOf(() => cache.clearAllSync())));
}

const clearAllRules = {
  shared: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
} as const satisfies OptionRules & Record<keyof ClearAllOptions, OptionRule>;

function refuseWithoutReferences(operation: string): void {
  if (typeof WeakRef !== 'undefined') return;
  throw new MissingAbilityError(operation, 'a runtime with WeakRef', `Clear each function by itself.`);
}

function outcomeOf(act: () => void): PromiseSettledResult<void> {
  try {
    act();
    return { status: 'fulfilled', value: undefined };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

function throwFailures(outcomes: readonly PromiseSettledResult<void>[]): void {
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new ClearAllFailedError(outcomes.length, failures);
}
