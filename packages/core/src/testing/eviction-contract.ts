import type { CacheEntry } from '../entry/cache-entry.js';
import { type EntrySlot, takePlaceOf } from '../entry/entry-slot.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { SlotBooks } from '../eviction/slot-books.js';
import { runContract, type Clause, type TestRunner } from './contract.js';

/** What is true of an eviction strategy beyond its interface. */
export interface EvictionTraits {
  /** The strategy never lets a key go, whatever its capacity. */
  readonly unbounded?: true;
  /** The key that goes is the one written longest ago (`'written'`), or written or read longest ago (`'used'`). */
  readonly order?: 'written' | 'used';
}

type CreateStrategy = (capacity: number) => EvictionStrategy;
type EvictionNeed = 'bounded' | 'unbounded' | 'written' | 'used' | 'keys' | 'slots';

/**
 * A suite of tests that every `EvictionStrategy` passes. One that has `slots` passes it twice, noting everything by key and
 * noting everything in slots.
 *
 * @param create - makes a strategy that keeps so many keys.
 */
export function evictionContract(runner: TestRunner, create: CreateStrategy, traits: EvictionTraits = {}): void {
  const met = new Set<string | undefined>([traits.unbounded === true ? 'unbounded' : 'bounded', traits.order]);
  const { keys, slots } = create(1);
  if (keys !== undefined) met.add('keys');
  if (slots !== undefined) met.add('slots');
  const applicable = [...clauses, ...clauses.map(inSlots), ...clausesOfSlots].filter(({ needs = [] }) =>
    needs.every((need) => met.has(need)),
  );
  runContract(runner, 'EvictionStrategy', applicable, async () => ({
    subject: create,
    missing: new Set(),
    close: async () => {},
  }));
}

interface EvictionClause extends Clause<CreateStrategy> {
  readonly needs?: readonly EvictionNeed[];
}

const entry: CacheEntry = { value: 'value', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };
/** Keys that are also names of properties, or that sort otherwise than they were written. */
const oddKeys = ['10', '9', '__proto__', 'constructor', ' ', 'key', '1e1', 'Key'];

