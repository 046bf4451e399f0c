import { nearestWord } from '../nearest-word.js';

const millisecondsByUnit: ReadonlyMap<string, number> = new Map(
  [
    { spellings: ['days', 'day', 'd'], milliseconds: 86_400_000 },
    { spellings: ['hours', 'hour', 'h'], milliseconds: 3_600_000 },
    { spellings: ['minutes', 'minute', 'm'], milliseconds: 60_000 },
    { spellings: ['seconds', 'second', 's'], milliseconds: 1_000 },
    { spellings: ['milliseconds', 'millisecond', 'ms'], milliseconds: 1 },
  ].flatMap(({ spellings, milliseconds }) => spellings.map((spelling): [string, number] => [spelling, milliseconds])),
);

/** Words that are no units here, and what one of them comes to. */
const otherWords: ReadonlyMap<string, { readonly amount: number; readonly unit: string }> = new Map(
  [
    { spellings: ['y', 'yr', 'yrs', 'year', 'years'], amount: 365, unit: 'days' },
    { spellings: ['mo', 'month', 'months'], amount: 30, unit: 'days' },
    { spellings: ['w', 'wk', 'wks', 'week', 'weeks'], amount: 7, unit: 'days' },
    { spellings: ['hr', 'hrs'], amount: 1, unit: 'hours' },
    { spellings: ['min', 'mins'], amount: 1, unit: 'minutes' },
    { spellings: ['sec', 'secs'], amount: 1, unit: 'seconds' },
    { spellings: ['msec', 'msecs', 'millis'], amount: 1, unit: 'milliseconds' },
    { spellings: ['us', 'µs', 'microsecond', 'microseconds'], amount: 0.001, unit: 'milliseconds' },
  ].flatMap(({ spellings, ...meaning }) => spellings.map((spelling) => [spelling, meaning] as const)),
);

/** How long one `unit` is in milliseconds, written in any of its spellings; `undefined` when there is no such unit. */
export function millisecondsOf(unit: string): number | undefined {
  return millisecondsByUnit.get(unit.toLowerCase());
}

/** What someone probably meant who wrote `amount` of a `word` that is no unit; `undefined` when nobody can tell. */
export function likelyAmountOf(amount: string, word: string): string | undefined {
  const other = otherWords.get(word.toLowerCase());
  if (other !== undefined) return inUnits(Number(amount) * other.amount, other.unit);
  const nearest = nearestWord(word, [...millisecondsByUnit.keys()]);
  return nearest === undefined ? undefined : `${amount} ${nearest}`;
}

function inUnits(amount: number, units: string): string {
  return `${amount} ${amount === 1 ? units.slice(0, -1) : units}`;
}
