import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { ProbabilisticEarlyRefresh } from '../../src/entry/probabilistic-early-refresh.js';
import { seededRandom } from './seeded-random.js';

const created = 1_700_000_000_000;
const expiresAfter = created + 60_000;

/** An entry that took so long to load and lives for a minute. */
function entryLoadedIn(loadTime: number): CacheEntry {
  return { value: 1, started: created - loadTime, created, updateAfter: Infinity, expiresAfter };
}

/** How often it is due, of 20,000 reads at the same moment. */
function dueShare(policy: ProbabilisticEarlyRefresh, entry: CacheEntry, now: number): number {
  const reads = 20_000;
  let due = 0;
  for (let read = 0; read < reads; read++) if (policy.isDue(entry, now)) due++;
  return due / reads;
}

describe('ProbabilisticEarlyRefresh', () => {
  const theory = [100, 500, 2_000].flatMap((loadTime) =>
    [0.5, 1, 2].flatMap((beta) =>
      [0.1, 0.5, 1, 2, 4].map((means): [number, number, number] => [loadTime, beta, means * loadTime * beta]),
    ),
  );

  it.each(theory)(
    'is due as often as the paper says: load time %d ms, beta %d, %d ms before the expiry',
    (loadTime, beta, remaining) => {
      const policy = new ProbabilisticEarlyRefresh(beta, seededRandom(loadTime + remaining + beta));
      const expected = Math.exp(-remaining / (loadTime * beta));
      const share = dueShare(policy, entryLoadedIn(loadTime), expiresAfter - remaining);
      // Four standard deviations: by chance one seed in 16,000 lies outside.
      expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 20_000));
    },
  );

  it('looks ahead by the load time on the average', () => {
    const random = seededRandom(11);
    let sum = 0;
    for (let round = 0; round < 4_000; round++) {
      const number = random();
      const policy = new ProbabilisticEarlyRefresh(1, () => number);
      let remaining = 0;
      while (policy.isDue(entryLoadedIn(100), expiresAfter - remaining)) remaining++;
      sum += remaining;
    }
    // The mean of 4000 numbers with the mean and the deviation 100, to four standard deviations and half a millisecond.
    expect(Math.abs(sum / 4_000 - 100.5)).toBeLessThan(4 * (100 / Math.sqrt(4_000)) + 0.5);
  });

  it.each([
    [0.5, 69],
    [Math.exp(-1), 100],
    [0.1, 230],
    [0.01, 460],
    [0.999, 0],
    [0, 0],
  ])('with the random number %d begins %d ms before the expiry at a load time of 100 ms', (number, remaining) => {
    const policy = new ProbabilisticEarlyRefresh(1, () => number);
    expect(policy.isDue(entryLoadedIn(100), expiresAfter - remaining)).toBe(true);
    expect(policy.isDue(entryLoadedIn(100), expiresAfter - remaining - 1)).toBe(false);
  });

  it('throws the dice anew at each read', () => {
    const numbers = [0.5, 0.1, 0.5];
    const policy = new ProbabilisticEarlyRefresh(1, () => numbers.shift() ?? NaN);
    const answers = [1, 2, 3].map(() => policy.isDue(entryLoadedIn(100), expiresAfter - 100));
    expect(answers).toEqual([false, true, false]);
  });

  it('is random if nothing else is said, with a beta of 1', () => {
    const policy = new ProbabilisticEarlyRefresh();
    expect(policy.beta).toBe(1);
    const share = dueShare(policy, entryLoadedIn(100), expiresAfter - 100);
    expect(share).toBeGreaterThan(0.33);
    expect(share).toBeLessThan(0.41);
  });

  it.each([
    [0, '0'],
    [-1, '-1'],
    [Infinity, 'Infinity'],
    [NaN, 'NaN'],
    [true, 'true'],
  ])('refuses a beta of %s', (beta, received) => {
    expect(() => new ProbabilisticEarlyRefresh(beta as number)).toThrow(
      `ProbabilisticEarlyRefresh: option 'beta' should be a finite number above 0, got ${received}.`,
    );
  });

  describe('whatever the entry and the dice', () => {
    const settings = {
      beta: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      loadTime: fc.oneof(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: -10_000, max: 0 })),
    };
    const now = fc.integer({ min: created, max: created + 1e12 });

    it('is never due for an entry that does not tell when its load began', () => {
      fc.assert(
        fc.property(settings.beta, settings.random, now, (beta, random, moment) => {
          const { started: _, ...entry } = entryLoadedIn(100);
          expect(new ProbabilisticEarlyRefresh(beta, () => random).isDue(entry, moment)).toBe(false);
        }),
      );
    });

    it('is never due for an entry that never expires', () => {
      fc.assert(
        fc.property(fc.record(settings), now, ({ beta, random, loadTime }, moment) => {
          const entry = { ...entryLoadedIn(loadTime), expiresAfter: Infinity };
          expect(new ProbabilisticEarlyRefresh(beta, () => random).isDue(entry, moment)).toBe(false);
        }),
      );
    });

    it('is always due from the expiry on, also of an entry that seems to have been built before its load began', () => {
      fc.assert(
        fc.property(fc.record(settings), fc.nat(10), ({ beta, random, loadTime }, late) => {
          const policy = new ProbabilisticEarlyRefresh(beta, () => random);
          expect(policy.isDue(entryLoadedIn(loadTime), expiresAfter + late)).toBe(true);
        }),
      );
    });

    it('once due, it is due at every later moment, with a greater beta, and after a longer load', () => {
      const more = fc.integer({ min: 0, max: 60_000 });
      fc.assert(
        fc.property(fc.record(settings), more, more, ({ beta, random, loadTime }, remaining, later) => {
          const dueAt = (before: number, factor = beta, load = loadTime): boolean =>
            new ProbabilisticEarlyRefresh(factor, () => random).isDue(entryLoadedIn(load), expiresAfter - before);
          if (!dueAt(remaining)) return;
          expect(dueAt(remaining - later)).toBe(true);
          expect(dueAt(remaining, beta * 2)).toBe(true);
          expect(dueAt(remaining, beta, loadTime + later)).toBe(true);
        }),
      );
    });

    it('an entry whose load took no time is not due before it expires', () => {
      fc.assert(
        fc.property(settings.beta, settings.random, fc.integer({ min: 1, max: 60_000 }), (beta, random, remaining) => {
          const policy = new ProbabilisticEarlyRefresh(beta, () => random);
          expect(policy.isDue(entryLoadedIn(0), expiresAfter - remaining)).toBe(false);
        }),
      );
    });
  });
});
