import { createHash } from 'node:crypto';
import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { OfferResult } from '../../../src/storage/cache-storage.js';
import { matches } from './glob.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';
import { renaming } from './wrong-at-keys.js';

/** Storages that clear or list too little or too much. */
export const wrongAtClearing: WrongStorages = {
  'clear-all': [
    'clears the first hundred entries only',
    class extends ReferenceStorage {
      override async clear(): Promise<void> {
        for (const name of [...this.backend.records.keys()].slice(0, 100)) this.backend.records.delete(name);
      }
    },
  ],
  'clear-scope': [
    'stores long keys under a hash, which begins with nothing',
    renaming((key) => (key.length > 250 ? createHash('sha256').update(key).digest('hex') : key)),
  ],
  'clear-literal': [
    'clears by pattern',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        for (const [name, { key }] of this.backend.records) {
          if (matches(`${scope}*`, key)) this.backend.records.delete(name);
        }
      }
    },
  ],
  'clear-neighbour': [
    'clears the whole backend',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        if (scope === '') this.backend.records.clear();
        await super.clear(scope);
      }
    },
  ],
  'clear-shared': [
    'clears what it offered itself',
    class extends ReferenceStorage {
      readonly offered = new Set<string>();
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        this.offered.add(key);
        return super.offer(key, entry);
      }
      override async clear(scope: string): Promise<void> {
        for (const key of this.offered) if (key.startsWith(scope)) await this.invalidate(key);
      }
    },
  ],
  entries: [
    'lists keys trimmed',
    class extends ReferenceStorage {
      override async *entries(): AsyncGenerator<readonly [string, CacheEntry], void, undefined> {
        for await (const [key, entry] of super.entries()) yield [key.trim(), entry];
      }
    },
  ],
  'entries-neighbour': [
    'lists the whole backend',
    class extends ReferenceStorage {
      override async *entries(): AsyncGenerator<readonly [string, CacheEntry], void, undefined> {
        for (const { key, entry } of this.backend.records.values()) if (entry !== undefined) yield [key, entry];
      }
    },
  ],
};
