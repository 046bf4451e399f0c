import { keepUntilOf } from '@memo/core';
import { expect, it } from 'vitest';

it.each([
  ['as long as it is served, where nothing else is said', { expiresAfter: 100 }, 100],
  ['longer', { expiresAfter: 100, keepUntil: 200.5 }, 200.5],
  ['for ever', { expiresAfter: 100, keepUntil: Infinity }, Infinity],
  ['as long as it is served, where that is no number', { expiresAfter: 100, keepUntil: NaN }, 100],
  ['never shorter than it is served', { expiresAfter: 100, keepUntil: 50 }, 100],
])('an entry is kept %s', (_, moments, expected) => {
  expect(keepUntilOf(moments)).toBe(expected);
});
