import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GhostKeys } from '../../src/eviction/ghost-keys.js';

describe('GhostKeys', () => {
  it('are the latest, as many as weigh so much, as in a plain list', () => {
    const step = fc.tuple(fc.boolean(), fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__'), fc.nat({ max: 4 }));
    fc.assert(
      fc.property(fc.nat({ max: 8 }), fc.array(step, { maxLength: 100 }), (limit, steps) => {
        const ghosts = new GhostKeys(limit);
        let model: { key: string; weight: number }[] = [];
        for (const [adds, key, drawn] of steps) {
          const isThere = model.some((ghost) => ghost.key === key);
          if (!adds || isThere) {
            expect(ghosts.take(key)).toBe(isThere);
            model = model.filter((ghost) => ghost.key !== key);
            continue;
          }
          const weight = Math.max(1, drawn);
          ghosts.add(key, drawn);
          if (weight > limit) continue;
          model.push({ key, weight });
          while (model.reduce((sum, { weight }) => sum + weight, 0) > limit) model.shift();
          expect(ghosts.size).toBe(model.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { limit: 40, takes: 3 },
    { limit: 300, takes: 2 },
    { limit: 300, takes: 50 },
    { limit: 2 ** 33, takes: 2 },
  ])('are the latest though keys come and go for long: $limit, one of $takes taken', ({ limit, takes }) => {
    const ghosts = new GhostKeys(limit);
    const model = new Map<string, number>();
    const unit = limit > 300 ? 2 ** 24 : 1;
    let [weight, seed] = [0, 7];
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let count = 0; count < 20_000; count++) {
      const key = `${'long '.repeat(next(3))}key ${count}`;
      const added = (1 + next(3)) * unit;
      ghosts.add(key, added);
      model.set(key, added);
      weight += added;
      for (const [oldest, freed] of model) {
        if (weight <= limit) break;
        model.delete(oldest);
        weight -= freed;
      }
      // Now and then more are taken than come, so that there are more gaps than ghosts.
      for (let times = count % 1_000 < 500 ? 0 : 3; times > 0; times--) {
        if (next(takes) !== 0 || model.size < 5) continue;
        const taken = next(4) === 0 ? `key ${count - next(400)}` : [...model.keys()][1 + next(model.size - 1)]!;
        expect(ghosts.take(taken)).toBe(model.has(taken));
        weight -= model.get(taken) ?? 0;
        model.delete(taken);
      }
      expect(ghosts.size).toBe(model.size);
    }
    for (const key of model.keys()) expect(ghosts.take(key)).toBe(true);
    expect(ghosts.size).toBe(0);
  });

  it('are right again after a key was added twice', () => {
    const ghosts = new GhostKeys(3);
    for (const key of ['a', 'a', 'b', 'c', 'd', 'e']) ghosts.add(key, 1);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => ghosts.take(key))).toEqual([false, false, true, true, true]);
    expect(ghosts.size).toBe(0);
  });
});
