import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { OfferResult } from '../../../src/storage/cache-storage.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';
import { Beside, Hesitant, Silent } from './wrong-leasing.js';

/** Storages that set too little, too late, or beside a lease. */
export const wrongAtSetting: WrongStorages = {
  set: [
    'leaves what is there',
    class extends ReferenceStorage {
      override async set(key: string, entry: CacheEntry): Promise<OfferResult> {
        return this.record(key) === undefined ? super.set(key, entry) : 'stored';
      }
    },
  ],
  'set-expired': [
    'passes over what has expired',
    class extends ReferenceStorage {
      override async set(key: string, entry: CacheEntry): Promise<OfferResult> {
        return entry.expiresAfter > Date.now() ? super.set(key, entry) : 'stored';
      }
    },
  ],
  'set-refused': [
    'makes room before it looks at the value',
    class extends ReferenceStorage {
      override async set(key: string, entry: CacheEntry): Promise<OfferResult> {
        this.backend.records.delete(this.nameOf(key));
        return super.set(key, entry);
      }
    },
  ],
  'set-lease': ['sets an entry beside the lease', Beside],
  'set-watch': ['tells nobody that an entry was set', Silent],
  'set-race': ['looks whether a lease is held, and writes a moment later', Hesitant],
  'set-interrupted': [
    'sets later what it could not set in time',
    class extends ReferenceStorage {
      readonly late = new Map<string, CacheEntry>();
      override async set(key: string, entry: CacheEntry): Promise<OfferResult> {
        if (this.backend.away) this.late.set(key, entry);
        return super.set(key, entry);
      }
      override async get(key: string): Promise<CacheEntry | undefined> {
        const late = this.late.get(key);
        if (late !== undefined) this.write(key, late);
        return super.get(key);
      }
    },
  ],
};
