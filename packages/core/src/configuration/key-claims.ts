import { InvalidOptionError } from '../errors.js';
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
      expected: `given, because another function in this storage has the keys ${JSON.stringify(scope)} already`,
      received: named ? fn.name : undefined,
      advice: `Give each function a name of its own; where they shall share entries, give both the same one.`,
    });
  }
  owners.set(scope, { fn: new WeakRef(fn), named });
}
