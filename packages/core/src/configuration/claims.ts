import { InvalidOptionError } from '../errors.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Plan } from './plan.js';

/** Who uses a scope of keys in a storage. Weak: a storage must not keep functions alive. */
interface ScopeOwner {
  readonly fn: WeakRef<CacheableFunction>;
  /** Whether the name was given on purpose, so that several functions may share it. */
  readonly named: boolean;
}

const ownersByStorage = new WeakMap<CacheStorage, Map<string, ScopeOwner>>();

/**
 * Claims for a function the keys that begin with its scope. Two functions share a scope only where both were given its
 * name on purpose: else one would be answered with the results of the other (mends M101).
 *
 * @throws InvalidOptionError
 */
export function claimKeys(call: string, fn: CacheableFunction, { configuration, named, settings }: Plan): void {
  const { storage, keyExtractor } = configuration;
  const scope = keyExtractor.scope?.(fn);
  if (settings.ownStorage || scope === undefined) return;
  const owners = ownersByStorage.get(storage) ?? new Map<string, ScopeOwner>();
  ownersByStorage.set(storage, owners);
  const owner = owners.get(scope);
  const other = owner?.fn.deref();
  if (owner !== undefined && other !== undefined && other !== fn && !(owner.named && named)) {
    throw new InvalidOptionError({
      call,
      option: 'name',
      expected: `another, because another function in this storage has the keys ${JSON.stringify(scope)} already`,
      received: settings.name,
      advice: `Give each function a name of its own; where they shall share entries, give both the same one.`,
    });
  }
  owners.set(scope, { fn: new WeakRef(fn), named });
}

const keepersOfBooks = new WeakMap<EvictionStrategy, WeakRef<object>>();

/** Claims an eviction strategy for a storage, as `claimStrategy` does. @throws InvalidOptionError */
export function claimBooks(call: string, { configuration }: Plan): void {
  claimStrategy(call, configuration.evictionStrategy, configuration.storage);
}

/**
 * Claims an eviction strategy for what keeps the entries. The books of a strategy speak of the keys of one storage: with
 * two, room would be made in the wrong one. A strategy that keeps no books, and so lists no keys, serves any number of
 * storages.
 *
 * @throws InvalidOptionError
 */
export function claimStrategy(call: string, strategy: EvictionStrategy, keeper: object): void {
  if (strategy.keys === undefined) return;
  const other = keepersOfBooks.get(strategy)?.deref();
  if (other !== undefined && other !== keeper) {
    throw new InvalidOptionError({
      call,
      option: 'evictionStrategy',
      expected: 'for one storage, and this one keeps the books of another storage already',
      received: strategy,
      advice: `Make a strategy for each storage, or give the functions one storage.`,
    });
  }
  keepersOfBooks.set(strategy, new WeakRef(keeper));
}
