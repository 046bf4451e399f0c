import type { Lease, LeaseAnswer, LeaseRequest } from '../../../src/storage/lease.js';
import { ReferenceStorage } from './reference-storage.js';
import type { WrongStorages } from './storage-class.js';
import { Beside, Hesitant, Silent } from './wrong-leasing.js';

/** Storages whose leases end too early, too late, by the wrong hand, or not at all. */
export const wrongAtLeaseEnds: WrongStorages = {
  'lease-dead-holder': [
    'counts the time of leases in whole seconds, rounded down',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        return super.lease(key, { ...request, time: Math.floor(request.time / 1_000) * 1_000 });
      }
    },
  ],
  'lease-over': [
    'keeps nothing that comes after the time of its lease',
    class extends ReferenceStorage {
      readonly ends = new Map<string, number>();
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const answer = await super.lease(key, request);
        if (answer.state === 'granted') this.ends.set(key, Date.now() + request.time);
        return answer;
      }
      override holds(key: string, lease: Lease): boolean {
        return Date.now() < (this.ends.get(key) ?? 0) && super.holds(key, lease);
      }
    },
  ],
  'lease-taken-over': [
    'asks whether it has granted a lease, not whether that is still held',
    class extends ReferenceStorage {
      readonly granted = new Set<string>();
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const answer = await super.lease(key, request);
        if (answer.state === 'granted') this.granted.add(key);
        return answer;
      }
      override holds(key: string): boolean {
        return this.granted.has(key);
      }
    },
  ],
  'lease-renewed': [
    'only says that it renews',
    class extends ReferenceStorage {
      override leaseOf(key: string, lease: Lease): Lease {
        return { ...super.leaseOf(key, lease), renew: async () => this.holds(key, lease) };
      }
    },
  ],
  'lease-give-back': [
    'gives back whatever lease there is',
    class extends ReferenceStorage {
      override leaseOf(key: string, lease: Lease): Lease {
        const giveBack = async (): Promise<boolean> => {
          const held = this.holds(key, lease);
          this.endLease(key);
          return held;
        };
        return { ...super.leaseOf(key, lease), giveBack };
      }
    },
  ],
  'lease-rest': [
    'leaves no key alone',
    class extends ReferenceStorage {
      override leaseOf(key: string, lease: Lease): Lease {
        return { ...super.leaseOf(key, lease), giveBack: () => lease.giveBack() };
      }
    },
  ],
  'lease-rest-any': [
    'lets those wait, too, who want to load whatever is there',
    class extends ReferenceStorage {
      override async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
        const seen = request.seen === 'any' ? this.record(key)?.entry : request.seen;
        return super.lease(key, { ...request, seen });
      }
    },
  ],
  'lease-failures': [
    'renews by granting anew, to somebody of whom it knows nothing',
    class extends ReferenceStorage {
      override leaseOf(key: string, lease: Lease): Lease {
        const renew = async (time: number): Promise<boolean> => {
          const held = this.holds(key, lease);
          if (held) {
            this.endLease(key);
            await super.lease(key, { holder: lease.holder, seen: 'any', time });
          }
          return held;
        };
        return { ...super.leaseOf(key, lease), renew };
      }
    },
  ],
  'lease-rest-ended': ['leaves a rest as it is when there is a new entry', Beside],
  'lease-watch': ['tells nobody that a lease has ended', Silent],
  'lease-offered': ['keeps an entry beside the lease', Beside],
  'lease-invalidated': [
    'leaves the lease of what it invalidates',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const expiresAfter = this.record(key)?.entry?.expiresAfter;
        this.backend.records.delete(this.nameOf(key));
        return expiresAfter;
      }
    },
  ],
  'lease-cleared': [
    'clears entries, and leaves their leases',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        for (const name of this.backend.records.keys()) {
          if (name.startsWith(this.nameOf(scope))) this.backend.records.delete(name);
        }
      }
    },
  ],
  'lease-invalidate-race': ['looks whether a lease is held, and writes a moment later', Hesitant],
  'lease-clear-race': [
    'clears the entries that it has listed, and their leases',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        for (const { key } of [...this.backend.records.values()]) {
          if (key.startsWith(scope)) await this.invalidate(key);
        }
      }
    },
  ],
  'lease-interrupted': [
    'rejects with what its client rejected with',
    class extends ReferenceStorage {
      override async reach(operation: string): Promise<void> {
        if (this.backend.away) throw new Error(`${operation}: connect ECONNREFUSED`);
      }
    },
  ],
  'lease-resumed': [
    'grants no lease after one could not be renewed',
    class extends ReferenceStorage {
      broken = false;
      override async reach(operation: string): Promise<void> {
        this.broken ||= this.backend.away && operation === 'renew';
        if (this.broken && operation === 'lease') throw new Error('there are no leases any more');
        await super.reach(operation);
      }
    },
  ],
};
