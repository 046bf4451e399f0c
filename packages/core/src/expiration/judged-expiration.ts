import type { DataPointer, DataPointerUnit } from '../data-pointer.js';
import { DataPointerError, describe, InvalidCallError } from '../errors.js';
import { type Awaitable, isPromise } from '../serde.js';
import { readDuration } from '../time/duration.js';
import { readMoment } from '../time/moment.js';
import type { CachedItem, JudgedExpirationPolicy } from './expiration.js';
import { type JudgedMeaning, type Meaning, meaningOf, settledDeadline } from './expiration-meaning.js';

/** So many times an expiration may be found by another one, such as a function that is returned by a function. */
const mostTurns = 8;

/** An expiration that depends on the item: a function of it, or a pointer into its value. */
export class JudgedExpiration implements JudgedExpirationPolicy {
  readonly after = undefined;
  readonly isJudgedAtReads = true;
  readonly #meaning: JudgedMeaning;
  readonly #option: string;
  readonly #otherwise: number;

  /** @param otherwise - after how many milliseconds an item expires of which a pointer may say nothing. */
  constructor(meaning: JudgedMeaning, option: string, otherwise: number) {
    this.#meaning = meaning;
    this.#option = option;
    this.#otherwise = otherwise;
  }

  /** Unlike `instanceof` it asks nothing of the object. */
  static is(written: object): written is JudgedExpiration {
    return #meaning in written;
  }

  deadlineOf(item: CachedItem): Awaitable<number> {
    return this.#judge(this.#meaning, item, 1);
  }

  #judge(meaning: Meaning, item: CachedItem, turn: number): Awaitable<number> {
    switch (meaning.kind) {
      case 'function':
        return this.#judgeBy(meaning.judge, item, turn);
      case 'pointer':
        return this.#judgeAt(meaning.pointer, item, turn);
      default:
        return settledDeadline(meaning, item.lastFetched);
    }
  }

  #judgeBy(judge: (item: CachedItem) => unknown, item: CachedItem, turn: number): Awaitable<number> {
    const judgeAnswer = (answer: unknown): Awaitable<number> => {
      const meaning = meaningOf(answer);
      if (meaning.kind === 'meaningless') throw this.#unexpected(answer, meaning.advice);
      if (isJudged(meaning) && turn === mostTurns) throw this.#unexpected(answer, adviceForEndlessTurns);
      return this.#judge(meaning, item, turn + 1);
    };
    const answer = judge(item);
    return isPromise(answer) ? Promise.resolve(answer).then(judgeAnswer) : judgeAnswer(answer);
  }

  #judgeAt(pointer: DataPointer, item: CachedItem, turn: number): Awaitable<number> {
    const found = pointer.find(item.value);
    if (!found.there) {
      if (pointer.ignoresMissing) return item.lastFetched + this.#otherwise;
      throw new DataPointerError(pointer.text, `${found.place} points to nothing`, { advice: adviceForNothing });
    }
    const number = numberIn(found.value, pointer.unit);
    if (number !== undefined) return deadlineOfNumber(number, pointer, item.lastFetched);
    const meaning = meaningOf(found.value);
    if (meaning.kind === 'meaningless') throw unexpectedData(pointer, found.value, meaning.advice);
    if (isJudged(meaning) && turn === mostTurns) throw unexpectedData(pointer, found.value, adviceForEndlessTurns);
    return this.#judge(meaning, item, turn + 1);
  }

  #unexpected(answer: unknown, advice: string | undefined): InvalidCallError {
    return new InvalidCallError(this.#option, 'an expiration from its function', answer, advice);
  }
}

function isJudged(meaning: Meaning): meaning is JudgedMeaning {
  return meaning.kind === 'function' || meaning.kind === 'pointer';
}

const adviceForEndlessTurns = `Expirations that find one another come to an end after ${mostTurns} turns.`;
const adviceForNothing = `Add ':ignore_missing' where that may be; then it counts as if no expiration were said.`;

/** A number in data; where a unit is said of it, also one that was written as text, as in the headers of a response. */
function numberIn(value: unknown, unit: DataPointerUnit | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (unit === undefined || typeof value !== 'string') return undefined;
  return /^\s*-?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}

function deadlineOfNumber(number: number, pointer: DataPointer, lastFetched: number): number {
  if (Number.isNaN(number)) throw unexpectedData(pointer, number, undefined);
  switch (pointer.unit) {
    case 'seconds':
      return lastFetched + lengthOf(number * 1_000, number, pointer);
    case 'milliseconds':
      return lastFetched + lengthOf(number, number, pointer);
    case 'unix':
      return momentOf(number, pointer);
    default:
      throw unexpectedData(pointer, number, `A number in data needs its unit: ${unitsOf(pointer.text)}.`);
  }
}

/** What has run out already when the item came is no error: data often says by how much. */
function lengthOf(milliseconds: number, number: number, pointer: DataPointer): number {
  const length = readDuration(Math.abs(milliseconds));
  if (typeof length === 'number') return milliseconds < 0 ? -length : length;
  throw unexpectedData(pointer, number, `A length of over ten years is probably a moment. ${adviceForMoments}`);
}

/** Seconds after which there is the year 5138; as milliseconds, it is 1973. */
const latestUnixTime = 1e11;

function momentOf(seconds: number, pointer: DataPointer): number {
  const moment = seconds > latestUnixTime && seconds !== Infinity ? undefined : readMoment(seconds * 1_000);
  if (typeof moment === 'number') return moment;
  throw unexpectedData(pointer, seconds, `That many seconds are probably milliseconds. ${adviceForMoments}`);
}

const adviceForMoments = `':unix' stands for seconds since 1970; for milliseconds give a function: (item) => new Date(item.value.expiresAt).`;

function unitsOf(text: string): string {
  const written = text.trim();
  return `write '${written}:seconds', '${written}:milliseconds', or '${written}:unix' for seconds since 1970`;
}

function unexpectedData(pointer: DataPointer, found: unknown, advice: string | undefined): DataPointerError {
  const why = `expected an expiration there, got ${describe(found)}`;
  return new DataPointerError(pointer.text, why, advice === undefined ? {} : { advice });
}
