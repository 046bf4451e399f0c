import type { Awaitable } from '../../serde.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import { toMilliseconds } from '../../time/duration.js';
import { runContract, type Opened, type TestRunner } from '../contract.js';
import { clearClauses } from './clear-clauses.js';
import { keepingClauses } from './keeping-clauses.js';
import { keyClauses } from './key-clauses.js';
import { lettingGoClauses } from './letting-go-clauses.js';
import { lifetimeClauses } from './lifetime-clauses.js';
import { momentsClauses } from './moments-clauses.js';
import { sharingClauses } from './sharing-clauses.js';
import type { CacheStorageTraits, StorageNeed, StorageSubject } from './storage-subject.js';

const clauses = [
  ...keepingClauses,
  ...keyClauses,
  ...lifetimeClauses,
  ...lettingGoClauses,
  ...clearClauses,
  ...momentsClauses,
  ...sharingClauses,
];

/**
 * A suite of tests that every `CacheStorage` passes, whatever it keeps its entries in.
 *
 * ```ts
 * import { describe, expect, it } from 'vitest';
 * import { cacheStorageContract } from '@memo/core/testing';
 *
 * cacheStorageContract({ describe, it, expect }, () => new MyStorage(), { resolution: '1 second' });
 * ```
 * Each clause is a test of its own with a storage of its own; clauses about an ability that the storage lacks or a trait
 * that is not named are skipped. Lifetimes and outages take real time: about ten seconds in all for a storage with every
 * trait.
 *
 * @param create - opens a storage without entries, or one together with how to close it. Where it names no `close`, the
 * storage's `Symbol.asyncDispose` is called. Storages over the same data are fine as long as they start out empty.
 */
export function cacheStorageContract<S extends CacheStorage>(
  runner: TestRunner,
  create: () => Awaitable<S | { readonly storage: S; readonly close?: () => Awaitable<unknown> }>,
  traits: CacheStorageTraits<S> = {},
): void {
  runContract(runner, 'CacheStorage', clauses, async () => {
    const created = await create();
    const { storage, close } = 'storage' in created ? created : { storage: created, close: undefined };
    return openSubject(storage, traits, close);
  });
}

function openSubject<S extends CacheStorage>(
  storage: S,
  traits: CacheStorageTraits<S>,
  close: (() => Awaitable<unknown>) | undefined,
): Opened<StorageSubject> {
  const others: CacheStorage[] = [];
  const opened = async (open: ((storage: S) => Awaitable<CacheStorage>) | undefined): Promise<CacheStorage> => {
    const other = await given(open)(storage);
    others.push(other);
    return other;
  };
  const call = { call: 'cacheStorageContract', option: 'resolution' };
  return {
    subject: {
      storage,
      values: traits.values ?? 'structured',
      resolution: traits.resolution === undefined ? 0 : toMilliseconds(traits.resolution, call),
      openAnother: () => opened(traits.openAnother),
      openNeighbour: () => opened(traits.openNeighbour),
      corrupt: async (key) => given(traits.corrupt)(storage, key),
      interrupt: async () => given(traits.interrupt)(storage),
    },
    has: new Set(needsMetBy(storage, traits)),
    async close() {
      for (const other of others) await other[Symbol.asyncDispose]?.();
      await (close === undefined ? storage[Symbol.asyncDispose]?.() : close());
    },
  };
}

function needsMetBy<S extends CacheStorage>(storage: S, traits: CacheStorageTraits<S>): readonly StorageNeed[] {
  const abilities = ['peek', 'invalidate', 'changeMoments', 'clear', 'entries'] as const;
  const optional = ['resolution', 'sameEntry', 'openAnother', 'openNeighbour', 'corrupt', 'interrupt'] as const;
  return [
    ...abilities.filter((ability) => storage[ability] !== undefined),
    ...optional.filter((trait) => traits[trait] !== undefined),
    ...(storage[Symbol.asyncDispose] === undefined ? [] : (['dispose'] as const)),
    ...(storage.shared === false ? (['in process'] as const) : []),
    ...(traits.sameEntry === true ? [] : (['copies'] as const)),
    ...(traits.lossy === true ? [] : (['lossless'] as const)),
  ];
}

/** Clauses name the traits they need, so that none is missing when it is used. */
function given<T>(trait: T | undefined): T {
  if (trait === undefined) throw new Error('A clause uses a trait that it does not name among its needs.');
  return trait;
}
