import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue } from '../../src/client/queue.js';

describe('Queue', () => {
  it('is first in, first out, whatever is added and removed in between', () => {
    const step = fc.oneof(fc.nat(), fc.constant('remove' as const), fc.constant('remove all' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        for (const next of steps) {
          if (next === 'remove all') expect(queue.removeAll()).toEqual(model.splice(0));
          else if (next === 'remove') {
            queue.removeOldest();
            model.shift();
          } else {
            queue.add(next);
            model.push(next);
          }
          expect([queue.size, queue.oldest]).toEqual([model.length, model[0]]);
        }
      }),
    );
  });
});
