import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { EntrySlot } from '../../src/entry/entry-slot.js';
import type { EvictionStrategy } from '../../src/eviction/eviction-strategy.js';
import { LeastRecentlyUpdatedEvictionStrategy as LeastRecentlyUpdated } from '../../src/eviction/least-recently-updated-eviction-strategy.js';
import { LeastRecentlyUsedEvictionStrategy as LeastRecentlyUsed } from '../../src/eviction/least-recently-used-eviction-strategy.js';
import { S3FifoEvictionStrategy as S3Fifo } from '../../src/eviction/s3-fifo-eviction-strategy.js';
import type { SlotBooks } from '../../src/eviction/slot-books.js';
import { NoEvictionStrategy } from '../../src/eviction/no-eviction-strategy.js';
import { evictionContract, type EvictionTraits } from '../../src/testing/index.js';
import { proveContract, type Wrong } from './prove-contract.js';

interface Implementation extends EvictionTraits {
  readonly Strategy: new (capacity: number) => EvictionStrategy;
}

const entry: CacheEntry = { value: 'value', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };

const wrongByKey: Readonly<Record<string, Wrong<Implementation>>> = {
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

/** The same defects in what is noted in slots. */
const wrongInSlots = Object.entries(wrongByKey).map(
  ([id, [defect, { Strategy, ...traits }]]): readonly [string, Wrong<Implementation>] => [
    `slots-${id}`,
    [`${defect}, in slots`, { Strategy: withSlots(Strategy, noSlots), ...traits }],
  ],
);

/** Does with slots whatever a strategy does by key. */
function noSlots(strategy: EvictionStrategy): SlotBooks {
  return {
    markRead: ({ key }) => strategy.markRead(key),
    markWritten: ({ key }, entry) => strategy.markWritten(key, entry),
    markReleased: ({ key }) => strategy.markReleased(key),
  };
}

/** The same strategy with other books for slots. */
function withSlots(
  Strategy: Implementation['Strategy'],
  booksFor: (strategy: EvictionStrategy) => SlotBooks,
): Implementation['Strategy'] {
  return class implements EvictionStrategy {
    readonly #strategy: EvictionStrategy;
    readonly slots: SlotBooks;

    constructor(capacity: number) {
      this.#strategy = new Strategy(capacity);
      this.slots = booksFor(this.#strategy);
    }

    markRead(key: string): void {
      this.#strategy.markRead(key);
    }

    markWritten(key: string, entry: CacheEntry): void {
      this.#strategy.markWritten(key, entry);
    }

    markReleased(key: string): void {
      this.#strategy.markReleased(key);
    }

    nextToRelease(): string | undefined {
      return this.#strategy.nextToRelease();
    }

    keys(): Iterable<string> {
      return this.#strategy.keys?.() ?? [];
    }
  };
}

/** Books that find an entry by its slot, and so lose it when another slot takes its place. */
function foundBySlot(strategy: EvictionStrategy): SlotBooks {
  const books = strategy.slots!;
  const known = new WeakSet<EntrySlot>();
  return {
    markRead: (slot) => books.markRead(slot),
    markWritten: (slot, entry) => {
      known.add(slot);
      books.markWritten(slot, entry);
    },
    markReleased: (slot) => {
      if (known.has(slot)) books.markReleased(slot);
    },
  };
}

const wrong: Readonly<Record<string, Wrong<Implementation>>> = {
  ...wrongByKey,
  ...Object.fromEntries(wrongInSlots),
  'slots-marked': ['leaves slots without a mark', { Strategy: withSlots(LeastRecentlyUpdated, noSlots) }],
  'slots-replaced': [
    'loses an entry whose slot was replaced',
    { Strategy: withSlots(LeastRecentlyUpdated, foundBySlot) },
  ],
  'slots-beside-keys': [
    'has room of its own for what is noted by key',
    {
      Strategy: class extends LeastRecentlyUpdated {
        readonly #byKey = new LeastRecentlyUpdated(10);
        override markWritten(key: string, entry: CacheEntry): void {
          this.#byKey.markWritten(key, entry);
        }
        override markReleased(key: string): void {
          this.#byKey.markReleased(key);
        }
        override nextToRelease(): string | undefined {
          return super.nextToRelease() ?? this.#byKey.nextToRelease();
        }
      },
    },
  ],
};

proveContract<Implementation>(
  'evictionContract',
  (runner, { Strategy, ...traits }) => evictionContract(runner, (capacity) => new Strategy(capacity), traits),
  [
    { Strategy: LeastRecentlyUpdated, order: 'written' },
    { Strategy: LeastRecentlyUsed, order: 'used' },
    { Strategy: S3Fifo },
    { Strategy: NoEvictionStrategy, unbounded: true },
    {
      Strategy: class extends S3Fifo {
        constructor() {
          super(null);
        }
      },
      unbounded: true,
    },
  ],
  wrong,
);
