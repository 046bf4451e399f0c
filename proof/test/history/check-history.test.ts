import { expect, it } from 'vitest';
import { checkHistory, loadsByKey, readsThatWaited, sentencesAbout } from '../../src/history/check-history.js';
import type { Recorded } from '../../src/history/record.js';
import { deletion, read, setting, valueOf } from './histories.js';

const load = (key: string, started: number): Recorded => ({
  ...{ operation: 'load', process: 'p', key, start: started, end: started, outcome: 'done' },
  value: valueOf(started, { key }),
});

it('a history without fault has no findings', () => {
  const history = [load('k', 1), read(0, 2, valueOf(1)), deletion(3, 4), load('k', 5), read(4, 6, valueOf(5))];
  const findings = checkHistory(history);
  expect(findings).toEqual({ stale: [], failed: [], foreign: [], early: [] });
  expect(sentencesAbout(findings, history)).toEqual([]);
});

it('finds reads that failed though the function had not, and whatever never ended', () => {
  const failed = { ...deletion(1, 2), operation: 'read', outcome: 'failed', error: 'E: no' } as const;
  const refused = { ...failed, operation: 'refresh' } as const;
  const byFunction = { ...failed, outcome: 'function failed' } as const;
  const hung = deletion(3, 9, { outcome: 'hung' });
  const rejected = deletion(3, 9, { outcome: 'failed' });
  expect(checkHistory([failed, refused, byFunction, hung, rejected]).failed).toEqual([failed, refused, hung]);
});

it('finds reads of the value of another key', () => {
  const foreign = read(1, 2, valueOf(0, { key: 'other' }));
  expect(checkHistory([foreign, read(1, 2, valueOf(0))]).foreign).toEqual([foreign]);
});

it('finds refreshes whose load began before they were called', () => {
  const refreshed = (start: number, started: number) => read(start, 9, valueOf(started), { operation: 'refresh' });
  const early = refreshed(3, 2);
  expect(checkHistory([early, refreshed(3, 3), refreshed(3, 4), read(3, 9, valueOf(2))]).early).toEqual([early]);
  expect(checkHistory([read(3, 9, setting(2, 4).value, { operation: 'refresh' })]).early).toEqual([]);
});

it('counts the loads of each key', () => {
  const history = [load('a', 1), load('b', 2), load('a', 3), read(1, 2, valueOf(1))];
  expect([...loadsByKey(history)]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

it('finds the reads that took so long, and were answered with what was published meanwhile', () => {
  const value = valueOf(0);
  const publish = { ...read(500_000, 600_000, value), operation: 'publish' } as const;
  const waited = read(0, 1_000_000, value);
  const quick = read(0, 999_999, value);
  const slow = read(500_000, 1_500_000, value);
  const other = read(0, 1_000_000, valueOf(1));
  expect(readsThatWaited([publish, waited, quick, slow, other, deletion(0, 5_000_000)], 1)).toEqual([waited]);
});

it('tells what it found, with all that is needed to follow it', () => {
  const stale = [deletion(20e6, 30e6, { process: 'q' }), read(31e6, 32.5e6, valueOf(10e6, { number: 7 }))];
  const failed = {
    ...deletion(40e6, 41e6),
    operation: 'read',
    outcome: 'failed',
    error: 'StorageFailedError: no',
  } as const;
  const foreign = read(50e6, 51e6, valueOf(49e6, { key: 'other', number: 8 }));
  const early = read(60e6, 61e6, valueOf(59e6, { number: 9 }), { operation: 'refresh' });
  const history = [load('k', 10e6), ...stale, failed, foreign, early];
  expect(sentencesAbout(checkHistory(history), history)).toEqual([
    'STALE read k by process p, 21.000 ms to 22.500 ms, done: value 7 of process p for k, load at 0.000 ms; ' +
      'after delete k by process q, 10.000 ms to 20.000 ms, done',
    'FAILED read k by process p, 30.000 ms to 31.000 ms, failed: StorageFailedError: no',
    'FOREIGN read k by process p, 40.000 ms to 41.000 ms, done: value 8 of process p for other, load at 39.000 ms',
    'EARLY refresh k by process p, 50.000 ms to 51.000 ms, done: value 9 of process p for k, load at 49.000 ms',
  ]);
});
