import { describe, expect, it } from 'vitest';
import { exptimeOf } from '../src/exptime.js';

const day = 86_400_000;
const now = 1_800_000_000_250;

describe('exptimeOf', () => {
  it.each([
    ['a fraction of a second', now + 1, 2],
    ['a whole second', now + 1_000, 2],
    ['a second and a bit', now + 1_000.5, 3],
    ['what is over already', now - 5_000, 1],
    ['this very moment', now, 1],
    ['a minute', now + 60_000, 61],
    ['a second less than 30 days', now + 30 * day - 1_000, 30 * 86_400],
  ])('counts seconds, rounded up, and one more: %s', (_name, moment, seconds) => {
    expect(exptimeOf(moment, now)).toBe(seconds);
  });

  it.each([
    ['30 days', now + 30 * day, 1_802_592_002],
    ['31 days', now + 31 * day, 1_802_678_402],
    ['a year', now + 365 * day, 1_831_536_002],
  ])('says from 30 days on when, as Memcached would take the number for a time: %s', (_name, moment, time) => {
    expect(exptimeOf(moment, now)).toBe(time);
  });

  it.each([
    ['Infinity', Infinity],
    ['a century', now + 36_500 * day],
    ['the last second that 31 bits can say', 2 ** 31 * 1_000],
  ])('says never for what is too far away: %s', (_name, moment) => {
    expect(exptimeOf(moment, now)).toBe(0);
  });
});
