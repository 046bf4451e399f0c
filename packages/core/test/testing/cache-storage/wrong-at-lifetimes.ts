import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';

/** Storages that let go too early, too late or not at all. */
export const wrongAtLifetimes: WrongStorages = {
  'not-early': [
    'counts lifetimes in whole seconds, rounded down',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        return Date.now() + Math.floor((entry.expiresAfter - Date.now()) / 1_000) * 1_000;
      }
    },
  ],
  'far-lifetimes': [
    'takes seconds over 30 days for a moment, as Memcached does',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        const seconds = (entry.expiresAfter - Date.now()) / 1_000;
        return seconds > 2_592_000 ? seconds * 1_000 : entry.expiresAfter;
      }
    },
  ],
  'offered-expired': [
    'fails at lifetimes that are no positive number',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        if (entry.expiresAfter <= Date.now()) throw new Error('invalid expire time');
        return entry.expiresAfter;
      }
    },
  ],
  reclaims: [
    'keeps expired entries for ever',
    class extends ReferenceStorage {
      override reclaimedAt(): number {
        return Infinity;
      }
    },
  ],
  ttl: [
    'says how long an entry is kept in whole seconds, rounded up',
    class extends ReferenceStorage {
      override async ttl(key: string): Promise<number | undefined> {
        const ttl = await super.ttl(key);
        return ttl && Math.ceil(ttl / 1_000) * 1_000;
      }
    },
  ],
  'ttl-for-ever': [
    'says -1 of what it keeps for ever, as Redis does',
    class extends ReferenceStorage {
      override async ttl(key: string): Promise<number | undefined> {
        const ttl = await super.ttl(key);
        return ttl === Infinity ? -1 : ttl;
      }
    },
  ],
  'ttl-unknown': [
    'says -2 of what it does not have, as Redis does',
    class extends ReferenceStorage {
      override async ttl(key: string): Promise<number | undefined> {
        return (await super.ttl(key)) ?? -2;
      }
    },
  ],
};
