import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { EvictionStrategy } from '../../src/eviction/eviction-strategy.js';
import { LeastRecentlyUpdatedEvictionStrategy } from '../../src/eviction/least-recently-updated-eviction-strategy.js';
import { LeastRecentlyUsedEvictionStrategy } from '../../src/eviction/least-recently-used-eviction-strategy.js';
import { NoEvictionStrategy } from '../../src/eviction/no-eviction-strategy.js';

const entry: CacheEntry = { value: 1, created: 0, updateAfter: 1, expiresAfter: 2 };

describe.each([
  { itsClass: LeastRecentlyUpdatedEvictionStrategy, name: 'LeastRecentlyUpdatedEvictionStrategy', readsCount: false },
  { itsClass: LeastRecentlyUsedEvictionStrategy, name: 'LeastRecentlyUsedEvictionStrategy', readsCount: true },
])('$name', ({ itsClass: Strategy, name, readsCount }) => {
  const written = (strategy: EvictionStrategy, ...keys: string[]): void => {
    for (const key of keys) strategy.markWritten(key, entry);
  };

  it('names nothing while there is room', () => {
    const strategy = new Strategy(2);
    written(strategy, 'a', 'b');
    expect(strategy.nextToRelease()).toBeUndefined();
  });

  it('names the key written longest ago, again and again until it went', () => {
    const strategy = new Strategy(2);
    written(strategy, 'a', 'b', 'a', 'c');
    expect([strategy.nextToRelease(), strategy.nextToRelease()]).toEqual(['b', 'b']);
    strategy.markReleased('b');
    expect(strategy.nextToRelease()).toBeUndefined();
    expect([...strategy.keys()]).toEqual(['a', 'c']);
  });

  it(readsCount ? 'lets a key stay that was read' : 'does not care what was read', () => {
    const strategy = new Strategy(1);
    written(strategy, 'a', 'b');
    strategy.markRead('a');
    expect(strategy.nextToRelease()).toBe(readsCount ? 'b' : 'a');
    strategy.markRead('unknown');
    expect([...strategy.keys()]).toHaveLength(2);
  });

  it('forgets a key that something else released, also one that it never knew', () => {
    const strategy = new Strategy(1);
    written(strategy, 'a', 'b', 'c');
    strategy.markReleased('b');
    strategy.markReleased('unknown');
    expect([...strategy.keys()]).toEqual(['a', 'c']);
    expect(strategy.nextToRelease()).toBe('a');
  });

  it('with capacity 0 names every key that was written (M85)', () => {
    const strategy = new Strategy(0);
    expect(strategy.nextToRelease()).toBeUndefined();
    written(strategy, '');
    expect(strategy.nextToRelease()).toBe('');
    strategy.markReleased('');
    expect(strategy.nextToRelease()).toBeUndefined();
  });

  it('has room for 4096 keys unless it is told otherwise (M71)', () => {
    const strategy = new Strategy();
    expect(strategy.capacity).toBe(4096);
    written(strategy, ...Array.from({ length: 4096 }, (_, index) => `key ${index}`));
    expect(strategy.nextToRelease()).toBeUndefined();
    written(strategy, 'one more');
    expect(strategy.nextToRelease()).toBe('key 0');
  });

  it.each([null, Infinity])('has room for everything with capacity %s', (capacity) => {
    const strategy = new Strategy(capacity);
    expect(strategy.capacity).toBe(Infinity);
    written(strategy, ...Array.from({ length: 10_000 }, (_, index) => `key ${index}`));
    expect(strategy.nextToRelease()).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [-1, '-1'],
    [1.5, '1.5'],
    [NaN, 'NaN'],
    ['5', '"5"'],
    [{ capacity: -1 }, '-1'],
  ])('refuses capacity %o', (capacity, received) => {
    expect(() => new Strategy(capacity as number)).toThrow(
      `${name}: option 'capacity' should be a whole number from 0 on, or null for no bound, got ${received}.`,
    );
  });

  it('does as a plain list would', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__');
    const step = fc.tuple(fc.constantFrom('read', 'write', 'release', 'next' as const), key);
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
        const strategy: EvictionStrategy = new Strategy(capacity);
        let model: string[] = [];
        for (const [action, key] of steps) {
          const without = model.filter((known) => known !== key);
          if (action === 'read') {
            strategy.markRead(key);
            if (readsCount && model.includes(key)) model = [...without, key];
          } else if (action === 'write') {
            strategy.markWritten(key, entry);
            model = [...without, key];
          } else if (action === 'release') {
            strategy.markReleased(key);
            model = without;
          }
          expect(strategy.nextToRelease()).toBe(model.length > capacity ? model[0] : undefined);
          expect([...strategy.keys!()]).toEqual(model);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('NoEvictionStrategy', () => {
  it('never names a key (M87)', () => {
    const strategy: EvictionStrategy = new NoEvictionStrategy();
    for (let index = 0; index < 10_000; index++) strategy.markWritten(`key ${index}`, entry);
    strategy.markRead('key 0');
    strategy.markReleased('key 1');
    expect(strategy.nextToRelease()).toBeUndefined();
    expect(strategy.keys).toBeUndefined();
  });
});
