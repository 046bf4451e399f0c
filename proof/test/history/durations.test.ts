import { expect, it } from 'vitest';
import { percentile, slowest, spanOf } from '../../src/history/durations.js';
import { deletion } from './histories.js';

it('the slowest of several operations', () => {
  expect(slowest([deletion(1e6, 2e6), deletion(1e6, 3.5e6), deletion(9e6, 9e6)])).toBe(2.5);
  expect(slowest([])).toBe(0);
});

it('the span of a history, however long that is', () => {
  expect(spanOf([deletion(5, 6), deletion(2, 9), deletion(3, 4)])).toEqual({ start: 2, end: 9 });
  expect(spanOf(Array.from({ length: 300_000 }, (_, index) => deletion(index, index + 1)))).toEqual({
    start: 0,
    end: 300_000,
  });
});

it('percentiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0, 0.5, 0.99, 1].map((part) => percentile(values, part))).toEqual([1, 50, 99, 100]);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});
