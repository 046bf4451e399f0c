import { describe, expect, it } from 'vitest';
import { freshness, type Freshness } from '../../src/entry/freshness.js';

describe('freshness', () => {
  it.each<[string, number, number, number, Freshness]>([
    ['before both deadlines', 99, 100, 200, 'fresh'],
    ['at the instant of the refresh (M20)', 100, 100, 200, 'stale'],
    ['between the deadlines', 199, 100, 200, 'stale'],
    ['at the instant of expiry (M19)', 200, 100, 200, 'expired'],
    ['after both deadlines', 201, 100, 200, 'expired'],
    ['that is never refreshed, before expiry', 199, Infinity, 200, 'fresh'],
    ['that is never refreshed, at expiry', 200, Infinity, 200, 'expired'],
    ['that never expires', Number.MAX_VALUE, Infinity, Infinity, 'fresh'],
    ['that would be refreshed only after it expired (M21)', 250, 300, 200, 'expired'],
    ['whose expiry is no number', 0, 100, NaN, 'expired'],
    ['whose refresh is no number', 0, NaN, 200, 'stale'],
  ])('of an entry %s', (_, now, updateAfter, expiresAfter, expected) => {
    expect(freshness({ updateAfter, expiresAfter }, now)).toBe(expected);
  });
});
