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

  it('stay as many though keys come and go for long', () => {
    const ghosts = new GhostKeys(100);
    for (let count = 0; count < 100_000; count++) {
      ghosts.add(`key ${count}`, 1);
      if (count % 3 === 0) ghosts.take(`key ${count - 10}`);
    }
    expect(ghosts.size).toBe(99);
  });

  it('are right again after a key was added twice', () => {
    const ghosts = new GhostKeys(3);
    for (const key of ['a', 'a', 'b', 'c', 'd', 'e']) ghosts.add(key, 1);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => ghosts.take(key))).toEqual([false, false, true, true, true]);
    expect(ghosts.size).toBe(0);
  });
});
