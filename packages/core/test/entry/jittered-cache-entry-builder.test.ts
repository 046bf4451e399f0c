import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { CacheEntryBuilder } from '../../src/entry/cache-entry-builder.js';
import { JitteredCacheEntryBuilder } from '../../src/entry/jittered-cache-entry-builder.js';
import { ProvidedLifeSpanCacheEntryBuilder } from '../../src/entry/provided-life-span-cache-entry-builder.js';
import { seededRandom } from './seeded-random.js';

const hour = 3_600_000;
const halfHourToHour = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: hour / 2, expireAfter: hour });

/** A builder of one entry, whatever is asked. */
function builderOf(entry: CacheEntry): CacheEntryBuilder {
  return { build: () => entry };
}

describe('JitteredCacheEntryBuilder', () => {
  it.each([
    [0, hour / 2, hour],
    [0.5, 0.975 * (hour / 2), 0.975 * hour],
    [0.999999999, 0.95 * (hour / 2) + 1, 0.95 * hour + 1],
  ])('shortens both lifetimes by the same fraction: random number %d', (random, updateAfter, expireAfter) => {
    const value = { name: 'a' };
    const entry = new JitteredCacheEntryBuilder(halfHourToHour, 0.05, () => random).build('key', value, 1_000);
    expect(entry).toEqual({
      value,
      created: 1_000,
      updateAfter: 1_000 + updateAfter,
      expiresAfter: 1_000 + expireAfter,
    });
    expect(entry.value).toBe(value);
  });

  it('throws the dice once for each entry', () => {
    const numbers = [0, 0.5];
    const builder = new JitteredCacheEntryBuilder(halfHourToHour, 0.5, () => numbers.shift() ?? NaN);
    expect(builder.build('a', 1, 0)).toMatchObject({ updateAfter: hour / 2, expiresAfter: hour });
    expect(builder.build('b', 1, 0)).toMatchObject({ updateAfter: (0.75 * hour) / 2, expiresAfter: 0.75 * hour });
    expect(numbers).toEqual([]);
  });

  it('spreads entries that were built together evenly over the jitter', () => {
    const builder = new JitteredCacheEntryBuilder(halfHourToHour, 0.05, seededRandom(7));
    const tenths = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) {
      const { expiresAfter } = builder.build('key', index, 0);
      const tenth = Math.min(9, Math.floor(((hour - expiresAfter) / (0.05 * hour)) * 10));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 1000 are expected in each; the standard deviation is 30.
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('is random if nothing else is said, and by 5 % at most', () => {
    const builder = new JitteredCacheEntryBuilder(halfHourToHour);
    const moments = Array.from({ length: 100 }, () => builder.build('key', 1, 0).expiresAfter);
    expect(new Set(moments).size).toBeGreaterThan(50);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(0.95 * hour);
    expect(Math.max(...moments)).toBeLessThanOrEqual(hour);
  });

  it('keeps everything else of an entry', () => {
    const entry: CacheEntry = {
      value: new Error('refused'),
      created: 100,
      started: 50,
      updateAfter: Infinity,
      expiresAfter: 200,
      etag: 'revision 1',
      failed: true,
    };
    const builder = new JitteredCacheEntryBuilder(builderOf(entry), 0.5, () => 0.5);
    expect(builder.build('key', 1, 100)).toEqual({ ...entry, expiresAfter: 175 });
  });

  it('tells the lifetimes of the builder inside, as they are now', () => {
    const inside = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: 10, expireAfter: 20 });
    const builder = new JitteredCacheEntryBuilder(inside, 0.25);
    expect([builder.updateAfter, builder.expireAfter, builder.jitter]).toEqual([10, 20, 0.25]);
    inside.updateTimeouts({ updateAfter: 30, expireAfter: 40 });
    expect([builder.updateAfter, builder.expireAfter]).toEqual([30, 40]);
  });

  it('tells no lifetimes where the builder inside decides for each entry', () => {
    const { updateAfter, expireAfter } = new JitteredCacheEntryBuilder(builderOf(halfHourToHour.build('key', 1, 0)));
    expect([updateAfter, expireAfter]).toEqual([undefined, undefined]);
  });

  it('leaves what is judged at each read to the builder inside', () => {
    const entry: CacheEntry = { value: 1, created: 0, updateAfter: hour, expiresAfter: Infinity };
    const judging: CacheEntryBuilder = { ...builderOf(entry), deadlineOf: ({ created }) => created + hour };
    const builder = new JitteredCacheEntryBuilder(judging, 0.5, () => 0.5);
    expect(builder.build('key', 1, 0)).toEqual({ ...entry, updateAfter: 0.75 * hour });
    expect(builder.deadlineOf?.(entry)).toBe(hour);
    expect(new JitteredCacheEntryBuilder(halfHourToHour).deadlineOf).toBeUndefined();
  });

  it.each([
    [1, '1'],
    [-0.05, '-0.05'],
    [NaN, 'NaN'],
    ['5 %', '"5 %"'],
  ])('refuses a jitter of %s', (jitter, received) => {
    expect(() => new JitteredCacheEntryBuilder(halfHourToHour, jitter as number)).toThrow(
      `JitteredCacheEntryBuilder: option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, got ${received}.`,
    );
  });

  describe('whatever the entry and the dice', () => {
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const wholeMoment = fc.integer({ min: 0, max: 4e12 });
    const moment = fc.oneof(wholeMoment, fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    const dice = { jitter: fraction, random: fraction };
    const cases = fc.record({
      created: moment,
      updateAfter: fc.oneof(moment, fc.constant(Infinity)),
      expiresAfter: fc.oneof(moment, fc.constant(Infinity)),
      ...dice,
    });
    type Case = Pick<CacheEntry, 'created' | 'updateAfter' | 'expiresAfter'> & { jitter: number; random: number };
    const built = ({ created, updateAfter, expiresAfter, jitter, random }: Case) => {
      const before: CacheEntry = { value: 1, created, updateAfter, expiresAfter };
      const after = new JitteredCacheEntryBuilder(builderOf(before), jitter, () => random).build('key', 1, 5_000);
      return { before, after };
    };

    it('no moment comes later, and created stays', () => {
      fc.assert(
        fc.property(cases, (given) => {
          const { before, after } = built(given);
          expect(after.updateAfter).toBeLessThanOrEqual(before.updateAfter);
          expect(after.expiresAfter).toBeLessThanOrEqual(before.expiresAfter);
          expect(after.created).toBe(before.created);
        }),
      );
    });

    it('the order of the two moments stays, equal ones stay equal, and none that lay ahead comes to lie behind', () => {
      fc.assert(
        fc.property(cases, (given) => {
          const { before, after } = built(given);
          if (before.updateAfter <= before.expiresAfter)
            expect(after.updateAfter).toBeLessThanOrEqual(after.expiresAfter);
          if (before.updateAfter >= before.expiresAfter)
            expect(after.updateAfter).toBeGreaterThanOrEqual(after.expiresAfter);
          if (before.expiresAfter >= before.created) expect(after.expiresAfter).toBeGreaterThanOrEqual(before.created);
        }),
      );
    });

    it('what has no end stays without, and what is over already stays as it was', () => {
      const over = fc.record({ created: wholeMoment, ago: fc.integer({ min: 0, max: 4e12 }), ...dice });
      fc.assert(
        fc.property(over, ({ created, ago, jitter, random }) => {
          const expiresAfter = created - ago;
          const { after } = built({ created, updateAfter: Infinity, expiresAfter, jitter, random });
          expect(after).toMatchObject({ updateAfter: Infinity, expiresAfter });
        }),
      );
    });

    it('no lifetime of whole milliseconds is shortened by more than the jitter', () => {
      const whole = fc.record({ created: wholeMoment, lifetime: fc.integer({ min: 0, max: 1e11 }), ...dice });
      fc.assert(
        fc.property(whole, ({ created, lifetime, jitter, random }) => {
          const expiresAfter = created + lifetime;
          const { after } = built({ created, updateAfter: expiresAfter, expiresAfter, jitter, random });
          // A double of this size is exact to a thousandth.
          expect(after.expiresAfter - created).toBeGreaterThanOrEqual(lifetime * (1 - jitter) - 0.001);
          expect(Number.isInteger(after.expiresAfter)).toBe(true);
        }),
      );
    });
  });
});
