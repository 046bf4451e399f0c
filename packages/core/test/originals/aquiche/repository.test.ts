/** aquiche's tests of its repository, by their names. Its part is played by a storage and an eviction strategy. */
import { describe, expect, it } from 'vitest';
import { askFor, type Door, subjectAt } from './cache-under-test.js';

const letters = ['a', 'b', 'c', 'd', 'e'];
const numbers = [1, 18, 22, 33, 14, 19, 21, 18, 20, 13, 11];

describe.each<Door>(['memoize', 'memoizeSync'])('aquiche test_repository, by %s', (door) => {
  it('lru_cache_repository_add: all are there', async () => {
    const subject = subjectAt(door, (letter: string) => letter);
    await askFor(subject, letters);
    expect(await askFor(subject, letters)).toEqual(letters);
    expect(subject.info()).toMatchObject({ hits: 5, misses: 5, size: 5 });
  });

  it('lru_cache_repository_add_maxsize: of two the last two are there', async () => {
    const subject = subjectAt(door, (letter: string) => letter, { maxsize: 2 });
    await askFor(subject, letters);
    const there = await Promise.all(letters.map((letter) => subject.exists(letter)));
    expect(there).toEqual([false, false, false, true, true]);
  });

  it('lru_cache_every: all are judged, and all are cleared', async () => {
    const judged: unknown[] = [];
    const subject = subjectAt(door, (letter: string) => letter, {
      maxsize: 15,
      expireAfter: ({ value }) => {
        judged.push(value);
        return null;
      },
    });
    await askFor(subject, letters);
    judged.length = 0;
    expect(await subject.removeExpired()).toBe(0);
    expect(judged).toEqual(letters);
    await subject.clear();
    expect(subject.info().size).toBe(0);
  });

  it('lru_cache_filter: odd numbers go, and even ones stay', async () => {
    let isOver = false;
    const subject = subjectAt(door, (_place: number, number: number) => number, {
      expireAfter: ({ value }) => isOver && (value as number) % 2 === 1,
    });
    for (const [place, number] of numbers.entries()) await subject.call(place, number);
    isOver = true;
    expect(await subject.removeExpired()).toBe(6);
    expect(subject.info().size).toBe(5);
    const there = await Promise.all(numbers.map((number, place) => subject.exists(place, number)));
    expect(numbers.filter((_, place) => there[place])).toEqual([18, 22, 14, 18, 20]);
  });
});

describe('aquiche test_repository', () => {
  it('lru_cache_filter_async: odd numbers go, and even ones stay', async () => {
    let isOver = false;
    const subject = subjectAt('memoize', (_place: number, number: number) => number, {
      expireAfter: async ({ value }) => isOver && (value as number) % 2 === 1,
    });
    for (const [place, number] of numbers.entries()) await subject.call(place, number);
    isOver = true;
    expect(await subject.removeExpired()).toBe(6);
    expect(subject.info().size).toBe(5);
  });
});
