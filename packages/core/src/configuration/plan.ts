import type { CacheSettings } from '../engine/call.js';
import { InvalidOptionError } from '../errors.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { systemClock } from '../time/system-clock.js';
import type { CacheConfiguration } from './cache-configuration.js';
import {
  aFunction,
  anObjectWith,
  aText,
  checkedWhenUsed,
  checkOptions,
  eitherOf,
  oneOf,
  type OptionRules,
} from '../check-options.js';
import { configurationFromOptions } from './configuration-from-options.js';
import type { InvalidationTarget, MemoizeOptions } from './memoize-options.js';

const aStorage = anObjectWith('a CacheStorage', 'get', 'offer', 'release');
const aKeyExtractor = anObjectWith('a KeyExtractor', 'formatKey');
const anEvictionStrategy = anObjectWith(
  'an EvictionStrategy',
  'markRead',
  'markWritten',
  'markReleased',
  'nextToRelease',
);
const aPostprocessing = anObjectWith('a Postprocessing', 'apply');
const anEntryBuilder = anObjectWith('a CacheEntryBuilder', 'build');

/** The options that write policies briefly: a `configuration` has all of these parts already. */
const policyRules = {
  name: aText,
  namespace: aText,
  storage: aStorage,
  key: eitherOf(aFunction('of the arguments'), aKeyExtractor),
  capacity: checkedWhenUsed,
  evictionStrategy: anEvictionStrategy,
  updateAfter: checkedWhenUsed,
  expireAfter: checkedWhenUsed,
  timeout: checkedWhenUsed,
  postprocessing: aPostprocessing,
} as const satisfies OptionRules;

/** The rules of all options of `memoize`. */
const memoizeRules = {
  ...policyRules,
  configuration: anObjectWith('a CacheConfiguration'),
  invalidation: anObjectWith('an InvalidationSupport', 'bind'),
  errors: oneOf('wrapped', 'original'),
  onStorageError: oneOf('bypass', 'throw'),
  onEvent: aFunction('of an event'),
  clock: anObjectWith('a Clock', 'now', 'setTimer'),
  updateStatuses: anObjectWith('an UpdateStatuses', 'isBeingUpdated', 'markBeingUpdated', 'awaitUpdated', 'detach'),
} as const satisfies OptionRules;

const configurationRules = {
  storage: aStorage,
  keyExtractor: aKeyExtractor,
  evictionStrategy: anEvictionStrategy,
  entryBuilder: anEntryBuilder,
  postprocessing: aPostprocessing,
} as const satisfies OptionRules;

/** Everything the engine is told when a function is wrapped. */
export interface Plan {
  readonly configuration: CacheConfiguration;
  readonly settings: CacheSettings;
  readonly invalidation: InvalidationTarget<readonly unknown[]> | undefined;
  /** Whether the function was given a name on purpose. */
  readonly named: boolean;
}

/**
 * Turns checked options into what the engine needs.
 *
 * @throws InvalidOptionError
 */
export function planFor(call: string, fn: CacheableFunction, options: MemoizeOptions): Plan {
  return {
    configuration: options.configuration ?? configurationFromOptions(call, fn, options),
    settings: {
      name: options.name ?? (fn.name || 'anonymous'),
      clock: options.clock ?? systemClock,
      ownStorage: options.storage === undefined && options.configuration === undefined,
      errors: options.errors ?? 'wrapped',
      onStorageError: options.onStorageError ?? 'bypass',
      onEvent: options.onEvent,
      updateStatuses: options.updateStatuses,
    },
    invalidation: options.invalidation,
    named: options.name !== undefined,
  };
}

/**
 * Checks all options of `memoize` that can be checked by themselves, and that none contradicts `configuration`.
 *
 * @throws InvalidOptionError naming the option.
 */
export function checkMemoizeOptions(call: string, options: MemoizeOptions): void {
  checkOptions(call, options, memoizeRules);
  if (options.configuration === undefined) return;
  checkConfiguration(call, options.configuration);
  for (const option of Object.keys(policyRules) as (keyof typeof policyRules)[]) {
    if (options[option] === undefined || option === 'name') continue;
    throw new InvalidOptionError({
      call,
      option,
      expected: `left out where 'configuration' is given, which has that part already`,
      received: options[option],
      advice: `Set it on the configuration; MutableCacheConfiguration.initializedWith(configuration) makes one to be changed.`,
    });
  }
}

function checkConfiguration(call: string, configuration: CacheConfiguration): void {
  for (const [part, rule] of Object.entries(configurationRules)) {
    const received: unknown = configuration[part as keyof CacheConfiguration];
    if (rule.accepts(received)) continue;
    throw new InvalidOptionError({ call, option: `configuration.${part}`, expected: rule.expected, received });
  }
  const { methodTimeout } = configuration;
  if (typeof methodTimeout === 'number' && methodTimeout >= 0) return;
  throw new InvalidOptionError({
    call,
    option: 'configuration.methodTimeout',
    expected: 'a number of milliseconds from 0 on',
    received: methodTimeout,
  });
}
