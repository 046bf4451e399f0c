import type { Awaitable } from '../../serde.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import { toMilliseconds } from '../../time/duration.js';
import { runContract, type Opened, type TestRunner } from '../contract.js';
import { clearClauses } from './clear-clauses.js';
import { keepingClauses } from './keeping-clauses.js';
import { keptClauses } from './kept-clauses.js';
import { keyClauses } from './key-clauses.js';
import { leaseClauses } from './lease-clauses.js';
import { leaseEndClauses } from './lease-end-clauses.js';
import { leaseVoidClauses } from './lease-void-clauses.js';
import { lettingGoClauses } from './letting-go-clauses.js';
import { lifetimeClauses } from './lifetime-clauses.js';
import { lockClauses } from './lock-clauses.js';
import { manyClauses } from './many-clauses.js';
import { momentsClauses } from './moments-clauses.js';
import { resourceClauses } from './resource-clauses.js';
import { setClauses } from './set-clauses.js';
import { sharingClauses } from './sharing-clauses.js';
import { ttlClauses } from './ttl-clauses.js';
import type { CacheStorageTraits, StorageNeed, StorageSubject } from './storage-subject.js';

const clauses = [
  ...keepingClauses,
  ...keyClauses,
  ...manyClauses,
  ...lifetimeClauses,
  ...keptClauses,
  ...ttlClauses,
  ...lettingGoClauses,
  ...clearClauses,
  ...momentsClauses,
  ...leaseClauses,
  ...leaseEndClauses,
  ...leaseVoidClauses,
  ...setClauses,
  ...lockClauses,
  ...sharingClauses,
  ...resourceClauses,
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
 * Each clause is a test of its own with a storage of its own. Clauses about traits that are not named are left out, those
 * about abilities that the storage lacks are skipped. Lifetimes, leases and outages take real time: some ten seconds in
 * all, one after the other.
 *
 * @param create - opens a storage without entries, or one together with how to close it. Where it names no `close`, the
 * storage's `Symbol.asyncDispose` is called. Storages over the same data are fine as long as they start out empty.
 */
export function cacheStorageContract<S extends CacheStorage>(
  runner: TestRunner,
  create: () => Awaitable<S | { readonly storage: S; readonly close?: () => Awaitable<unknown> }>,
  traits: CacheStorageTraits<S> = {},
): void {
  const missing = traitsMissingFrom(traits);
  const applicable = clauses.filter(({ needs = [] }) => !needs.some((need) => missing.has(need)));
  runContract(runner, 'CacheStorage', applicable, async () => {
    const created = await create();
    const { storage, close } = 'storage' in created ? created : { storage: created, close: undefined };
    return openSubject(storage, traits, close);
  });
}

/** Known before any storage is open, so that clauses about other kinds of storage do not even show up. */
function traitsMissingFrom<S extends CacheStorage>(traits: CacheStorageTraits<S>): ReadonlySet<string> {
  const optional = ['resolution', 'sameEntry', 'openAnother', 'openNeighbour', 'corrupt', 'interrupt'] as const;
  const missing: StorageNeed[] = optional.filter((trait) => traits[trait] === undefined);
  if (traits.sameEntry === true) missing.push('copies');
  if (traits.lossy === true) missing.push('lossless');
  return new Set(missing);
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
  const milliseconds = (option: 'resolution' | 'leaseResolution'): number =>
    toMilliseconds(traits[option] ?? 0, { call: 'cacheStorageContract', option });
  return {
    subject: {
      storage,
      values: traits.values ?? 'structured',
      resolution: milliseconds('resolution'),
      leaseResolution: milliseconds('leaseResolution'),
      another: async () => (traits.openAnother === undefined ? storage : opened(traits.openAnother)),
      openAnother: () => opened(traits.openAnother),
      openNeighbour: () => opened(traits.openNeighbour),
      corrupt: async (key) => given(traits.corrupt)(storage, key),
      interrupt: async () => given(traits.interrupt)(storage),
    },
    missing: abilitiesMissingFrom(storage),
    async close() {
      for (const other of others) await other[Symbol.asyncDispose]?.();
      await (close === undefined ? storage[Symbol.asyncDispose]?.() : close());
    },
  };
}

function abilitiesMissingFrom(storage: CacheStorage): ReadonlySet<string> {
  const abilities = [
    'peek',
    'invalidate',
    'changeMoments',
    'clear',
    'entries',
    'lease',
    'set',
    'lock',
    'getMany',
    'ttl',
  ] as const;
  const missing: StorageNeed[] = abilities.filter((ability) => storage[ability] === undefined);
  if (storage[Symbol.asyncDispose] === undefined) missing.push('dispose');
  if (storage.shared !== false) missing.push('in process');
  if (storage.keepsResources !== true) missing.push('resources');
  return new Set(missing);
}

/** Clauses name the traits they need, so that none is missing when it is used. */
function given<T>(trait: T | undefined): T {
  if (trait === undefined) throw new Error('A clause uses a trait that it does not name among its needs.');
  return trait;
}
