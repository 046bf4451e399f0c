import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { CacheStorage, OfferResult } from '../../../src/storage/cache-storage.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';

/** Storages that show or change entries wrongly. */
export const wrongAtMoments: WrongStorages = {
  peek: [
    'shows the entry before the last one',
    class extends ReferenceStorage {
      readonly before = new Map<string, CacheEntry>();
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        const before = this.record(key)?.entry;
        if (before !== undefined) this.before.set(key, before);
        return super.offer(key, entry);
      }
      override peek(key: string): CacheEntry | undefined {
        return this.before.get(key) ?? super.peek(key);
      }
    },
  ],
  'peek-invalidated': [
    'shows what it found once',
    class extends ReferenceStorage {
      readonly found = new Map<string, CacheEntry>();
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        if (entry !== undefined) this.found.set(key, entry);
        return entry;
      }
      override peek(key: string): CacheEntry | undefined {
        return super.peek(key) ?? this.found.get(key);
      }
    },
  ],
  'change-moments': [
    'changes only one of the moments',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, { expiresAfter }, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, expected, { updateAfter: expected.updateAfter, expiresAfter }, now);
      }
    },
  ],
  'change-moments-replaced': [
    'changes whatever entry is there',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, this.record(key)?.entry ?? expected, changed, now);
      }
    },
  ],
  'change-moments-expired': [
    'takes an entry for live at the instant of its expiry',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, expected, changed, now - 1);
      }
    },
  ],
  'change-moments-absent': [
    'brings back what is gone',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        if (this.record(key) === undefined) this.write(key, expected);
        return super.changeMoments(key, expected, changed, now);
      }
    },
  ],
  'change-moments-lifetime': [
    'forgets to make the lifetime longer in the backend',
    class extends ReferenceStorage {
      override async changeMoments(...args: ChangeMoments): Promise<boolean> {
        const before = this.record(args[0]);
        const changed = await super.changeMoments(...args);
        const after = this.record(args[0]);
        if (before && after) {
          this.backend.records.set(this.nameOf(args[0]), { ...after, reclaimedAt: before.reclaimedAt });
        }
        return changed;
      }
    },
  ],
};

export type ChangeMoments = Parameters<NonNullable<CacheStorage['changeMoments']>>;
