import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { EvictionStrategy } from '../../src/eviction/eviction-strategy.js';
import { LeastRecentlyUpdatedEvictionStrategy as LeastRecentlyUpdated } from '../../src/eviction/least-recently-updated-eviction-strategy.js';
import { LeastRecentlyUsedEvictionStrategy as LeastRecentlyUsed } from '../../src/eviction/least-recently-used-eviction-strategy.js';
import { NoEvictionStrategy } from '../../src/eviction/no-eviction-strategy.js';
import { evictionContract, type EvictionTraits } from '../../src/testing/index.js';
import { proveContract, type Wrong } from './prove-contract.js';

interface Implementation extends EvictionTraits {
  readonly Strategy: new (capacity: number) => EvictionStrategy;
}

const entry: CacheEntry = { value: 'value', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };

const wrong: Readonly<Record<string, Wrong<Implementation>>> = {
  room: [
    'counts writes instead of keys',
    {
      Strategy: class extends LeastRecentlyUpdated {
        written = 0;
        override markWritten(key: string, entry: CacheEntry): void {
          this.written++;
          super.markWritten(key, entry);
        }
        override nextToRelease(): string | undefined {
          return this.written > this.capacity ? [...this.keys()][0] : undefined;
        }
      },
    },
  ],
  unbounded: ['has a bound', { Strategy: LeastRecentlyUsed, unbounded: true }],
  full: ['never lets go', { Strategy: NoEvictionStrategy }],
  'no-capacity': [
    'takes a capacity of 0 for none',
    {
      Strategy: class extends LeastRecentlyUpdated {
        constructor(capacity: number) {
          super(capacity || null);
        }
      },
    },
  ],
  'named-again': [
    'forgets a key once it was named',
    {
      Strategy: class extends LeastRecentlyUpdated {
        override nextToRelease(): string | undefined {
          const victim = super.nextToRelease();
          if (victim !== undefined) this.markReleased(victim);
          return victim;
        }
      },
    },
  ],
  released: [
    'does not hear that a key was released',
    {
      Strategy: class extends LeastRecentlyUpdated {
        override markReleased(): void {}
      },
    },
  ],
  'released-elsewhere': [
    'only forgets the key that it named itself',
    {
      Strategy: class extends LeastRecentlyUpdated {
        override markReleased(key: string): void {
          if (key === this.nextToRelease()) super.markReleased(key);
        }
      },
    },
  ],
  'read-unknown': [
    'puts what is read on its books',
    {
      Strategy: class extends LeastRecentlyUsed {
        override markRead(key: string): void {
          this.markWritten(key, entry);
        }
      },
    },
  ],
  'release-unknown': [
    'takes any release for more room',
    {
      Strategy: class extends LeastRecentlyUpdated {
        room = 0;
        override markReleased(key: string): void {
          this.room++;
          super.markReleased(key);
        }
        override nextToRelease(): string | undefined {
          return [...this.keys()].length > this.capacity + this.room ? super.nextToRelease() : undefined;
        }
      },
    },
  ],
  'long-run': [
    'no more evicts what was released and written again',
    {
      Strategy: class extends LeastRecentlyUpdated {
        readonly released = new Set<string>();
        override markReleased(key: string): void {
          this.released.add(key);
          super.markReleased(key);
        }
        override markWritten(key: string, entry: CacheEntry): void {
          if (!this.released.has(key)) super.markWritten(key, entry);
        }
      },
    },
  ],
  keys: [
    'lists the newest first',
    {
      Strategy: class extends LeastRecentlyUpdated {
        override keys(): Iterable<string> {
          return [...super.keys()].reverse();
        }
      },
    },
  ],
  'order-written': ['goes by reads, too', { Strategy: LeastRecentlyUsed, order: 'written' }],
  'order-used': ['goes by writes only', { Strategy: LeastRecentlyUpdated, order: 'used' }],
};

proveContract<Implementation>(
  'evictionContract',
  (runner, { Strategy, ...traits }) => evictionContract(runner, (capacity) => new Strategy(capacity), traits),
  [
    { Strategy: LeastRecentlyUpdated, order: 'written' },
    { Strategy: LeastRecentlyUsed, order: 'used' },
    { Strategy: NoEvictionStrategy, unbounded: true },
  ],
  wrong,
);
