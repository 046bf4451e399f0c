import { parseMomentText } from './moment-text.js';
import { shortened, missingPart, type NotationPart, type TimeFault } from './time-fault.js';
import { parseZonedTimeOfDayText } from './time-of-day-text.js';
import { likelyAmountOf, millisecondsOf } from './units.js';

/** What is wrong with text that is no duration. */
export function faultInDurationText(text: string): TimeFault {
  const written = text.trim();
  if (written === '') return { kind: 'fault', wrong: 'The text is empty' };
  if (/^\+?\d+(?:\.\d+)?$/.test(written)) return { kind: 'fault', wrong: 'A number in text says no unit' };
  if (parseMomentText(text) !== undefined) return { kind: 'fault', wrong: 'It is a moment, and no length of time' };
  if (parseZonedTimeOfDayText(text) !== undefined) {
    return { kind: 'fault', wrong: 'It is a time of day, and no length of time' };
  }
  if (written.startsWith('-')) return { kind: 'fault', wrong: 'A length of time cannot be negative' };
  if (/^\+?P/i.test(written)) return faultInIso(text);
  if (/^\d[^:]*:/.test(written)) return faultInStopwatch(text);
  return { rule: ruleForWord(written), ...faultInUnits(text) };
}

/** Some words have no text, because there is a number for them. */
function ruleForWord(word: string): string | undefined {
  if (/^\+?(?:never|forever|inf|infinity|none|null|false)$/i.test(word)) return 'Never is Infinity, without quotes.';
  return /^(?:now|always|immediately|true)$/i.test(word) ? 'At once is 0, without quotes.' : undefined;
}

const isoParts: readonly NotationPart[] = [
  { pattern: /\+?P(?:\d+(?:[.,]\d+)?D)?/iy, name: 'P' },
  { pattern: /T(?=\d)/iy, name: 'T, and hours, minutes or seconds' },
  { pattern: /(?:\d+(?:[.,]\d+)?H)?(?:\d+(?:[.,]\d+)?M)?(?:\d+(?:[.,]\d+)?S)?/iy, name: 'hours' },
  { pattern: /\s*$/y, name: 'the end' },
];

function faultInIso(text: string): TimeFault {
  if (/^\s*\+?PT?\s*$/i.test(text))
    return { kind: 'fault', wrong: `It names no part: write 'PT5M' for five minutes`, proposals: [] };
  const [begin = '', unit] = /^\s*\+?P[\d.,D]*([YMW])/i.exec(text) ?? [];
  if (unit !== undefined) {
    return {
      kind: 'fault',
      wrong: `Unknown unit '${unit}'`,
      character: begin.length,
      rule: 'The longest unit is a day, because years and months differ in length.',
    };
  }
  return {
    ...missingPart(text, isoParts),
    rule: `In ISO 8601 a duration is days, then T and hours, minutes, seconds: 'P1DT2H30M' or 'PT0.5S'.`,
  };
}

const stopwatchParts: readonly NotationPart[] = [
  { pattern: /(?:\d+(?:\s?days?,?)?\s+)?\d+:/iy, name: 'a number and a colon' },
  { pattern: /\d+/y, name: 'a number' },
  { pattern: /(?::\d+)?(?:\.\d+)?/y, name: 'seconds' },
  { pattern: /\s*$/y, name: 'the end' },
];

function faultInStopwatch(text: string): TimeFault {
  return {
    ...missingPart(text, stopwatchParts),
    rule: `Colons part minutes and seconds, or hours, minutes and seconds: '15:30' or '1:15:30.5'.`,
  };
}

const amountAndWord = /\s*(\d+(?:\.\d+)?)\s*([^\s\d.,:;+-]*)\s*/y;

/** Walks over the amounts and units up to the first one that cannot be read. */
function faultInUnits(text: string): TimeFault {
  for (let position = 0; position < text.length; position = amountAndWord.lastIndex) {
    amountAndWord.lastIndex = position;
    const match = amountAndWord.exec(text);
    const character = placeOfNextWord(text, position);
    if (match === null) return { kind: 'fault', wrong: 'Expected a number with a unit', character };
    const [whole, amount = '', word = ''] = match;
    if (word === '') return { kind: 'fault', wrong: `The number ${shortened(amount)} has no unit`, character };
    if (millisecondsOf(word) === undefined) {
      return faultOfUnit(amount, word, position + whole.lastIndexOf(word) + 1);
    }
  }
  return { kind: 'fault', wrong: 'It cannot be read' };
}

function faultOfUnit(amount: string, word: string, character: number): TimeFault {
  const fault = { kind: 'fault', wrong: `Unknown unit '${shortened(word)}'`, character } as const;
  if (likelyAmountOf(amount, word) !== undefined) return fault;
  return {
    ...fault,
    rule: 'The units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms.',
  };
}

/** Counted from one, as people count. */
function placeOfNextWord(text: string, position: number): number {
  return position + text.slice(position).search(/\S/) + 1;
}
