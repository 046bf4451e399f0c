import { millisecondsOf, nearestUnit } from './units.js';

/** Says what is wrong with text that is no duration, and what to write instead. */
export function adviceForDurationText(text: string): string {
  const written = text.trim();
  if (written === '') return 'The text is empty.';
  if (written.startsWith('-')) return 'A length of time cannot be negative.';
  if (/^\+?\d+(?:\.\d+)?$/.test(written)) return adviceForBareNumber(written);
  if (/^\+?P/i.test(written)) return adviceForIso(written);
  if (/^\d+:\d+/.test(written)) {
    return `Colons part minutes and seconds, or hours, minutes and seconds: '15:30' or '1:15:30.5'.`;
  }
  return adviceForUnits(text);
}

function adviceForBareNumber(written: string): string {
  return `A number in text says no unit: write '${written} seconds' or '${written} ms'.`;
}

function adviceForIso(written: string): string {
  if (/^\+?PT?$/i.test(written)) return `It names no part: write 'PT5M' for five minutes.`;
  if (/^[^T]*[YMW]/i.test(written)) {
    return `Years, months and weeks are no units here, because their length depends on the calendar: write days, such as 'P28D'.`;
  }
  return `In ISO 8601 a duration is days, then T and hours, minutes, seconds: 'P1DT2H30M' or 'PT0.5S'.`;
}

const amountAndWord = /\s*(\d+(?:\.\d+)?)\s*([^\s\d.,:;+-]*)\s*/y;

/** Walks over the amounts and units up to the first one that cannot be read. */
function adviceForUnits(text: string): string {
  for (let position = 0; position < text.length; position = amountAndWord.lastIndex) {
    amountAndWord.lastIndex = position;
    const match = amountAndWord.exec(text);
    if (match === null) return `Expected a number with a unit at character ${placeOfNextWord(text, position)}.`;
    const [whole, amount = '', word = ''] = match;
    if (word === '') return `The number ${amount} at character ${placeOfNextWord(text, position)} has no unit.`;
    const place = position + whole.lastIndexOf(word) + 1;
    if (millisecondsOf(word) === undefined) return adviceForUnknownUnit(amount, word, place);
  }
  return 'It cannot be read.';
}

function adviceForUnknownUnit(amount: string, word: string, place: number): string {
  const nearest = nearestUnit(word);
  const proposal =
    nearest === undefined
      ? 'the units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms'
      : `did you mean '${amount} ${nearest}'?`;
  const ending = nearest === undefined ? '.' : '';
  return `Unknown unit '${word}' at character ${place}: ${proposal}${ending}`;
}

/** Counted from one, as people count. */
function placeOfNextWord(text: string, position: number): number {
  return position + text.slice(position).search(/\S/) + 1;
}
