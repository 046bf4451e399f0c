import { parseMomentText } from './moment-text.js';
import { missingPart, type NotationPart, shortened, type TimeFault } from './time-fault.js';
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

/** What some would like to say in words is said by a number. */
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
  if (/^\s*\+?PT?\s*$/i.test(text)) {
    return { kind: 'fault', wrong: `It names no part: write 'PT5M' for five minutes` };
  }
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
  { pattern: /(?:\d+(?:\s*days?,?)?\s+)?\d+:/iy, name: 'a number and a colon' },
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
    if (match === null) return fault('Expected a number with a unit', text, position);
    const [whole, amount = '', word = ''] = match;
    if (word === '') return fault(`The number ${shortened(amount)} has no unit`, text, position);
    if (millisecondsOf(word) !== undefined) continue;
    const unknown = fault(`Unknown unit '${shortened(word)}'`, text, position + whole.lastIndexOf(word));
    return likelyAmountOf(amount, word) === undefined ? { ...unknown, rule: units } : unknown;
  }
  return { kind: 'fault', wrong: 'It cannot be read' };
}

const units = 'The units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms.';

/** A fault in the word that comes after so much of the text. */
function fault(wrong: string, text: string, position: number): TimeFault {
  return { kind: 'fault', wrong, character: position + text.slice(position).search(/\S/) + 1 };
}