const clauses: readonly EvictionClause[] = [
  {
    id: 'room',
    title: 'nothing goes while there is room, however often keys are written and read',
    run(create, expect) {
      const strategy = strategyWith(create(oddKeys.length), [...oddKeys, ...oddKeys]);
      for (const key of [...oddKeys, ...oddKeys]) strategy.markRead(key);
      expect(strategy.nextToRelease()).toBe(undefined);
    },
  },
  {
    id: 'unbounded',
    title: 'nothing ever goes',
    needs: ['unbounded'],
    run(create, expect) {
      const strategy = strategyWith(create(1), numbered(10_000));
      expect(strategy.nextToRelease()).toBe(undefined);
    },
  },
  {
    id: 'full',
    title: 'with one key too many a key goes that was written',
    needs: ['bounded'],
    run(create, expect) {
      for (let capacity = 1; capacity < oddKeys.length; capacity++) {
        const written = oddKeys.slice(0, capacity + 1);
        const victim = strategyWith(create(capacity), written).nextToRelease();
        expect(written.includes(victim ?? 'none')).toBe(true);
      }
    },
  },
  {
    id: 'no-capacity',
    title: 'with a capacity of 0 every key that is written goes',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = create(0);
      for (const key of ['a', 'b', 'a']) {
        strategy.markWritten(key, entry);
        expect(strategy.nextToRelease()).toBe(key);
        strategy.markReleased(key);
        expect(strategy.nextToRelease()).toBe(undefined);
      }
    },
  },
  {
    id: 'named-again',
    title: 'a key is named again until it is released, so that a release which failed is tried again',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = strategyWith(create(10), numbered(20));
      const victim = strategy.nextToRelease();
      expect(victim === undefined).toBe(false);
      for (let times = 0; times < 5; times++) expect(strategy.nextToRelease()).toBe(victim);
    },
  },
  {
    id: 'released',
    title: 'a released key is forgotten: others go in turn, until there is room',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = strategyWith(create(10), numbered(25));
      const released = releaseVictims(strategy, 100);
      expect([released.length, new Set(released).size]).toStrictEqual([15, 15]);
      expect(released.every((key) => numbered(25).includes(key))).toBe(true);
    },
  },
  {
    id: 'released-elsewhere',
    title: 'a key that others took away leaves its room to another one',
    needs: ['bounded'],
    run(create, expect) {
      const keys = numbered(10);
      const strategy = strategyWith(create(10), keys);
      for (const key of keys.slice(2, 6)) strategy.markReleased(key);
      for (const key of ['new 1', 'new 2', 'new 3', 'new 4']) strategy.markWritten(key, entry);
      expect(strategy.nextToRelease()).toBe(undefined);
      strategy.markWritten('new 5', entry);
      expect(keys.slice(2, 6).includes(strategy.nextToRelease() ?? 'none')).toBe(false);
    },
  },
  {
    id: 'read-unknown',
    title: 'reading a key that is not on the books does not put it there',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = strategyWith(create(3), ['a', 'b', 'c']);
      for (const key of numbered(20)) strategy.markRead(key);
      expect(strategy.nextToRelease()).toBe(undefined);
      strategy.markWritten('d', entry);
      expect(releaseVictims(strategy, 30).length).toBe(1);
    },
  },
  {
    id: 'release-unknown',
    title: 'releasing a key that is not on the books changes nothing',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = strategyWith(create(3), ['a', 'b', 'c']);
      for (const key of ['unknown', 'toString', 'unknown']) strategy.markReleased(key);
      expect(strategy.nextToRelease()).toBe(undefined);
      for (const key of ['d', 'e']) strategy.markWritten(key, entry);
      expect(releaseVictims(strategy, 30).length).toBe(2);
    },
  },
  {
    id: 'long-run',
    title: 'after any mix of writes, reads and releases as many keys remain as there is room for',
    needs: ['bounded'],
    run(create, expect) {
      const strategy = create(50);
      const kept = new Set<string>();
      let seed = 1;
      for (let step = 0; step < 20_000; step++) {
        seed = (seed * 48_271) % 2_147_483_647;
        const key = `key ${seed % 200}`;
        if (seed % 7 === 0) letGo(strategy, kept, key);
        else if (kept.has(key)) strategy.markRead(key);
        else {
          strategy.markWritten(key, entry);
          kept.add(key);
        }
        for (const victim of releaseVictims(strategy, 2)) expect(kept.delete(victim)).toBe(true);
        if (kept.size > 50) expect(kept.size).toBe(50);
      }
    },
  },
  {
    id: 'keys',
    title: 'the keys on the books can be listed, the next to go first',
    needs: ['keys'],
    run(create, expect) {
      const strategy = strategyWith(create(5), numbered(8));
      strategy.markRead('key 3');
      strategy.markReleased('key 4');
      strategy.markRead('unknown');
      const victim = strategy.nextToRelease();
      const listed = [...(strategy.keys?.() ?? [])];
      expect([...listed].sort()).toStrictEqual(numbered(8).filter((key) => key !== 'key 4'));
      if (victim !== undefined) expect(listed[0]).toBe(victim);
    },
  },
  {
    id: 'order-written',
    title: 'keys go in the order of their last write; reading changes nothing',
    needs: ['bounded', 'written'],
    run(create, expect) {
      const strategy = strategyWith(create(0), ['a', 'b', 'c', 'd', 'b']);
      for (const key of ['a', 'c', 'a']) strategy.markRead(key);
      expect(releaseVictims(strategy, 10)).toStrictEqual(['a', 'c', 'd', 'b']);
    },
  },
  {
    id: 'order-used',
    title: 'keys go in the order of their last use, be it a write or a read',
    needs: ['bounded', 'used'],
    run(create, expect) {
      const strategy = strategyWith(create(0), ['a', 'b', 'c', 'd', 'b']);
      for (const key of ['c', 'a']) strategy.markRead(key);
      expect(releaseVictims(strategy, 10)).toStrictEqual(['d', 'b', 'c', 'a']);
    },
  },
];

/** The same clause, where all is noted in slots. */
function inSlots({ id, title, needs = [], run }: EvictionClause): EvictionClause {
  return {
    id: `slots-${id}`,
    title: `in slots, ${title}`,
    needs: [...needs, 'slots'],
    run: (create, expect) => run((capacity) => new NotedInSlots(create(capacity)), expect),
  };
}

/** A slot as a storage keeps it. */
class Slot implements EntrySlot {
  readonly key: string;
  mark = 0;
  before: EntrySlot | undefined = undefined;
  after: EntrySlot | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }
}

/** A strategy that is told of all by the slots of a storage. */
class NotedInSlots implements EvictionStrategy {
  readonly slots: SlotBooks;
  readonly #strategy: EvictionStrategy;
  readonly #kept = new Map<string, Slot>();

  constructor(strategy: EvictionStrategy) {
    this.#strategy = strategy;
    this.slots = strategy.slots!;
  }

  markRead(key: string): void {
    this.slots.markRead(this.of(key) ?? new Slot(key));
  }

