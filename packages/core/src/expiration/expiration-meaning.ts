import { type DataPointer, readDataPointer } from '../data-pointer.js';
import { readDuration } from '../time/duration.js';
import { readMoment } from '../time/moment.js';
import { adviceFor, type TimeFault } from '../time/time-fault.js';
import { nextTimeOfDay, type TimeOfDay } from '../time/time-of-day.js';
import { readTimeOfDayText } from '../time/time-of-day-text.js';
import type { CachedItem } from './expiration.js';
import { readExpirationText } from './expiration-text.js';

/** What is the same for every item. */
export type SettledMeaning =
  /** `Infinity`: never. */
  | { readonly kind: 'duration'; readonly milliseconds: number }
  | { readonly kind: 'moment'; readonly epochMilliseconds: number }
  | TimeOfDay;

/** What depends on the item. */
export type JudgedMeaning =
  | { readonly kind: 'pointer'; readonly pointer: DataPointer }
  | { readonly kind: 'function'; readonly judge: (item: CachedItem) => unknown };

/** What an expiration means, however it is written. */
export type Meaning = SettledMeaning | JudgedMeaning;

/** What is wrong with something that is no expiration. */
export interface MeaninglessExpiration {
  readonly kind: 'meaningless';
  readonly advice?: string | undefined;
}

/** From which instant on an item has expired that was there at `lastFetched`; epoch milliseconds. */
export function settledDeadline(meaning: SettledMeaning, lastFetched: number): number {
  switch (meaning.kind) {
    case 'duration':
      return lastFetched + meaning.milliseconds;
    case 'moment':
      return meaning.epochMilliseconds;
    case 'time-of-day':
      return nextTimeOfDay(meaning, lastFetched);
  }
}

/** Reads an expiration in any of its notations. */
export function meaningOf(written: unknown): Meaning | MeaninglessExpiration {
  switch (typeof written) {
    case 'boolean':
      return { kind: 'duration', milliseconds: written ? 0 : Infinity };
    case 'number':
      return lengthIn(written);
    case 'string':
      return meaningOfText(written);
    case 'function':
      return { kind: 'function', judge: written as (item: CachedItem) => unknown };
    case 'object':
      return written === null ? { kind: 'duration', milliseconds: Infinity } : meaningOfAnyObject(written);
    default:
      return { kind: 'meaningless' };
  }
}

/** What was read lately: the same text is judged at each read of the same entry, and a date takes long to be read. */
const lately = new Map<string, Meaning>();
const mostLately = 256;
const longestLately = 64;

function meaningOfText(text: string): Meaning | MeaninglessExpiration {
  const known = lately.get(text);
  if (known !== undefined) return known;
  const meaning = readText(text);
  if (meaning.kind === 'meaningless' || text.length > longestLately) return meaning;
  if (lately.size === mostLately) lately.clear();
  lately.set(text, meaning);
  return meaning;
}

function readText(text: string): Meaning | MeaninglessExpiration {
  const meaning = readExpirationText(text);
  if (meaning.kind === 'fault') return meaningless(meaning);
  if (meaning.kind !== 'pointer') return meaning;
  const pointer = readDataPointer(text);
  return 'find' in pointer ? { kind: 'pointer', pointer } : { kind: 'meaningless', advice: pointer.advice };
}

function meaningOfAnyObject(written: object): Meaning | MeaninglessExpiration {
  try {
    return meaningOfObject(written);
  } catch {
    return { kind: 'meaningless', advice: `It throws when it is looked at.` };
  }
}

function meaningOfObject(written: object): Meaning | MeaninglessExpiration {
  // An array has a method of that name.
  if (Object.hasOwn(written, 'at')) return dailyTimeIn(written);
  if ('getTime' in written || 'epochMilliseconds' in written) return momentIn(written);
  if ('then' in written) {
    return { kind: 'meaningless', advice: `A promise is judged once: give the function that returns it.` };
  }
  return lengthIn(written);
}

function lengthIn(written: unknown): Meaning | MeaninglessExpiration {
  const milliseconds = readDuration(written);
  return typeof milliseconds === 'number' ? { kind: 'duration', milliseconds } : meaningless(milliseconds);
}

function momentIn(written: unknown): Meaning | MeaninglessExpiration {
  const epochMilliseconds = readMoment(written);
  if (typeof epochMilliseconds === 'number') return { kind: 'moment', epochMilliseconds };
  return meaningless(epochMilliseconds);
}

function dailyTimeIn(written: { readonly at?: unknown }): Meaning | MeaninglessExpiration {
  const other = Object.keys(written).find((name) => name !== 'at');
  if (other !== undefined)
    return { kind: 'meaningless', advice: `Beside 'at' there is nothing to say, such as '${other}'.` };
  if (typeof written.at !== 'string')
    return { kind: 'meaningless', advice: `Its 'at' should be text such as '11:05'.` };
  const timeOfDay = readTimeOfDayText(written.at);
  return timeOfDay.kind === 'fault' ? meaningless(timeOfDay) : timeOfDay;
}

function meaningless(fault: TimeFault | undefined): MeaninglessExpiration {
  return { kind: 'meaningless', advice: fault === undefined ? undefined : adviceFor(fault) };
}
