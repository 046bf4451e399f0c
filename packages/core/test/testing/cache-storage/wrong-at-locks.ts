import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { Lock } from '../../../src/storage/lock.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';

/** Storages whose locks exclude too few or too many. */
export const wrongAtLocks: WrongStorages = {
  lock: [
    'has one lock for all keys that begin alike',
    class extends ReferenceStorage {
      override lock(key: string): Lock {
        return super.lock(key.slice(0, 6));
      }
    },
  ],
  'lock-entries': [
    'finds a lock where it looks for an entry',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const isLocked = this.backend.locks.has(this.nameOf(key));
        return isLocked ? { value: 'locked', created: 0, updateAfter: 0, expiresAfter: Infinity } : super.get(key);
      }
    },
  ],
  'lock-neighbours': [
    'locks keys wherever they are',
    class extends ReferenceStorage {
      override lock(key: string): Lock {
        return new ReferenceStorage(this.backend).lock(key);
      }
    },
  ],
};
