import { anObjectWith, type OptionRule, type OptionRules } from '../check-options.js';
import { InvalidCallError, InvalidOptionError } from '../errors.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import type { CacheConfiguration } from './cache-configuration.js';

export const aStorage = anObjectWith('a CacheStorage', 'get', 'offer', 'release');
export const aKeyExtractor = anObjectWith('a KeyExtractor', 'formatKey');
export const anEvictionStrategy = anObjectWith(
  'an EvictionStrategy',
  'markRead',
  'markWritten',
  'markReleased',
  'nextToRelease',
);
export const aPostprocessing = anObjectWith('a Postprocessing', 'apply');

/** How long a load may take, in milliseconds. */
const aMethodTimeout: OptionRule = {
  expected: 'a time longer than 0, or Infinity for no limit',
  accepts: (value) => typeof value === 'number' && value > 0,
};

/** What each part of a configuration must be. */
const partRules = {
  configured: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  storage: aStorage,
  keyExtractor: aKeyExtractor,
  evictionStrategy: anEvictionStrategy,
  entryBuilder: anObjectWith('a CacheEntryBuilder', 'build'),
  postprocessing: aPostprocessing,
  methodTimeout: aMethodTimeout,
} as const satisfies OptionRules & Record<keyof CacheConfiguration, OptionRule>;

/**
 * Checks one part of a configuration.
 *
 * @param option - what the part is called in the message.
 * @throws InvalidOptionError
 */
export function checkPart<P extends keyof CacheConfiguration>(
  call: string,
  option: string,
  part: P,
  received: CacheConfiguration[P],
): void {
  if (partRules[part].accepts(received)) return;
  throw new InvalidOptionError({ call, option, expected: partRules[part].expected, received });
}

/**
 * Checks all parts of a configuration.
 *
 * @param prefix - what stands before the name of a part in the message.
 * @throws InvalidOptionError naming the part.
 * @throws InvalidCallError when it is no object at all.
 */
export function checkParts(call: string, prefix: string, configuration: CacheConfiguration): void {
  if (typeof configuration !== 'object' || (configuration as unknown) === null) {
    throw new InvalidCallError(call, 'a CacheConfiguration', configuration);
  }
  for (const part of Object.keys(partRules) as (keyof CacheConfiguration)[]) {
    checkPart(call, `${prefix}${part}`, part, configuration[part]);
  }
}

/**
 * How long a load may take, in milliseconds; 2 minutes where nothing is said.
 *
 * @throws InvalidOptionError
 */
export function methodTimeoutFrom(call: string, option: string, timeout: Duration = '2 minutes'): number {
  const milliseconds = toMilliseconds(timeout, { call, option });
  checkPart(call, option, 'methodTimeout', milliseconds);
  return milliseconds;
}
