import { booleanIn } from '../answers.js';
import {
  aFunction,
  checkedWhenUsed,
  checkOptions,
  type OptionRule,
  type OptionRules,
  isPlainObject,
} from '../check-options.js';
import {
  InvalidOptionError,
  LoadAbandonedError,
  LoadTimeoutError,
  MissingValueError,
  ReentrantCallError,
  UnexpectedPromiseError,
} from '../errors.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** How a load that fails is tried again, as a user writes it. */
export interface RetryOptions {
  /** How many attempts there are after the first. `0`: none. */
  readonly count: number;
  /**
   * Up to this long the first wait is; each further one is up to twice as long as the one before. The length of each is
   * drawn at random.
   * @defaultValue 0, no wait at all
   */
  readonly backoff?: Duration;
  /**
   * The longest wait. `Infinity`: there is none.
   * @defaultValue 30 seconds, or as long as `backoff` where that is longer
   */
  readonly cap?: Duration;
  /**
   * Whether a failure is worth another attempt; `attempt` counts those that have failed, from 1.
   * @defaultValue every failure is
   */
  readonly when?: (error: unknown, attempt: number) => boolean;
}

/** How a load that fails is tried again; a number is how many attempts there are after the first, without any wait. */
export type RetryOption = number | RetryOptions;

/** Decides whether a load that has failed is tried again, and when. */
export interface RetryPolicy {
  /** How many attempts there are after the first at most, where it says. */
  readonly count?: number;
  /**
   * For how many milliseconds to wait before the next attempt; `undefined`: the failure stands.
   *
   * @param attempt - how many attempts have failed, from 1.
   */
  delayAfter(error: unknown, attempt: number): number | undefined;
}

/** What an attempt that is followed by another came to. */
export interface FailedAttempt {
  /** How many attempts have failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next one. */
  readonly delay: number;
  readonly error: unknown;
}

/** A policy, and who hears of what it decides. */
export interface Retrying {
  readonly policy: RetryPolicy;
  /** Called when a failure is followed by another attempt. */
  readonly onRetry: (failed: FailedAttempt) => void;
  /** Called with what the policy threw; the failure stands. */
  readonly onPolicyFailed: (error: unknown) => void;
}

const aCount: OptionRule = {
  expected: 'a whole number from 0 on',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** What the option must be, as far as one look tells. */
export const retryRule: OptionRule = {
  expected: `${aCount.expected}, or an object such as { count: 3, backoff: '100 milliseconds' }`,
  accepts: (value) => aCount.accepts(value) || isPlainObject(value),
};

const partRules = {
  count: aCount,
  backoff: checkedWhenUsed,
  cap: checkedWhenUsed,
  when: aFunction('of an error'),
} as const satisfies OptionRules & Record<keyof RetryOptions, OptionRule>;

const usualCap = 30_000;

/**
 * What is to be done when a load fails; `undefined`: nothing.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError naming the part that is wrong.
 */
export function retryFrom(option: RetryOption | undefined, call: string): RetryPolicy | undefined {
  if (option === undefined) return undefined;
  const { count, backoff, cap, when } = checkedOptions(option, call);
  const first = backoff === undefined ? 0 : toMilliseconds(backoff, { call, option: 'retry.backoff' });
  const longest = cap === undefined ? Math.max(usualCap, first) : toMilliseconds(cap, { call, option: 'retry.cap' });
  const refuse = (part: 'backoff' | 'cap', expected: string): never => {
    throw new InvalidOptionError({ call, option: `retry.${part}`, expected, received: { backoff, cap }[part] });
  };
  if (first === Infinity) refuse('backoff', 'a duration that ends');
  if (cap !== undefined && backoff === undefined) refuse('cap', `left out where there is no 'retry.backoff'`);
  if (longest < first) refuse('cap', `no shorter than 'retry.backoff' (${first} ms)`);
  return count === 0 ? undefined : new ExponentialBackoff({ count, backoff: first, cap: longest, when });
}

/**
 * The same for synchronous functions, which cannot wait.
 *
 * @throws InvalidOptionError naming the part that is wrong.
 */
export function retryAtOnceFrom(option: RetryOption | undefined, call: string): RetryPolicy | undefined {
  const policy = retryFrom(option, call);
  for (const part of ['backoff', 'cap'] as const) {
    const received = typeof option === 'object' ? option[part] : undefined;
    if (received === undefined) continue;
    const expected = 'left out, since a synchronous function cannot wait';
    throw new InvalidOptionError({ call, option: `retry.${part}`, expected, received });
  }
  return policy;
}

function checkedOptions(option: RetryOption, call: string): RetryOptions {
  checkOptions(call, { retry: option }, { retry: retryRule });
  if (typeof option === 'number') return { count: option };
  checkOptions(call, option, partRules, 'retry.');
  if ((option.count as unknown) !== undefined) return option;
  throw new InvalidOptionError({ call, option: 'retry.count', expected: aCount.expected, received: undefined });
}

/** The options with all durations in milliseconds. */
interface Backoff {
  readonly count: number;
  readonly backoff: number;
  readonly cap: number;
  readonly when: RetryOptions['when'];
}

/**
 * Waits that double up to a cap, each of a length that is drawn at random from 0 on ("full jitter"): whoever has failed
 * together does not come back together. The original's (Q27) double without end, and are up to a second longer each.
 */
export class ExponentialBackoff implements RetryPolicy {
  readonly count: number;
  readonly #options: Backoff;
  readonly #random: () => number;

  /** @param random - a number from 0 on and below 1, each time another. */
  constructor(options: Backoff, random: () => number = () => Math.random()) {
    this.count = options.count;
    this.#options = options;
    this.#random = random;
  }

  delayAfter(error: unknown, attempt: number): number | undefined {
    const { count, backoff, cap, when } = this.#options;
    if (attempt > count || isFinal(error) || !isWorthIt(error, attempt, when)) return undefined;
    // A number has no room for more than some thousand doublings, and no wait needs them.
    return Math.ceil(this.#random() * Math.min(cap, backoff * 2 ** Math.min(attempt - 1, 100)));
  }
}

function isWorthIt(error: unknown, attempt: number, when: RetryOptions['when']): boolean {
  return when === undefined || booleanIn('retry.when', when(error, attempt));
}

/** What another attempt would not change. */
function isFinal(error: unknown): boolean {
  return finalErrors.some((kind) => kind.isInstance(error));
}

/** The load is over; or its answer is that there is no value; or the program is wrong. */
const finalErrors = [
  LoadTimeoutError,
  LoadAbandonedError,
  MissingValueError,
  ReentrantCallError,
  UnexpectedPromiseError,
] as const;

/** As the policy does. What throws has not said that another attempt is worth it. */
export function delayAfter({ policy, onPolicyFailed }: Retrying, error: unknown, attempt: number): number | undefined {
  try {
    return policy.delayAfter(error, attempt);
  } catch (fault) {
    onPolicyFailed(fault);
    return undefined;
  }
}

/** Calls until it goes well, without any wait. @throws what the last attempt threw. */
export function callWithRetries<R>(call: () => R, retrying: Retrying): R {
  for (let attempt = 1; ; attempt++) {
    try {
      return call();
    } catch (error) {
      if (delayAfter(retrying, error, attempt) === undefined) throw error;
      retrying.onRetry({ attempt, delay: 0, error });
    }
  }
}
