import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { OfferResult } from '../../../src/storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../../../src/storage/lease.js';
import { ReferenceStorage } from './reference-storage.js';

/** Tells those who wait for a lease nothing. */
export class Silent extends ReferenceStorage {
  override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const answer = await super.lease(key, request);
    if (answer.state !== 'held') return answer;
    return { ...answer, watch: { changed: new Promise(() => {}), stop: () => {} } };
  }
}

/** Puts an entry beside the lease that somebody holds. */
export class Beside extends ReferenceStorage {
  override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    if (lease !== undefined) return super.offer(key, entry, lease);
    this.write(key, this.encode(key, entry));
    return 'stored';
  }
}

/** Looks whether a lease is held, and writes a moment later. */
export class Hesitant extends ReferenceStorage {
  override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    if (lease === undefined) return super.offer(key, entry);
    await this.reach('offer');
    if (!this.holds(key, lease)) return 'declined';
    await Promise.resolve();
    return super.offer(key, entry);
  }
}
