/**
 * Hearing what a cache does, and counting it.
 *
 * Build once with `npm run build`, then: node examples/dist/events.js
 */
import { memoize } from '@memo/core';

const square = memoize(
  async (number: number) => {
    if (number < 0) throw new RangeError('only from 0 on');
    return number * number;
  },
  {
    name: 'square',
    capacity: 2,
    onEvent: (event) => console.log(`${event.name}: ${event.type} of ${event.key}`),
  },
);

await Promise.all([square(2), square(2)]);
await square(2);
await square(-1).catch((error: unknown) => console.log(String(error)));
await square(3);
await square(4);

const { hits, misses, joins, loads, evictions } = square.cacheInfo();
console.log({ hits, misses, joins, loads, evictions });
