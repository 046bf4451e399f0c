import { aFunction, checkedWhenUsed, checkOptions, oneOf, type OptionRules, someOptions } from '../check-options.js';
import type { FailureSettings, NegativeSettings } from '../engine/call.js';
import type { Expiration } from '../expiration/expiration.js';
import { type AnyExpiration, expirationFrom } from '../expiration/expiration-from.js';
import { retryFrom, type RetryOption, retryRule } from '../loading/retry.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** How failures are remembered (aquiche Q26). `As` says whether callers get them thrown or as values. */
export interface NegativeOptions<As extends 'throw' | 'value' = 'throw' | 'value'> {
  /**
   * How long a failure is remembered. What is told of it to a function is `isError: true`, and as the `value` what was thrown.
   * @defaultValue the option `expireAfter` of the function where that is a function, else 10 seconds
   */
  readonly expireAfter?: Expiration;
  /**
   * Whether what was thrown is worth being remembered.
   * @defaultValue whatever was thrown is
   */
  readonly when?: (error: unknown) => boolean;
  /**
   * What a caller gets: the failure again, as from the call that failed, or what was thrown, as the value.
   * @defaultValue 'throw'
   */
  readonly as?: As;
}

/** What becomes of loads that fail. */
export interface FailureOptions<As extends 'throw' | 'value' = 'throw' | 'value'> {
  /**
   * How often a load is tried again after it has failed, or how often, when, and after which pauses. All attempts together
   * have the time of one load. A key whose load has failed with all of them is left alone for a while.
   * @defaultValue 0
   */
  readonly retry?: RetryOption;
  /**
   * Remembers failures, so that a source which has just failed is not asked at once again. A failure never takes the place of
   * an entry that is still served.
   * @defaultValue failures are not remembered
   */
  readonly negative?: NegativeOptions<As>;
  /**
   * For how long beyond its expiry an entry is served where the load fails.
   * @defaultValue not at all
   */
  readonly staleIfError?: Duration;
}

/** What each of them must be; parts of them are checked where they are read. */
export const failureRules = {
  retry: retryRule,
  negative: someOptions(`{ expireAfter: '10 seconds' }`),
  staleIfError: checkedWhenUsed,
} as const satisfies OptionRules & Record<keyof FailureOptions, unknown>;

const negativeRules = {
  expireAfter: checkedWhenUsed,
  when: aFunction('of an error'),
  as: oneOf('throw', 'value'),
} as const satisfies OptionRules & Record<keyof NegativeOptions, unknown>;

/**
 * What becomes of loads that fail, as the engine is told.
 *
 * @throws InvalidOptionError naming the option, such as `negative.when`.
 */
export function failureSettingsOf(
  { retry, negative, staleIfError, expireAfter }: FailureOptions & { readonly expireAfter?: AnyExpiration },
  call: string,
): FailureSettings {
  return {
    retry: retry === undefined ? undefined : retryFrom(retry, call),
    negative: negative === undefined ? undefined : negativeSettingsOf(negative, expireAfter, call),
    staleIfError: staleIfError === undefined ? 0 : toMilliseconds(staleIfError, { call, option: 'staleIfError' }),
  };
}

function negativeSettingsOf(
  options: NegativeOptions,
  expireAfter: AnyExpiration | undefined,
  call: string,
): NegativeSettings {
  checkOptions(call, options, negativeRules, 'negative.');
  const { when = () => true, as = 'throw' } = options;
  const byDefault = typeof expireAfter === 'function' ? expireAfter : '10 seconds';
  const { expireAfter: written = byDefault } = options;
  const expiration = expirationFrom(written, { call, option: 'negative.expireAfter', otherwise: 10_000 });
  return { expiration, when, as };
}
