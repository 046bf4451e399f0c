import type { TimeFault } from './time-fault.js';
import { likelyAmountOf, millisecondsOf } from './units.js';

/**
 * The fault with what was probably meant: what the fault says itself, or else what the text is without a common slip.
 *
 * @param isRight - whether a proposal can be read.
 */
export function withProposals(fault: TimeFault, text: string, isRight: (proposal: string) => boolean): TimeFault {
  const written = text.trim();
  // Nobody comes to a long text by a slip of the pen.
  if (written.length > 60) return { ...fault, proposals: [] };
  return { ...fault, proposals: fault.proposals?.filter(isRight) ?? likelyMeant(written, isRight) };
}

function likelyMeant(text: string, isRight: (proposal: string) => boolean): readonly string[] {
  const afterOne = repaired(text);
  const right = afterOne.filter(isRight);
  // Two slips in one text are common, three are not.
  const found = right.length > 0 ? right : afterOne.flatMap(repaired).filter(isRight);
  return [...new Set(found)];
}

/** The text after each repair that changes it. */
function repaired(text: string): readonly string[] {
  return repairs
    .map(([pattern, repair]) => text.replace(pattern, repair as string))
    .filter((proposal) => proposal !== text && proposal !== '');
}

/** As `String.prototype.replace` takes it. */
type Repair = string | ((match: string, ...groups: (string | undefined)[]) => string);

/** What people write, and what they mean by it. */
const repairs: readonly (readonly [pattern: RegExp, repair: Repair])[] = [
  // Signs: -5 minutes, P-1D
  [/^[+-]\s*/, ''],
  [/^P-/i, 'P'],
  // Numbers: 20120423, 1494012444, 30, .5h, 1,5h, 1_000 ms, 5 minutes 30, 5 minutes.
  [/^(\d{4})(\d\d)(\d\d)(?=T|$)/i, '$1-$2-$3'],
  [/^-?\d{9,13}(?:\.\d+)?$/, momentOfNumber],
  [/^\d+(?:\.\d+)?$/, '$& seconds'],
  [/^\d+(?:\.\d+)?$/, '$& ms'],
  [/^\./, '0.'],
  [/(\d),(\d{1,2})(?!\d)/g, '$1.$2'],
  [/(\d)_(?=\d)/g, '$1'],
  [/[a-z]\s*\d+(?:\.\d+)?$/i, '$& seconds'],
  [/\.$/, ''],
  // Units: 10 minuets, 5 min, 2 weeks, 1 hour and 5 minutes, 5m, 3s
  [/(\d+(?:\.\d+)?)\s*([a-zµ]+)/gi, likelyAmount],
  [/\s*(?:,|&|\band\b)\s*/gi, ' '],
  // ISO 8601: P4W, P4M, P5H, PT5D, P1DT, T5M
  [/^P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(T.+)?$/i, isoDays],
  [/^P(\d+D)?(\d.*[HMS])$/i, 'P$1T$2'],
  [/^PT(\d+D)T?(.+)$/i, 'P$1T$2'],
  [/^PT(\d+D)$/i, 'P$1'],
  [/^(P.+)T$/i, '$1'],
  [/^T(?=\d+[HMS])/i, 'PT'],
  // Stopwatches: 10 : 15, 15:30 minutes, 1:10:15:30
  [/\s*:\s*/g, ':'],
  [/(:\d+)\s*(?:h|hours?|m|min|minutes?|s|sec|seconds?)$/i, '$1'],
  [/^(\d+):(\d+:\d+:\d+)/, '$1 $2'],
  // Times of day: 11:05 Z, 11:05 UTC, 11:05+2, 11.05, 11.05Z, T11:05Z, 1105Z, 11Z, 11:05 pm, 24:00Z
  [/\s+(?=(?:Z|[+-][\d:]+)$)/i, ''],
  [/\s*(?:UTC|GMT)$/i, 'Z'],
  [/\s*(?:UTC|GMT)(?=[+-])/i, ''],
  [/([+-])(\d(?::\d\d)?)$/, (_, sign = '', offset = '') => `${sign}0${offset}`],
  [/^(\d{1,2})\.(\d\d)$/, '$1:$2Z'],
  [/^(\d{1,2})\.(\d\d)(?=.*[Z+-])/i, '$1:$2'],
  [/^T(?=\d)/i, ''],
  [/^(\d{1,2})(\d\d)(\d\d)?Z$/i, (_, hour, minute, second = '00') => `${hour}:${minute}:${second}Z`],
  [/^\d{1,2}(?=Z)/i, '$&:00'],
  [/^(\d{1,2})(:\d\d)?\s*([ap])\.?m\.?\s*(.*)$/i, clockOfHalfDay],
  [/^24:00/, '00:00'],
  // Moments: 20120423T101500Z, 2012-04-23T10, 2012/4/23, 2012-04, 2012-04-23, 10:15, …[Europe/Paris], 2012-04-23Z
  [/T(\d\d)(\d\d)(\d\d)?(?!\d)/i, (_, hour, minute, second = '00') => `T${hour}:${minute}:${second}`],
  [/T\d{1,2}(?=Z?$)/i, '$&:00'],
  [/^(\d{4})[/.](\d{1,2})[/.](\d{1,2})/, '$1-$2-$3'],
  [/^\d{4}-\d{1,2}$/, '$&-01'],
  [/^(\d{4}-\d{1,2}-\d{1,2})(?:,\s*|\s{2,}|\s+at\s+)(?=\d)/i, '$1 '],
  [/\[[^\]]*\]$/, ''],
  [/^(\d{4}-\d{1,2}-\d{1,2})Z$/i, '$1'],
  // Data pointers: token.expiresAt
  [/^[a-z_]\w*(?:\.\w+)+$/i, '$$.$&'],
];

/** Seconds since 1970 have nine or ten digits, milliseconds up to thirteen. */
function momentOfNumber(written: string): string {
  const number = Number(written);
  return new Date(Math.abs(number) < 1e11 ? number * 1_000 : number).toISOString();
}

function likelyAmount(written: string, amount = '', word = ''): string {
  return millisecondsOf(word) === undefined ? (likelyAmountOf(amount, word) ?? written) : written;
}

function isoDays(_: string, years = '0', months = '0', weeks = '0', days = '0', time = ''): string {
  return `P${Number(years) * 365 + Number(months) * 30 + Number(weeks) * 7 + Number(days)}D${time}`;
}

function clockOfHalfDay(_: string, hour = '', minute = ':00', half = '', zone = ''): string {
  const hours = (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return `${String(hours).padStart(2, '0')}${minute}${zone === '' ? 'Z' : zone}`;
}
