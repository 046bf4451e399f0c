import { describe, expect, it } from 'vitest';
import { LeastRecentlyUpdatedEvictionStrategy } from '../../src/eviction/least-recently-updated-eviction-strategy.js';
import { LeastRecentlyUsedEvictionStrategy } from '../../src/eviction/least-recently-used-eviction-strategy.js';
import { S3FifoEvictionStrategy } from '../../src/eviction/s3-fifo-eviction-strategy.js';
import { BooksInBothForms, weigh } from './books-in-both-forms.js';
import { generatedTrace } from './generated-trace.js';

const trace = generatedTrace();

/** How many requests are missed; entries that are weighed weigh 1 to 5. */
function missesOf(strategy: BooksInBothForms['strategy'], form: 'key' | 'slot'): number {
  const books = new BooksInBothForms(strategy);
  const kept = new Set<string>();
  let misses = 0;
  for (const key of trace) {
    if (kept.has(key)) {
      books.read(form, key);
      continue;
    }
    misses++;
    kept.add(key);
    books.write(form, key, 1 + (key.charCodeAt(key.length - 1) % 5));
    for (let victim = strategy.nextToRelease(); victim !== undefined; victim = strategy.nextToRelease()) {
      kept.delete(victim);
      books.release(form, victim);
    }
  }
  return misses;
}

const updated = LeastRecentlyUpdatedEvictionStrategy;
const used = LeastRecentlyUsedEvictionStrategy;
const fifo = S3FifoEvictionStrategy;

describe('a generated trace', () => {
  it('is the same each time', () => {
    expect(trace).toHaveLength(95_873);
    expect(new Set(trace).size).toBe(15_864);
  });

  it.each<[title: string, create: () => BooksInBothForms['strategy'], misses: number]>([
    ['least recently updated, 100 entries', () => new updated(100), 68_056],
    ['least recently updated, 1000 entries', () => new updated(1_000), 39_054],
    ['least recently used, 100 entries', () => new used(100), 64_679],
    ['least recently used, 1000 entries', () => new used(1_000), 35_939],
    ['S3-FIFO, 100 entries', () => new fifo(100), 57_095],
    ['S3-FIFO, 1000 entries', () => new fifo(1_000), 35_784],
    ['S3-FIFO, 1000 entries, promoted after 2 reads', () => new fifo({ capacity: 1_000, promoteAfter: 2 }), 36_093],
    ['S3-FIFO, 1000 entries, one step', () => new fifo({ capacity: 1_000, mostSteps: 1 }), 38_027],
    ['S3-FIFO, 1000 entries, as many steps as it likes', () => new fifo({ capacity: 1_000, mostSteps: null }), 35_757],
    ['least recently updated, a weight of 2000', () => new updated({ maxWeight: 2_000, weigh }), 42_340],
    ['least recently used, a weight of 2000', () => new used({ maxWeight: 2_000, weigh }), 39_847],
    ['S3-FIFO, a weight of 2000', () => new fifo({ maxWeight: 2_000, weigh }), 39_860],
  ])('is missed by %s as often as ever, by key and in slots', (_title, create, misses) => {
    expect([missesOf(create(), 'key'), missesOf(create(), 'slot')]).toEqual([misses, misses]);
  });
});
