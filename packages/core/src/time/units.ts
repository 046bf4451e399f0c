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

/** How long one `unit` is in milliseconds, written in any of its spellings; `undefined` when there is no such unit. */
export function millisecondsOf(unit: string): number | undefined {
  return millisecondsByUnit.get(unit.toLowerCase());
}

/** The spelling of a unit that someone who wrote `word` probably meant; `undefined` when none is near. */
export function nearestUnit(word: string): string | undefined {
  return nearestWord(word, [...millisecondsByUnit.keys()]);
}
