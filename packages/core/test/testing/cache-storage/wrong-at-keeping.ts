import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { OfferResult } from '../../../src/storage/cache-storage.js';
import { ReferenceStorage } from './reference-storage.js';
import { InProcess, type WrongStorages } from './storage-class.js';

const stray: CacheEntry = { value: 'stray', created: 0, updateAfter: 0, expiresAfter: Infinity };

/** Storages that do not give back what was offered. */
export const wrongAtKeeping: WrongStorages = {
  'get-unknown': [
    'finds the properties of objects',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        return key in {} ? stray : super.get(key);
      }
    },
  ],
  'offer-get': [
    'forgets an entry once it was found',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        this.backend.records.delete(this.nameOf(key));
        return entry;
      }
    },
  ],
  overwrite: [
    'keeps the parts of an earlier entry that the new one lacks',
    class extends ReferenceStorage {
      override write(key: string, entry: CacheEntry): void {
        super.write(key, { ...this.record(key)?.entry, ...entry });
      }
    },
  ],
  moments: [
    'rounds moments to milliseconds',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        return { ...super.decode(entry), expiresAfter: Math.round(entry.expiresAfter) };
      }
    },
  ],
  started: [
    'forgets when the load began',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { started: _, ...others } = super.decode(entry);
        return others;
      }
    },
  ],
  etag: [
    'takes an empty etag for none',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { etag, ...others } = super.decode(entry);
        return etag ? { ...others, etag } : others;
      }
    },
  ],
  failed: [
    'forgets that a value is a failure',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { failed: _, ...others } = super.decode(entry);
        return others;
      }
    },
  ],
  values: [
    'takes empty values for misses',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        return entry?.value === undefined || entry.value === '' ? undefined : entry;
      }
    },
  ],
  'values-beyond': [
    'stores what JSON makes of a value',
    class extends ReferenceStorage {
      override encode(key: string, entry: CacheEntry): CacheEntry {
        const text = JSON.stringify(entry.value);
        return { ...super.encode(key, { ...entry, value: null }), value: text && (JSON.parse(text) as unknown) };
      }
    },
  ],
  'same-entry': [
    'hands out copies',
    class extends InProcess {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        return entry && { ...entry };
      }
    },
  ],
  'copied-in': [
    'keeps the very value',
    class extends ReferenceStorage {
      override encode(_: string, entry: CacheEntry): CacheEntry {
        return entry;
      }
    },
  ],
  'copied-out': [
    'hands out the very value',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        return entry;
      }
    },
  ],
  large: [
    'cuts what is longer than a megabyte',
    class extends ReferenceStorage {
      override encode(key: string, entry: CacheEntry): CacheEntry {
        const { value } = entry;
        return super.encode(key, { ...entry, value: typeof value === 'string' ? value.slice(0, 1_000_000) : value });
      }
    },
  ],
  concurrent: [
    'writes into one buffer, whoever else is writing',
    class extends ReferenceStorage {
      buffer: CacheEntry | undefined;
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        this.buffer = entry;
        await Promise.resolve();
        return super.offer(key, this.buffer);
      }
    },
  ],
};
