import { describe, expect, it } from 'vitest';
import { exptimeOf } from '../src/exptime.js';

const day = 86_400_000;
const now = 1_800_000_000_250;

describe('exptimeOf', () => {
  it.each([
    ['a fraction of a second', 1, 3],
    ['a whole second', 1_000, 3],
    ['a second and a bit', 1_000.5, 4],
    ['what is over already', -5_000, 1],
    ['this very moment', 0, 2],
    ['a minute', 60_000, 62],
    ['two seconds less than 30 days', 30 * day - 2_000, 30 * 86_400],
  ])('counts seconds, rounded up, and two more: %s', (_name, lifetime, seconds) => {
    expect(exptimeOf(lifetime, now)).toBe(seconds);
  });

  it.each([
    ['30 days', 30 * day, 1_802_592_003],
    ['31 days', 31 * day, 1_802_678_403],
    ['a year', 365 * day, 1_831_536_003],
  ])('says from 30 days on when, as Memcached would take the number for a time: %s', (_name, lifetime, time) => {
    expect(exptimeOf(lifetime, now)).toBe(time);
  });

  it.each([
    ['Infinity', Infinity],
    ['a century', 36_500 * day],
    ['what 31 bits cannot say', 2 ** 31 * 1_000 - now],
  ])('says never for what is too far away: %s', (_name, lifetime) => {
    expect(exptimeOf(lifetime, now)).toBe(0);
  });
});
