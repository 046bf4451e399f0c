import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { newHolder } from '../../../src/loading/holder.js';
import type { EntryMoments, OfferResult } from '../../../src/storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../../../src/storage/lease.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';

/** Storages that grant leases to the wrong ones, or confuse them with entries. */
export const wrongAtLeases: WrongStorages = {
  'lease-publish': [
    'leaves the lease to who has published',
    class extends ReferenceStorage {
      override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        if (lease === undefined) return super.offer(key, entry);
        if (!this.holds(key, lease)) return 'declined';
        this.write(key, this.encode(key, entry));
        return 'stored';
      }
    },
  ],
  'lease-publish-expired': [
    'throws away what has expired, and thinks no more of its lease',
    class extends ReferenceStorage {
      override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        if (lease === undefined || entry.expiresAfter > Date.now()) return super.offer(key, entry, lease);
        this.backend.records.delete(this.nameOf(key));
        return 'stored';
      }
    },
  ],
  'lease-one-holder': [
    'looks first, and grants the lease although somebody was quicker',
    class extends ReferenceStorage {
      readonly granted = new Set<string>();
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const isFree = !this.granted.has(key);
        const answer = await super.lease(key, request);
        this.granted.add(key);
        if (!isFree || answer.state !== 'held') return answer;
        this.endLease(key);
        return super.lease(key, request);
      }
    },
  ],
  'lease-again': [
    'does not know a holder that asks again',
    class extends ReferenceStorage {
      readonly known = new Set<string>();
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const holder = this.known.has(request.holder) ? newHolder() : request.holder;
        this.known.add(holder);
        return super.lease(key, { ...request, holder });
      }
    },
  ],
  'lease-seen': [
    'tells entries apart by the whole millisecond',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const { seen } = request;
        const entry = this.record(key)?.entry;
        if (seen === 'any' || seen === undefined || entry === undefined) return super.lease(key, request);
        return super.lease(key, { ...request, seen: Math.trunc(entry.created) === seen.created ? entry : seen });
      }
    },
  ],
  'lease-seen-gone': [
    'grants no lease where what was seen has gone',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const isGone = request.seen !== undefined && this.record(key) === undefined;
        return isGone ? { state: 'held', remaining: request.time } : super.lease(key, request);
      }
    },
  ],
  'lease-keys': [
    'cuts the keys of leases after 250 characters',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        return super.lease(key.slice(0, 250), request);
      }
      override holds(key: string, lease: Lease): boolean {
        return super.holds(key.slice(0, 250), lease);
      }
      override endLease(key: string): void {
        super.endLease(key.slice(0, 250));
      }
    },
  ],
  'lease-neighbours': [
    'clears the leases of the whole backend',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        await super.clear(scope);
        this.backend.leases.endScope('');
      }
    },
  ],
  'lease-unseen': [
    'keeps a lease as an entry that is already over',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const answer = await super.lease(key, request);
        const placeholder = { value: undefined, created: 0, updateAfter: 0, expiresAfter: Infinity };
        if (answer.state === 'granted' && this.record(key) === undefined) this.write(key, placeholder);
        return answer;
      }
    },
  ],
  'lease-refresh': [
    'puts the lease in the place of the entry that is to be refreshed',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const answer = await super.lease(key, request);
        if (answer.state === 'granted') this.backend.records.delete(this.nameOf(key));
        return answer;
      }
    },
  ],
  'lease-outlives': [
    'loses a lease together with the entry that expires',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        this.loseWithEntry(key);
        const answer = await super.lease(key, request);
        return answer;
      }
      override holds(key: string, lease: Lease): boolean {
        this.loseWithEntry(key);
        return super.holds(key, lease);
      }
      loseWithEntry(key: string): void {
        const wasThere = this.backend.records.has(this.nameOf(key));
        if (wasThere && this.record(key) === undefined) this.endLease(key);
      }
    },
  ],
  'lease-change-moments': [
    'takes other moments for another entry',
    class extends ReferenceStorage {
      override async changeMoments(
        key: string,
        expected: CacheEntry,
        moments: EntryMoments,
        now: number,
      ): Promise<boolean> {
        const changed = await super.changeMoments(key, expected, moments, now);
        if (changed) this.endLease(key);
        return changed;
      }
    },
  ],
  'lease-release': [
    'ends the lease of a key that is released',
    class extends ReferenceStorage {
      override async release(key: string): Promise<void> {
        this.endLease(key);
      }
    },
  ],
  'lease-unstorable': [
    'ends the lease before it looks at the value',
    class extends ReferenceStorage {
      override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        if (lease !== undefined && !this.holds(key, lease)) return 'declined';
        this.endLease(key);
        return super.offer(key, entry);
      }
    },
  ],
  'lease-unreadable': [
    'fails at garbage that is to be replaced',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        await this.get(key);
        return super.lease(key, request);
      }
    },
  ],
};
