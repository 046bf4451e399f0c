import type { CacheEntry } from '../entry/cache-entry.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import { runContract, type Clause, type TestRunner } from './contract.js';

/** What is true of an eviction strategy beyond its interface. */
export interface EvictionTraits {
  /** The strategy never lets a key go, whatever its capacity. */
  readonly unbounded?: true;
  /** The key that goes is the one written longest ago (`'written'`), or written or read longest ago (`'used'`). */
  readonly order?: 'written' | 'used';
}

type CreateStrategy = (capacity: number) => EvictionStrategy;
type EvictionNeed = 'bounded' | 'unbounded' | 'written' | 'used' | 'keys';

/**
 * A suite of tests that every `EvictionStrategy` passes.
 *
 * @param create - makes a strategy that keeps so many keys.
 */
export function evictionContract(runner: TestRunner, create: CreateStrategy, traits: EvictionTraits = {}): void {
  const met = new Set<string | undefined>([traits.unbounded === true ? 'unbounded' : 'bounded', traits.order]);
  if (create(1).keys !== undefined) met.add('keys');
  const applicable = clauses.filter(({ needs = [] }) => needs.every((need) => met.has(need)));
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
