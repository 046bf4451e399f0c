import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { S3FifoEvictionStrategy, type S3FifoOptions } from '../../src/eviction/s3-fifo-eviction-strategy.js';
import { BooksInBothForms, entryOf, Slot, weigh } from './books-in-both-forms.js';

/** Writes what is not there, reads what is, and lets go what the strategy names. @returns what has gone, in that order. */
function ask(strategy: S3FifoEvictionStrategy, ...keys: readonly string[]): readonly string[] {
  const gone: string[] = [];
  for (const key of keys) {
    if ([...strategy.keys()].includes(key)) strategy.markRead(key);
    else strategy.markWritten(key, entryOf(1));
    for (let victim = strategy.nextToRelease(); victim !== undefined; victim = strategy.nextToRelease()) {
      strategy.markReleased(victim);
      gone.push(victim);
    }
  }
  return gone;
}

const numbered = (count: number, name = 'key'): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`);

describe('S3FifoEvictionStrategy', () => {
  it('lets go what was not read while it was new', () => {
    const strategy = new S3FifoEvictionStrategy(3);
    expect(ask(strategy, 'a', 'b', 'c', 'a', 'd')).toEqual(['b']);
    expect([...strategy.keys()]).toEqual(['c', 'd', 'a']);
  });

  it('keeps what is read all the time while everything is read once', () => {
    const strategy = new S3FifoEvictionStrategy(20);
    const popular = numbered(10, 'popular');
    ask(strategy, ...popular, ...popular);
    expect(ask(strategy, ...numbered(1_000))).not.toContainEqual(expect.stringContaining('popular'));
    expect([...strategy.keys()]).toEqual(expect.arrayContaining([...popular]));
  });

  it('keeps for long what comes back soon after it has gone', () => {
    const strategy = new S3FifoEvictionStrategy(10);
    ask(strategy, ...numbered(11));
    expect([...strategy.keys()]).not.toContain('key 0');
    expect(ask(strategy, 'key 0', ...numbered(30, 'other'))).not.toContain('key 0');
  });

  it('does not remember for ever what has gone', () => {
    const strategy = new S3FifoEvictionStrategy(10);
    ask(strategy, ...numbered(11), ...numbered(20, 'other'));
    expect(ask(strategy, 'key 0', ...numbered(10, 'another'))).toContain('key 0');
  });

  it('remembers nothing of what was taken away by others', () => {
    const strategy = new S3FifoEvictionStrategy(10);
    ask(strategy, ...numbered(10));
    strategy.markReleased('key 9');
    expect(ask(strategy, 'key 9', ...numbered(10, 'other'))).toContain('key 9');
  });

  it('lets go even what is read, in time, if it is not read again', () => {
    const strategy = new S3FifoEvictionStrategy(10);
    ask(strategy, 'once', 'once');
    const others = numbered(100).flatMap((key) => [key, key]);
    expect(ask(strategy, ...others)).toContain('once');
  });

  it('promotes after as many reads as it is told', () => {
    for (const promoteAfter of [1, 2, 3] as const) {
      const strategy = new S3FifoEvictionStrategy({ capacity: 4, promoteAfter });
      ask(strategy, ...['a', 'b', 'c', 'd'], ...['b', 'c', 'c', 'd', 'd', 'd']);
      const gone = ask(strategy, ...numbered(4));
      expect(['a', 'b', 'c', 'd'].filter((key) => !gone.includes(key))).toEqual(
        ['b', 'c', 'd'].slice(promoteAfter - 1),
      );
    }
  });

  it('names what it has named until it has gone, though it is read meanwhile, or there is room', () => {
    const strategy = new S3FifoEvictionStrategy(3);
    for (const key of ['a', 'b', 'c', 'd']) strategy.markWritten(key, entryOf(1));
    expect(strategy.nextToRelease()).toBe('a');
    strategy.markRead('a');
    expect(strategy.nextToRelease()).toBe('a');
    strategy.markReleased('b');
    expect(strategy.nextToRelease()).toBe('a');
    strategy.markReleased('a');
    expect(strategy.nextToRelease()).toBeUndefined();
  });

  it('takes what is written anew for new, where it was to go: its reads are forgotten', () => {
    const strategy = new S3FifoEvictionStrategy(3);
    for (const key of ['a', 'b', 'c', 'd']) strategy.markWritten(key, entryOf(1));
    expect(strategy.nextToRelease()).toBe('a');
    strategy.markRead('a');
    strategy.markWritten('a', entryOf(1));
    expect([...strategy.keys()]).toEqual(['b', 'c', 'd', 'a']);
    expect(ask(strategy, 'e', 'f', 'g')).toEqual(['b', 'c', 'd', 'a']);
  });

  it('has room for 4096 entries unless it is told otherwise, and for all without a bound', () => {
    expect(new S3FifoEvictionStrategy().capacity).toBe(4096);
    for (const capacity of [null, Infinity, { capacity: null }]) {
      const strategy = new S3FifoEvictionStrategy(capacity);
      for (const key of numbered(10_000)) strategy.markWritten(key, entryOf(1));
      expect([strategy.nextToRelease(), strategy.capacity, strategy.weight]).toEqual([undefined, Infinity, 10_000]);
    }
  });

  it.each<[options: unknown, message: string]>([
    [-1, `option 'capacity' should be a whole number from 0 on, or null for no bound, got -1.`],
    [{ capacity: 1.5 }, `option 'capacity' should be a whole number from 0 on, or null for no bound, got 1.5.`],
    [{ promoteAfter: 0 }, `option 'promoteAfter' should be 1, 2 or 3, got 0.`],
    [{ promoteAfter: 4 }, `option 'promoteAfter' should be 1, 2 or 3, got 4.`],
    [{ smallShare: 1.1 }, `option 'smallShare' should be a number from 0 to 1, got 1.1.`],
    [{ smallShare: NaN }, `option 'smallShare' should be a number from 0 to 1, got NaN.`],
    [{ ghostShare: -0.1 }, `option 'ghostShare' should be a number from 0 on, got -0.1.`],
    [{ ghostShare: Infinity }, `option 'ghostShare' should be a number from 0 on, got Infinity.`],
    [{ mostSteps: 0 }, `option 'mostSteps' should be a whole number from 1 on, or null for no bound, got 0.`],
    [{ mostSteps: 2.5 }, `option 'mostSteps' should be a whole number from 1 on, or null for no bound, got 2.5.`],
    [{ largestEntry: 5 }, `option 'largestEntry' should be left out where no 'maxWeight' is given, got 5.`],
    [{ maxWeight: 9, largestEntry: -5 }, `option 'largestEntry' should be a whole number from 0 on, got -5.`],
    [{ maxWeight: -9 }, `option 'maxWeight' should be a whole number from 0 on, got -9.`],
    [{ maxWeight: null }, `option 'maxWeight' should be a whole number from 0 on, got null.`],
    [{ weigh: () => 1 }, `option 'weigh' should be left out where no 'maxWeight' is given, got function weigh.`],
    [{ maxWeight: 9, weigh: 'bytes' }, `option 'weigh' should be a function of an entry, got "bytes".`],
    [
      { maxWeight: 9, capacity: null },
      `option 'capacity' should be left out where 'maxWeight' is given, got null. Entries are either counted or weighed.`,
    ],
    [
      { promoteafter: 1 },
      `option 'promoteafter' should be left out, since there is no such option, got 1. Did you mean 'promoteAfter'?`,
    ],
    [[5], `expected an object of options, got an object of class Array.`],
  ])('refuses %o', (options, message) => {
    const make = (): unknown => new S3FifoEvictionStrategy(options as S3FifoOptions);
    expect(make).toThrow(new RegExp(`^S3FifoEvictionStrategy: ${message.replace(/[.()?]/g, '\\$&')}$`));
  });
});

describe('weights', () => {
  it('are asked for when an entry is written, and again when it is written anew', () => {
    const strategy = new S3FifoEvictionStrategy({ maxWeight: 10, weigh });
    strategy.markWritten('a', entryOf(4));
    strategy.markWritten('b', entryOf(40_000_000));
    expect([strategy.weight, strategy.nextToRelease()]).toEqual([40_000_004, 'b']);
    strategy.markWritten('b', entryOf(5));
    expect([strategy.weight, strategy.nextToRelease()]).toEqual([9, undefined]);
    strategy.markWritten('a', entryOf(6));
    expect([strategy.weight, strategy.nextToRelease()]).toEqual([11, 'a']);
  });

  it.each([-1, 1.5, NaN, Infinity, '5', undefined])('cannot be %o', (weight) => {
    const strategy = new S3FifoEvictionStrategy({ maxWeight: 10, weigh: () => weight as number });
    expect(() => strategy.markWritten('a', entryOf(1))).toThrow(
      /^maxWeight: option 'weigh' should be a function whose result is a whole number from 0 on, got /,
    );
    expect(strategy.nextToRelease()).toBe('a');
    strategy.markReleased('a');
    expect([strategy.weight, strategy.nextToRelease()]).toEqual([0, undefined]);
  });

  it('of what is larger than the largest entry do not matter: it goes at once', () => {
    const strategy = new S3FifoEvictionStrategy({ maxWeight: 10, weigh, largestEntry: 3 });
    strategy.markWritten('a', entryOf(3));
    strategy.markWritten('b', entryOf(4));
    expect(strategy.nextToRelease()).toBe('b');
    strategy.markWritten('b', entryOf(3));
    expect(strategy.nextToRelease()).toBeUndefined();
  });
});

/** A slot that counts how often its mark is written: once or twice for each step. */
class CountingSlot extends Slot {
  static writes = 0;
  #mark = 0;

  constructor(key: string) {
    super(key);
    // The field of the class it extends would hide what is counted here.
    Object.defineProperty(this, 'mark', {
      get: () => this.#mark,
      set: (mark: number) => {
        CountingSlot.writes++;
        this.#mark = mark;
      },
    });
  }
}

/** How often marks are written for one new entry, with the room that is made for it. */
function writesFor(strategy: S3FifoEvictionStrategy, slots: Map<string, CountingSlot>, key: string): number {
  const slot = new CountingSlot(key);
  slots.set(key, slot);
  CountingSlot.writes = 0;
  strategy.slots.markWritten(slot, entryOf(1));
  for (let victim = strategy.nextToRelease(); victim !== undefined; victim = strategy.nextToRelease()) {
    strategy.slots.markReleased(slots.get(victim)!);
    slots.delete(victim);
  }
  return CountingSlot.writes;
}

describe('one write', () => {
  /** For the new entry itself, the one before it, and the one that goes. */
  const beside = 6;

  it('takes no more steps than it may, whatever was read before', () => {
    const options = fc.record({
      capacity: fc.integer({ min: 1, max: 200 }),
      mostSteps: fc.integer({ min: 1, max: 70 }),
    });
    const reads = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(options, reads, ({ capacity, mostSteps }, reads) => {
        const strategy = new S3FifoEvictionStrategy({ capacity, mostSteps });
        const slots = new Map<string, CountingSlot>();
        for (let count = 0; count < 3 * capacity; count++) {
          expect(writesFor(strategy, slots, `key ${count}`)).toBeLessThanOrEqual(2 * mostSteps + beside);
          expect(slots.size).toBeLessThanOrEqual(capacity);
          for (let times = reads[count % reads.length]!; times > 0; times--) {
            for (const slot of slots.values()) strategy.slots.markRead(slot);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['64 unless it is told otherwise', {}, 64],
    ['5', { mostSteps: 5 }, 5],
    ['as many as there are entries', { mostSteps: null }, 1_000],
  ])('may take %s', (_title, options, steps) => {
    const strategy = new S3FifoEvictionStrategy({ capacity: 1_000, ...options });
    const slots = new Map<string, CountingSlot>();
    for (const key of numbered(1_000)) writesFor(strategy, slots, key);
    for (const slot of slots.values()) strategy.slots.markRead(slot);
    const writes = writesFor(strategy, slots, 'one more');
    expect(Math.abs(writes - 2 * steps)).toBeLessThanOrEqual(beside);
  });
});

describe('a hit', () => {
  it('writes to one place at most, and to none once it was read often', () => {
    const strategy = new S3FifoEvictionStrategy(10);
    const slots = new Map<string, CountingSlot>();
    writesFor(strategy, slots, 'a');
    CountingSlot.writes = 0;
    const counts = Array.from({ length: 6 }, () => {
      strategy.slots.markRead(slots.get('a')!);
      return CountingSlot.writes;
    });
    expect(counts).toEqual([1, 2, 3, 3, 3, 3]);
  });
});

describe('books in both forms', () => {
  it('are one: what is noted by key makes room among slots, and the other way round', () => {
    const books = new BooksInBothForms(new S3FifoEvictionStrategy(2));
    books.write('slot', 'a', 1);
    books.write('key', 'b', 1);
    books.write('slot', 'c', 1);
    expect([...books.strategy.keys!()]).toEqual(['a', 'b', 'c']);
    expect(books.strategy.nextToRelease()).toBe('a');
    books.release('slot', 'a');
    books.write('key', 'd', 1);
    expect(books.strategy.nextToRelease()).toBe('b');
  });
});
