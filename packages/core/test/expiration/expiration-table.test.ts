import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/errors.js';
import type { Expiration } from '../../src/expiration/expiration.js';
import { expirationFrom } from '../../src/expiration/expiration-from.js';
import { meaningOf } from '../../src/expiration/expiration-meaning.js';
import { type ExpirationExample, expirationExamples } from './expiration-table.js';

type MeaningOfAny = ReturnType<typeof meaningOf>;

const day = 86_400_000;

function shown(meaning: MeaningOfAny): string {
  switch (meaning.kind) {
    case 'duration':
      return shownLength(meaning.milliseconds);
    case 'moment':
      return `at ${withoutZeros(new Date(meaning.epochMilliseconds).toISOString())}`;
    case 'time-of-day': {
      const inUtc = (meaning.millisecondsOfDay - meaning.offset + day) % day;
      return `each day at ${withoutZeros(new Date(inUtc).toISOString().slice('1970-01-01T'.length))}`;
    }
    case 'meaningless':
      return meaning.advice === undefined ? 'refused' : `refused: ${meaning.advice}`;
    default:
      return 'judged at each read';
  }
}

function withoutZeros(moment: string): string {
  return moment.replace(/\.?0+Z$/, 'Z');
}

function shownLength(milliseconds: number): string {
  if (milliseconds === Infinity) return 'never';
  if (milliseconds === 0) return 'at once';
  const amounts = [
    [Math.floor(milliseconds / day), 'd'],
    [Math.floor(milliseconds / 3_600_000) % 24, 'h'],
    [Math.floor(milliseconds / 60_000) % 60, 'min'],
    // As many digits as stand in the examples.
    [Number(((milliseconds % 60_000) / 1_000).toFixed(12)), 's'],
  ] as const;
  return amounts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${decimal(amount)} ${unit}`])).join(' ');
}

function decimal(amount: number): string {
  return amount.toFixed(12).replace(/\.?0+$/, '');
}

function isAlike({ documented, meant, means }: ExpirationExample): boolean {
  const here = means.startsWith('refused') ? 'refused' : means;
  return here === meant && (documented === '' || here === documented);
}

function from(place: string): readonly ExpirationExample[] {
  return expirationExamples.filter((example) => example.from.split(' ').includes(place));
}

describe('what aquiche and its tests write as an expiration', () => {
  it.each(expirationExamples)('$aquiche, where it means $documented, means here: $means', ({ memo, means }) => {
    expect(shown(meaningOf(memo))).toBe(means);
  });

  it.each(expirationExamples)('$aquiche is taken where it means $means', ({ memo, means }) => {
    const take = (): unknown => expirationFrom(memo as Expiration, { call: 'memoize', option: 'expireAfter' });
    if (!means.startsWith('refused')) {
      expect(take).not.toThrow();
      return;
    }
    const message: unknown = expect.stringContaining(means.replace(/^refused(?:: )?/, ''));
    expect(take).toThrow(expect.objectContaining({ name: InvalidOptionError.kind, message }));
  });

  it('says why, wherever it means something else, and nowhere else', () => {
    expect(expirationExamples.filter((example) => isAlike(example) !== (example.why === undefined))).toEqual([]);
  });

  it.each([
    ['doc.decorators', 27],
    ['doc.moments', 18],
    ['doc.dates', 10],
    ['doc.times', 15],
    ['doc.durations', 35],
    ['test.dates', 28],
    ['test.times', 22],
    ['test.moments', 35],
    ['test.timedeltas', 14],
    ['test.durations', 40],
    ['test.expirations', 18],
    ['test.sums', 6],
  ])('has all that stand in %s', (place, count) => {
    expect(from(place)).toHaveLength(count);
  });
});
