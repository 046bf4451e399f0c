import { isDataPointerText } from '../data-pointer.js';
import { parseDurationText } from '../time/duration-text.js';
import { faultInDurationText } from '../time/duration-text-advice.js';
import { withProposals } from '../time/likely-meant.js';
import { faultInMomentText, parseMomentText } from '../time/moment-text.js';
import type { TimeFault } from '../time/time-fault.js';
import type { TimeOfDay } from '../time/time-of-day.js';
import { faultInTimeOfDayText, parseZonedTimeOfDayText } from '../time/time-of-day-text.js';

/** What text says about when something expires. */
export type ExpirationMeaning =
  | { readonly kind: 'duration'; readonly milliseconds: number }
  | { readonly kind: 'moment'; readonly epochMilliseconds: number }
  | TimeOfDay
  /** Text that is meant as a data pointer, right or wrong. */
  | { readonly kind: 'pointer' };

/**
 * Reads an expiration written as text: a duration such as `10 minutes`, a moment such as `2026-11-21T10:15Z`, a time of day
 * with its zone such as `11:05Z`, or a data pointer, which begins with `$`. No text is two of these: without a zone,
 * `11:05` is 11 minutes and 5 seconds.
 */
export function readExpirationText(text: string): ExpirationMeaning | TimeFault {
  const outcome = parse(text) ?? faultIn(text);
  return outcome.kind === 'fault' ? withProposals(outcome, text, canBeRead) : outcome;
}

function canBeRead(text: string): boolean {
  const outcome = parse(text);
  return outcome !== undefined && outcome.kind !== 'fault';
}

function parse(text: string): ExpirationMeaning | TimeFault | undefined {
  if (isDataPointerText(text)) return { kind: 'pointer' };
  const milliseconds = parseDurationText(text);
  if (typeof milliseconds === 'number') return { kind: 'duration', milliseconds };
  const epochMilliseconds = parseMomentText(text);
  if (typeof epochMilliseconds === 'number') return { kind: 'moment', epochMilliseconds };
  return milliseconds ?? epochMilliseconds ?? parseZonedTimeOfDayText(text);
}

// No pattern here can match one character in two of its repetitions: matching is linear, whatever the text.
const likeMoment = /^\s*(?:[+-]?\d{4,6}[-/.]\d|\d{8}T|\d{1,2}[/.]\d{1,2}[/.]\d)/i;
const likeTimeOfDay = /^\s*(?:T?\d{1,2}:\d{1,2}.*[a-z+-]|\d{1,6}(?:\.\d\d)?\s*(?:Z|UTC|GMT|[ap]\.?m\b))/is;

function faultIn(text: string): TimeFault {
  if (likeMoment.test(text)) return faultInMomentText(text);
  return likeTimeOfDay.test(text) ? faultInTimeOfDayText(text) : faultInDurationText(text);
}