  markWritten(key: string, entry: CacheEntry): void {
    this.slots.markWritten(this.put(key), entry);
  }

  markReleased(key: string): void {
    const slot = this.of(key) ?? new Slot(key);
    this.#kept.delete(key);
    this.slots.markReleased(slot);
  }

  nextToRelease(): string | undefined {
    return this.#strategy.nextToRelease();
  }

  keys(): Iterable<string> {
    return this.#strategy.keys?.() ?? [];
  }

  of(key: string): Slot | undefined {
    return this.#kept.get(key);
  }

  /** Keeps another entry, in the place of the one that was there. */
  put(key: string): Slot {
    const slot = new Slot(key);
    const former = this.of(key);
    if (former !== undefined) takePlaceOf(former, slot);
    this.#kept.set(key, slot);
    return slot;
  }
}

const clausesOfSlots: readonly EvictionClause[] = [
  {
    id: 'slots-marked',
    title: 'a slot on the books has a mark of its own, less than 2^30; one that was never there or has left has none',
    needs: ['slots'],
    run(create, expect) {
      const strategy = new NotedInSlots(create(3));
      const unknown = new Slot('unknown');
      strategy.slots.markRead(unknown);
      strategy.slots.markReleased(unknown);
      const slots = ['a', 'b', 'c'].map((key) => strategy.put(key));
      for (const slot of slots) strategy.slots.markWritten(slot, entry);
      for (let times = 0; times < 100; times++) for (const slot of slots) strategy.slots.markRead(slot);
      expect(slots.every(({ mark }) => Number.isInteger(mark) && mark > 0 && mark < 2 ** 30)).toBe(true);
      for (const slot of slots) strategy.slots.markReleased(slot);
      expect([unknown, ...slots].map(({ mark, before, after }) => [mark, before, after])).toStrictEqual(
        Array.from({ length: 4 }, () => [0, undefined, undefined]),
      );
    },
  },
  {
    id: 'slots-replaced',
    title: 'a slot that another one takes the place of is forgotten, and the other is let go in its stead',
    needs: ['slots', 'bounded'],
    run(create, expect) {
      const strategy = new NotedInSlots(create(5));
      for (const key of numbered(5)) strategy.markWritten(key, entry);
      for (let times = 0; times < 3; times++) for (const key of numbered(5)) strategy.put(key);
      const former = strategy.put('key 2');
      strategy.put('key 2');
      strategy.slots.markReleased(former);
      strategy.markWritten('new', entry);
      const victim = strategy.nextToRelease() ?? 'none';
      expect([...numbered(5), 'new'].includes(victim)).toBe(true);
      strategy.put(victim);
      expect(strategy.nextToRelease()).toBe(victim);
      strategy.markReleased(victim);
      expect(strategy.nextToRelease()).toBe(undefined);
    },
  },
  {
    id: 'slots-beside-keys',
    title: 'what is noted in slots and what is noted by key share the room, and are named alike',
    needs: ['slots', 'bounded'],
    run(create, expect) {
      const strategy = create(10);
      const storage = new NotedInSlots(strategy);
      for (const key of numbered(10)) storage.markWritten(key, entry);
      expect(strategy.nextToRelease()).toBe(undefined);
      const byKey = numbered(10).map((key) => `named ${key}`);
      for (const key of byKey) strategy.markWritten(key, entry);
      const released = new Set<string>();
      for (let count = 0; count < 30; count++) {
        const victim = strategy.nextToRelease();
        if (victim === undefined) break;
        released.add(victim);
        if (storage.of(victim) === undefined) strategy.markReleased(victim);
        else storage.markReleased(victim);
      }
      expect(released.size).toBe(10);
      for (const key of byKey) strategy.markReleased(key);
      for (const key of numbered(10)) storage.markReleased(key);
      for (const key of numbered(10)) strategy.markWritten(key, entry);
      expect(strategy.nextToRelease()).toBe(undefined);
    },
  },
];

function strategyWith(strategy: EvictionStrategy, written: readonly string[]): EvictionStrategy {
  for (const key of written) strategy.markWritten(key, entry);
  return strategy;
}

/** Releases what the strategy names, at most so many keys: one that never stops must not hang the test. */
function releaseVictims(strategy: EvictionStrategy, limit: number): readonly string[] {
  const released: string[] = [];
  while (released.length < limit) {
    const victim = strategy.nextToRelease();
    if (victim === undefined) break;
    strategy.markReleased(victim);
    released.push(victim);
  }
  return released;
}

function letGo(strategy: EvictionStrategy, kept: Set<string>, key: string): void {
  kept.delete(key);
  strategy.markReleased(key);
}

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `key ${index}`);
}
