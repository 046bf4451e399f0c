import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { EntryMoments } from '../../../src/storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseRest } from '../../../src/storage/lease.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';

/** Storages that lose what has expired before its time, or keep it too long. */
export const wrongAtKept: WrongStorages = {
  'kept-until': [
    'forgets until when an entry is kept',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { keepUntil: _, ...others } = super.decode(entry);
        return others;
      }
    },
  ],
  'kept-expired': [
    'keeps entries only as long as they are served',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        return entry.expiresAfter;
      }
    },
  ],
  'kept-reclaims': [
    'keeps for ever what is to be kept longer',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        return entry.keepUntil === undefined ? entry.expiresAfter : Infinity;
      }
    },
  ],
  'kept-many': [
    'leaves out what has expired',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | Error | undefined)[]> {
        const answers = await super.getMany(keys);
        return answers.map((answer) =>
          answer instanceof Error || answer === undefined || Date.now() < answer.expiresAfter ? answer : undefined,
        );
      }
    },
  ],
  'kept-seen': [
    'grants the lease of what has expired to whoever asks',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const entry = this.record(key)?.entry;
        const isExpired = entry !== undefined && Date.now() >= entry.expiresAfter;
        return super.lease(key, isExpired ? { ...request, seen: entry } : request);
      }
    },
  ],
  'kept-leased': [
    'puts a rest in the place of what has expired',
    class extends ReferenceStorage {
      override leaseOf(key: string, lease: Lease): Lease {
        const giveBack = async (rest?: LeaseRest): Promise<boolean> => {
          const entry = this.record(key)?.entry;
          if (rest && entry && Date.now() >= entry.expiresAfter) this.backend.records.delete(this.nameOf(key));
          return lease.giveBack(rest);
        };
        return { ...super.leaseOf(key, lease), giveBack };
      }
    },
  ],
  'kept-change-moments': [
    'keeps an entry whose moments change as long as before',
    class extends ReferenceStorage {
      override async changeMoments(
        key: string,
        expected: CacheEntry,
        moments: EntryMoments,
        now: number,
      ): Promise<boolean> {
        const keepUntil = this.record(key)?.entry?.keepUntil;
        return super.changeMoments(key, expected, keepUntil === undefined ? moments : { ...moments, keepUntil }, now);
      }
    },
  ],
  'kept-invalidated': [
    'leaves what has expired when it is invalidated',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const entry = this.record(key)?.entry;
        const isExpired = entry !== undefined && Date.now() >= entry.expiresAfter;
        return isExpired ? entry.expiresAfter : super.invalidate(key);
      }
    },
  ],
};
