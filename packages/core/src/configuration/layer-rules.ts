import {
  anObjectWith,
  checkedWhenUsed,
  checkOptions,
  eitherOf,
  isNull,
  type OptionRule,
  type OptionRules,
} from '../check-options.js';
import type { CallOptions } from '../engine/cache.js';
import { demandsOf } from '../entry/demands.js';
import { InvalidOptionError } from '../errors.js';
import { expiringLifetimesOf } from '../expiration/expiring-lifetimes.js';
import { type BoundOptions, checkBounds } from './bound-options.js';
import { coordinationSettingsOf, leaseTimeExpected, refuseWhatIsInVain } from './coordination-options.js';
import type { LayerOptions } from './layer-options.js';
import { resolveLayers } from './layers.js';
import type { KeyedCallOptions, MemoizerFunctionOptions, MemoizerOptions, RegionOptions } from './memoizer-options.js';
import { failureSettingsOf } from './failure-options.js';
import { memoizeRules, sweepPeriodFrom } from './plan.js';
import { aStorage, methodTimeoutFrom } from './policy-rules.js';

const orNothing = (rule: OptionRule): OptionRule => eitherOf(rule, isNull);

const demandRules = { etag: orNothing(memoizeRules.etag), maxAge: memoizeRules.maxAge } as const satisfies OptionRules;

/** What every layer may say beside its storage. */
const rulesBesideStorage = {
  namespace: orNothing(memoizeRules.namespace),
  updateAfter: memoizeRules.updateAfter,
  expireAfter: memoizeRules.expireAfter,
  maxAge: demandRules.maxAge,
  etag: demandRules.etag,
  jitter: orNothing(memoizeRules.jitter),
  timeout: memoizeRules.timeout,
  postprocessing: orNothing(memoizeRules.postprocessing),
  lock: orNothing(memoizeRules.lock),
  coordination: memoizeRules.coordination,
  leaseTime: { expected: leaseTimeExpected, accepts: (value) => value !== null },
  waitLimit: memoizeRules.waitLimit,
  onWaitLimit: memoizeRules.onWaitLimit,
  earlyRefresh: orNothing(memoizeRules.earlyRefresh),
  retry: checkedWhenUsed,
  negative: orNothing(memoizeRules.negative),
  staleIfError: memoizeRules.staleIfError,
  enabled: orNothing(memoizeRules.enabled),
  removeExpiredEvery: memoizeRules.removeExpiredEvery,
  errors: memoizeRules.errors,
  onStorageError: memoizeRules.onStorageError,
} as const satisfies OptionRules & Record<Exclude<keyof LayerOptions, 'storage'>, OptionRule>;

/** What every layer but that of the `Memoizer` may say. */
const layerRules = {
  ...rulesBesideStorage,
  // `null` has a message of its own.
  storage: { expected: aStorage.expected, accepts: (value) => value === null || aStorage.accepts(value) },
} as const satisfies OptionRules;

const boundRules = {
  capacity: memoizeRules.capacity,
  maxWeight: memoizeRules.maxWeight,
  weigh: memoizeRules.weigh,
  evictionStrategy: memoizeRules.evictionStrategy,
} as const satisfies OptionRules & Record<keyof BoundOptions, OptionRule>;

/** What one call may be told beside its arguments, whichever door it comes through. */
export const callRules = {
  signal: anObjectWith('an AbortSignal', 'throwIfAborted', 'addEventListener'),
  refresh: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
} as const satisfies OptionRules & Record<keyof CallOptions, OptionRule>;

/** What one call of a function may be told and demand. */
export const functionCallRules = { ...callRules, ...demandRules } as const satisfies OptionRules;

/** The rules of the options of a `Memoizer`. Its storage is no option, and its regions are checked one by one. */
export const memoizerRules = {
  ...rulesBesideStorage,
  ...boundRules,
  regions: checkedWhenUsed,
  name: memoizeRules.name,
  clock: memoizeRules.clock,
  onEvent: memoizeRules.onEvent,
} as const satisfies OptionRules & Record<keyof MemoizerOptions, OptionRule>;

/** The rules of the options of a region. That its parent is there is checked where it is looked up. */
export const regionRules = {
  ...layerRules,
  ...boundRules,
  parent: checkedWhenUsed,
} as const satisfies OptionRules & Record<keyof RegionOptions, OptionRule>;

/** The rules of the options of one call by key. That its region is there is checked where it is looked up. */
export const keyedCallRules = {
  ...layerRules,
  region: checkedWhenUsed,
  args: { expected: 'a list of arguments', accepts: (value) => Array.isArray(value) },
  ...callRules,
} as const satisfies OptionRules & Record<keyof KeyedCallOptions, OptionRule>;

/** The rules of the options of a function of a `Memoizer`. */
export const memoizerFunctionRules = {
  ...layerRules,
  ...boundRules,
  region: checkedWhenUsed,
  name: memoizeRules.name,
  key: memoizeRules.key,
  params: memoizeRules.params,
  normalize: memoizeRules.normalize,
  invalidation: memoizeRules.invalidation,
  onEvent: memoizeRules.onEvent,
  dispose: memoizeRules.dispose,
  closeDelay: memoizeRules.closeDelay,
} as const satisfies OptionRules & Record<keyof MemoizerFunctionOptions, OptionRule>;

/**
 * Checks what one layer says, by itself: every option by its rule, that durations can be read, that lifetimes agree with
 * one another, and that nothing is said in vain. What layers say together is never an error.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError naming the option.
 * @throws InvalidCallError when the options are no object.
 */
export function checkLayer(call: string, options: unknown, rules: OptionRules): void {
  checkOptions(call, options, rules);
  const layer = options as LayerOptions & BoundOptions;
  refuseNoStorage(call, layer);
  refuseWhatIsInVain(layer, call);
  checkBounds(call, layer);
  const resolved = resolveLayers([layer]);
  expiringLifetimesOf(resolved, call);
  methodTimeoutFrom(call, 'timeout', resolved.timeout);
  demandsOf(resolved, call);
  coordinationSettingsOf(resolved, call);
  failureSettingsOf(resolved, call);
  sweepPeriodFrom(resolved, call);
}

function refuseNoStorage(call: string, { storage }: { readonly storage?: unknown }): void {
  if (storage !== null) return;
  throw new InvalidOptionError({
    call,
    option: 'storage',
    expected: 'a CacheStorage, or left out',
    received: null,
    advice: `Entries are always kept somewhere: where it is left out, the next layer says where.`,
  });
}
