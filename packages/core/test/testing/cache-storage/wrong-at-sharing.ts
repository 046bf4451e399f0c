import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { Backend, ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';
import type { ChangeMoments } from './wrong-at-moments.js';

/** A storage that each client has for itself where it should be shared. */
class Private extends ReferenceStorage {
  constructor(_: Backend, namespace?: string) {
    super(new Backend(), namespace);
  }
}

/** Storages that do not share, or do not bear what happens to backends. */
export const wrongAtSharing: WrongStorages = {
  shared: ['keeps everything to itself', Private],
  'change-moments-shared': [
    'changes moments in its own copy only',
    class extends ReferenceStorage {
      readonly changed = new Map<string, CacheEntry>();
      override async changeMoments(...[key, expected, changed]: ChangeMoments): Promise<boolean> {
        this.changed.set(key, { ...expected, ...changed });
        return true;
      }
      override async get(key: string): Promise<CacheEntry | undefined> {
        return this.changed.get(key) ?? super.get(key);
      }
    },
  ],
  neighbours: [
    'has no namespaces',
    class extends ReferenceStorage {
      override nameOf(key: string): string {
        return key;
      }
    },
  ],
  unreadable: [
    'takes garbage for nothing',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        return this.record(key)?.entry && super.get(key);
      }
    },
  ],
  'unreadable-replaced': [
    'fails at garbage that it should take away',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        await this.get(key);
        return super.invalidate(key);
      }
    },
  ],
  interrupted: [
    'waits until the backend is back',
    class extends ReferenceStorage {
      override reach(): Promise<void> {
        return this.backend.away ? new Promise(() => {}) : Promise.resolve();
      }
    },
  ],
  resumed: [
    'never tries again what failed once',
    class extends ReferenceStorage {
      broken = false;
      override async reach(operation: string): Promise<void> {
        this.broken ||= this.backend.away;
        if (this.broken) throw new Error(`${operation}: the connection was lost`);
      }
    },
  ],
};
