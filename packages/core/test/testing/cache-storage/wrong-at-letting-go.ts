import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { ReferenceStorage } from './reference-storage.js';
import { InProcess, type WrongStorages } from './storage-class.js';

/** Storages that release or invalidate too little or too much. */
export const wrongAtLettingGo: WrongStorages = {
  'release-unknown': [
    'fails when it has nothing to release',
    class extends ReferenceStorage {
      override async release(key: string): Promise<void> {
        if (this.record(key) === undefined) throw new Error('not found');
      }
    },
  ],
  'release-in-process': [
    'never lets go',
    class extends InProcess {
      override async release(): Promise<void> {}
    },
  ],
  'release-shared': [
    'deletes for all what one client releases',
    class extends ReferenceStorage {
      override async release(key: string): Promise<void> {
        this.backend.records.delete(this.nameOf(key));
      }
    },
  ],
  invalidate: [
    'only marks as expired what was invalidated',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const entry = this.record(key)?.entry;
        if (entry !== undefined) super.write(key, { ...entry, updateAfter: 0 });
        return entry?.expiresAfter;
      }
    },
  ],
  'invalidate-answer': [
    'answers in whole milliseconds',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const expiresAfter = await super.invalidate(key);
        return expiresAfter && Math.trunc(expiresAfter);
      }
    },
  ],
  'invalidate-unknown': [
    'answers 0 for nothing',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        return (await super.invalidate(key)) ?? 0;
      }
    },
  ],
  'invalidate-concurrent': [
    'tells nobody where several invalidate at once',
    class extends ReferenceStorage {
      running = 0;
      override async invalidate(key: string): Promise<number | undefined> {
        this.running++;
        const expiresAfter = await super.invalidate(key);
        await Promise.resolve();
        return this.running > 1 ? undefined : expiresAfter;
      }
    },
  ],
  'invalidate-shared': [
    'remembers what it found, whatever others do',
    class extends ReferenceStorage {
      readonly found = new Map<string, CacheEntry>();
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = this.found.get(key) ?? (await super.get(key));
        if (entry !== undefined) this.found.set(key, entry);
        return entry;
      }
    },
  ],
  dispose: [
    'cannot be closed twice',
    class extends ReferenceStorage {
      closed = false;
      override async [Symbol.asyncDispose](): Promise<void> {
        if (this.closed) throw new Error('closed already');
        this.closed = true;
      }
    },
  ],
};
