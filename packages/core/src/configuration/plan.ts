import type { CacheSettings } from '../engine/call.js';
import { demandRules, demandsOf } from '../entry/demands.js';
import type { EarlyRefresh } from '../entry/early-refresh.js';
import { aJitter } from '../entry/jittered-cache-entry-builder.js';
import { aBeta, ProbabilisticEarlyRefresh } from '../entry/probabilistic-early-refresh.js';
import { InvalidOptionError } from '../errors.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { aKeyTemplate, argumentNames } from '../key/key-template.js';
import { toMilliseconds } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';
import type { CacheConfiguration } from './cache-configuration.js';
import {
  aClock,
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
import { failureRules, failureSettingsOf } from './failure-options.js';
import { resourcesFrom } from './resource-options.js';
import {
  coordinationRules,
  coordinationSettingsOf,
  refuseWhatIsInVain,
  type SettledCoordinationOptions,
} from './coordination-options.js';
import type { ResolvedOptions } from './layer-options.js';
import type { InvalidationTarget, MemoizeOptions } from './memoize-options.js';
import { aKeyExtractor, anEvictionStrategy, aPostprocessing, aStorage, checkParts } from './policy-rules.js';

/** The options that write policies briefly: a `configuration` has all of these parts already. */
const policyRules = {
  name: aText,
  namespace: aText,
  storage: aStorage,
  key: eitherOf(aKeyTemplate, aFunction('of the arguments'), aKeyExtractor),
  params: argumentNames,
  capacity: checkedWhenUsed,
  maxWeight: checkedWhenUsed,
  weigh: aFunction('of an entry'),
  evictionStrategy: anEvictionStrategy,
  updateAfter: checkedWhenUsed,
  expireAfter: checkedWhenUsed,
  jitter: aJitter,
  timeout: checkedWhenUsed,
  postprocessing: aPostprocessing,
} as const satisfies OptionRules;

/** The rules of all options of `memoize`. */
export const memoizeRules = {
  ...policyRules,
  ...coordinationRules,
  ...demandRules,
  normalize: aFunction('of a list of arguments'),
  configuration: anObjectWith('a CacheConfiguration'),
  invalidation: anObjectWith('an InvalidationSupport', 'bind'),
  ...failureRules,
  enabled: eitherOf(
    { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
    aFunction('of nothing'),
  ),
  removeExpiredEvery: checkedWhenUsed,
  dispose: checkedWhenUsed,
  closeDelay: checkedWhenUsed,
  earlyRefresh: eitherOf(
    { expected: 'true', accepts: (value) => value === true },
    aBeta,
    anObjectWith('an EarlyRefresh', 'isDue'),
  ),
  errors: oneOf('wrapped', 'original'),
  onStorageError: oneOf('bypass', 'throw'),
  onEvent: aFunction('of an event'),
  clock: aClock,
  updateStatuses: anObjectWith(
    'an UpdateStatuses',
    'isBeingUpdated',
    'markBeingUpdated',
    'markUpdated',
    'markUpdateAborted',
    'awaitUpdated',
    'detach',
    'keys',
  ),
} as const satisfies OptionRules;

/** Turns the arguments of a call into those that everything sees. */
export type NormalizeArguments = (args: readonly unknown[]) => readonly unknown[];

/** Everything the engine is told when a function is wrapped. */
export interface Plan {
  readonly configuration: CacheConfiguration;
  readonly settings: CacheSettings;
  readonly normalize: NormalizeArguments | undefined;
  readonly invalidation: InvalidationTarget<readonly unknown[]> | undefined;
  /** Whether the function was given a name on purpose. */
  readonly named: boolean;
}

/** The options of `memoize` as they come out of layers, or are given at once. */
export type SettledOptions = Omit<
  MemoizeOptions<readonly unknown[], unknown, string, 'throw' | 'value'>,
  'lock' | 'expireAfter'
> &
  Pick<SettledCoordinationOptions, 'lock'> &
  Pick<ResolvedOptions, 'expireAfter'>;

/**
 * Turns checked options into what the engine needs.
 *
 * @throws InvalidOptionError
 */
export function planFor(call: string, fn: CacheableFunction, options: SettledOptions): Plan {
  const configuration = options.configuration ?? configurationFromOptions(call, fn, options);
  const { clock = systemClock } = options;
  return {
    configuration,
    settings: {
      name: options.name ?? (fn.name || 'anonymous'),
      clock,
      ownStorage: options.storage === undefined && options.configuration === undefined,
      errors: options.errors ?? 'wrapped',
      onStorageError: options.onStorageError ?? 'bypass',
      coordination: coordinationSettingsOf(options, call),
      failure: failureSettingsOf(options, call),
      enabled: enabledFrom(options.enabled),
      removeExpiredEvery: sweepPeriodFrom(options, call),
      resources: resourcesFrom(options, configuration.storage, clock, call),
      earlyRefresh: earlyRefreshFrom(options),
      demands: demandsOf(options, call),
      onEvent: options.onEvent,
      updateStatuses: options.updateStatuses,
    },
    normalize: options.normalize,
    invalidation: options.invalidation,
    named: options.name !== undefined,
  };
}

/** What is asked at each call whether the cache is used; `undefined`: it always is. */
export function enabledFrom(enabled: MemoizeOptions['enabled']): CacheSettings['enabled'] {
  if (typeof enabled === 'function') return enabled;
  return enabled === false ? () => false : undefined;
}

/** How often expired entries are looked for, in milliseconds; `undefined`: never. @throws InvalidOptionError */
export function sweepPeriodFrom(
  { removeExpiredEvery }: Pick<SettledOptions, 'removeExpiredEvery'>,
  call: string,
): number | undefined {
  if (removeExpiredEvery === undefined) return undefined;
  return toMilliseconds(removeExpiredEvery, { call, option: 'removeExpiredEvery' });
}

function earlyRefreshFrom({ earlyRefresh }: Pick<MemoizeOptions, 'earlyRefresh'>): EarlyRefresh | undefined {
  if (earlyRefresh === undefined || typeof earlyRefresh === 'object') return earlyRefresh;
  return new ProbabilisticEarlyRefresh(earlyRefresh === true ? 1 : earlyRefresh);
}

/**
 * Checks all options of `memoize` that can be checked by themselves, and that none contradicts `configuration`.
 *
 * @throws InvalidOptionError naming the option.
 */
export function checkMemoizeOptions(call: string, options: MemoizeOptions, rules: OptionRules = memoizeRules): void {
  checkOptions(call, options, rules);
  refuseWhatIsInVain(options, call);
  if (options.configuration === undefined) return;
  checkParts(call, 'configuration.', options.configuration);
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
