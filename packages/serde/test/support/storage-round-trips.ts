import { systemClock, type CacheStorage, type Clock } from '@memo/core';
import fc from 'fast-check';
import { difference } from './difference.js';
import { faithfulEntries, ordered } from './faithful-entries.js';
import type { Format } from './formats.js';
import { seed } from './seed.js';

const day = 86_400_000;

/** A clock of long ago, by which a server keeps also what expires at the moment 0. */
export const longAgo: Clock = {
  now: () => -10 * day,
  setTimer: (callback, delay, options) => systemClock.setTimer(callback, delay, options),
};

/** Moments until which every server keeps an entry that a storage with the clock of `longAgo` offers it. */
const kept = fc.oneof(
  fc.constantFrom(0, 0.5, Number.MIN_VALUE, 8.64e15, Number.MAX_VALUE, Infinity),
  fc.double({ min: 0, max: 10 * day, noNaN: true }),
  // What is further than 30 days from now Memcached is told by its own clock.
  fc.double({ min: Date.now() + day, max: 8.64e15, noNaN: true }),
);

/** Offers generated entries to one storage, many at a time, and throws unless another finds them as they were. */
export async function requireRoundTrips(format: Format, writer: CacheStorage, reader: CacheStorage): Promise<void> {
  const offers = fc.record({
    key: fc.string({ unit: 'binary' }),
    entry: faithfulEntries(format.values, { expiresAfter: kept }),
    keepUntil: fc.oneof(fc.constant(-Infinity), kept),
  });
  const batches = fc.uniqueArray(offers, { selector: ({ key }) => key, minLength: 1, maxLength: 60, size: 'max' });
  await fc.assert(
    fc.asyncProperty(batches, async (batch) => {
      const found = batch.map(async ({ key, entry: bare, keepUntil }) => {
        // That it is not kept longer than it is served is the same as that nobody says so.
        const entry = keepUntil > bare.expiresAfter ? { ...bare, keepUntil } : bare;
        const result = await writer.offer(key, { ...entry, keepUntil });
        if (result !== 'stored') throw new Error(`An entry was ${result}`);
        const read = await reader.get(key);
        return read === undefined ? 'entry (absent)' : difference(ordered(read), ordered(entry), 'entry');
      });
      const differences = (await Promise.all(found)).filter((where) => where !== undefined);
      if (differences.length > 0) throw new Error(`These came back changed: ${differences.join(', ')}`);
    }),
    { seed, numRuns: 6 },
  );
}
