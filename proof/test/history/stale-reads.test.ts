import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../src/history/record.js';
import { staleReads } from '../../src/history/stale-reads.js';
import { clearing, deletion, read, setting, valueOf } from './histories.js';

const found = (...history: readonly Recorded[]): readonly Recorded[] => staleReads(history).map(({ read }) => read);
const isStale = (...history: readonly Recorded[]): boolean => found(...history).length > 0;

describe('a read of what was loaded before', () => {
  const old = valueOf(10);

  it.each([
    ['delete', deletion(20, 30)],
    ['set', setting(20, 30)],
    ['clear', clearing(20, 30)],
  ])('a %s is stale if it starts after that has resolved', (_, barrier) => {
    const late = read(31, 32, old);
    expect(found(barrier, late)).toEqual([late]);
    expect(staleReads([late, barrier])).toEqual([{ read: late, barrier }]);
  });

  it('a delete may go either way up to the moment when that resolves', () => {
    expect(isStale(deletion(20, 30), read(30, 32, old))).toBe(false);
    expect(isStale(deletion(20, 30), read(25, 40, old))).toBe(false);
    expect(isStale(deletion(20, 30), read(15, 40, old))).toBe(false);
  });

  it('a delete in another process is stale all the same', () => {
    expect(isStale(deletion(20, 30, { process: 'q' }), read(31, 32, old))).toBe(true);
    expect(isStale(deletion(20, 30), read(31, 32, valueOf(10, { process: 'q' })))).toBe(true);
  });

  it('the delete of another key is fine', () => {
    expect(isStale(deletion(20, 30, { key: 'other' }), read(31, 32, old))).toBe(false);
  });

  it('a delete that was rejected is fine in other processes, and stale in its own', () => {
    const rejected = deletion(20, 30, { outcome: 'failed' });
    expect(isStale(rejected, read(31, 32, old, { process: 'q' }))).toBe(false);
    expect(isStale(rejected, read(31, 32, old))).toBe(true);
    expect(isStale(rejected, read(30, 32, old))).toBe(false);
  });

  it('a clear or set that was rejected is stale in its own process', () => {
    expect(isStale(clearing(20, 30, { outcome: 'failed' }), read(31, 32, old))).toBe(true);
    expect(isStale(clearing(20, 30, { outcome: 'failed' }), read(31, 32, old, { process: 'q' }))).toBe(false);
    expect(isStale(setting(20, 30, { outcome: 'failed' }), read(31, 32, old))).toBe(true);
    expect(isStale(setting(20, 30, { outcome: 'failed' }), read(31, 32, old, { process: 'q' }))).toBe(false);
  });

  it('a delete that never ended is fine', () => {
    expect(isStale(deletion(20, 30, { outcome: 'hung' }), read(31, 32, old))).toBe(false);
  });

  it('a refresh is judged like a read', () => {
    expect(isStale(deletion(20, 30), read(31, 32, old, { operation: 'refresh' }))).toBe(true);
  });

  it('a delete and that fails is not judged', () => {
    expect(isStale(deletion(20, 30), read(31, 32, old, { outcome: 'failed' }))).toBe(false);
  });
});

describe('a load', () => {
  it('that begins while the delete is under way, or at the moment of its call, may be seen after it', () => {
    expect(isStale(deletion(20, 30), read(31, 32, valueOf(20)))).toBe(false);
    expect(isStale(deletion(20, 30), read(31, 32, valueOf(25)))).toBe(false);
    expect(isStale(deletion(20, 30), read(31, 32, valueOf(19)))).toBe(true);
  });
});

describe('several deletes', () => {
  it('are told apart: the one that was called last and had resolved counts', () => {
    // It was called last, but is still under way when the read starts.
    expect(isStale(deletion(10, 20), deletion(30, 60), read(50, 55, valueOf(15)))).toBe(false);
    expect(isStale(deletion(10, 20), deletion(30, 40), read(50, 55, valueOf(15)))).toBe(true);
    // It was called first and resolves last.
    expect(isStale(deletion(10, 60), deletion(30, 40), read(50, 55, valueOf(35)))).toBe(false);
    expect(isStale(deletion(10, 60), deletion(30, 40), read(65, 70, valueOf(25)))).toBe(true);
  });
});

describe('a value that was set', () => {
  it('may be seen from then on', () => {
    const set = setting(20, 30);
    expect(isStale(set, read(31, 32, set.value))).toBe(false);
  });

  it('is stale after a later set or delete', () => {
    const set = setting(20, 30);
    expect(isStale(set, deletion(40, 50), read(51, 52, set.value))).toBe(true);
    expect(isStale(set, setting(40, 50), read(51, 52, set.value))).toBe(true);
  });

  it('may come after an operation that overlaps with its set', () => {
    const set = setting(20, 60);
    expect(isStale(set, deletion(30, 40), read(61, 62, set.value))).toBe(false);
    expect(isStale(set, deletion(60, 70), read(71, 72, set.value))).toBe(false);
    expect(isStale(set, deletion(61, 70), read(71, 72, set.value))).toBe(true);
  });

  it('cannot take effect once its set was rejected and something else confirmed', () => {
    const set = setting(20, 30, { outcome: 'failed' });
    expect(isStale(set, deletion(40, 50), read(51, 52, set.value))).toBe(true);
  });

  it('may come at any time if the process was killed meanwhile', () => {
    const { value } = setting(20, 30);
    expect(isStale(deletion(40, 50), read(51, 52, value))).toBe(false);
  });
});
