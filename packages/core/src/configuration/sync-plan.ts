import { checkOptions, type OptionRule, type OptionRules } from '../check-options.js';
import type { SyncCacheSettings } from '../engine/sync-cache.js';
import { isAsyncFunction } from '../engine/unexpected-promise.js';
import { demandsOf } from '../entry/demands.js';
import { InvalidOptionError } from '../errors.js';
import { expiringLifetimesOf } from '../expiration/expiring-lifetimes.js';
import type { CacheableFunction, KeyExtractor } from '../key/key-extractor.js';
import { retryAtOnceFrom } from '../loading/retry.js';
import { NoPostprocessing } from '../postprocessing/no-postprocessing.js';
import { systemClock } from '../time/system-clock.js';
import { evictionStrategyFrom } from './bound-options.js';
import { keyExtractorFrom } from './configuration-from-options.js';
import { failureSettingsOf } from './failure-options.js';
import type { MemoizeSyncOptions } from './memoize-sync-options.js';
import { enabledFrom, memoizeRules, type NormalizeArguments, sweepPeriodFrom } from './plan.js';

/** Everything the engine is told when a synchronous function is wrapped. */
export interface SyncPlan {
  readonly settings: SyncCacheSettings;
  readonly keyExtractor: KeyExtractor;
  readonly normalize: NormalizeArguments | undefined;
}

/** The rules of all options of `memoizeSync`. */
const memoizeSyncRules = {
  name: memoizeRules.name,
  key: memoizeRules.key,
  params: memoizeRules.params,
  capacity: memoizeRules.capacity,
  maxWeight: memoizeRules.maxWeight,
  weigh: memoizeRules.weigh,
  evictionStrategy: memoizeRules.evictionStrategy,
  expireAfter: memoizeRules.expireAfter,
  maxAge: memoizeRules.maxAge,
  etag: memoizeRules.etag,
  negative: memoizeRules.negative,
  staleIfError: memoizeRules.staleIfError,
  retry: memoizeRules.retry,
  enabled: memoizeRules.enabled,
  removeExpiredEvery: memoizeRules.removeExpiredEvery,
  postprocessing: memoizeRules.postprocessing,
  normalize: memoizeRules.normalize,
  errors: memoizeRules.errors,
  onEvent: memoizeRules.onEvent,
  clock: memoizeRules.clock,
} as const satisfies OptionRules & Record<keyof MemoizeSyncOptions, OptionRule>;

/** Why there is no such option, as in "left out, because …", and what to do, as a sentence. */
interface Refusal {
  readonly because: string;
  readonly advice: string;
}

const useMemoize = `Use memoize, also for synchronous functions: it answers with promises.`;
const useMemoizeInstead = `A synchronous caller cannot wait for an async function: use memoize.`;

const answersLater: Refusal = { because: 'a storage may answer later', advice: useMemoize };
const onlyStorages: Refusal = { because: 'it is about storages, and there is none', advice: useMemoize };
const nobodyToShareWith: Refusal = {
  because: 'it is about processes that share a storage, and nothing is shared',
  advice: `Leave it out; nobody else can load meanwhile.`,
};
const nothingBehind: Refusal = {
  because: `nothing can be refreshed behind a synchronous caller's back`,
  advice: `Let 'expireAfter' say how old a result may be, or use memoize.`,
};
const closingTakesTime: Refusal = {
  because: 'closing may take time, for which a synchronous function cannot wait',
  advice: `Use memoize, also for synchronous functions: it closes what leaves.`,
};

/** The options of `memoize` that a synchronous function cannot have. */
const refusals: Readonly<Record<string, Refusal>> = {
  storage: answersLater,
  configuration: {
    because: 'it has a storage, which may answer later',
    advice: `Give its other parts as options, or use memoize.`,
  },
  namespace: onlyStorages,
  onStorageError: onlyStorages,
  updateAfter: nothingBehind,
  earlyRefresh: nothingBehind,
  timeout: {
    because: 'a synchronous function cannot be interrupted',
    advice: `Leave it out; its caller waits until it has ended.`,
  },
  jitter: {
    because: 'no two calls load at the same time',
    advice: `Leave it out.`,
  },
  dispose: closingTakesTime,
  closeDelay: closingTakesTime,
  coordination: nobodyToShareWith,
  leaseTime: nobodyToShareWith,
  waitLimit: nobodyToShareWith,
  onWaitLimit: nobodyToShareWith,
  lock: nobodyToShareWith,
  updateStatuses: {
    because: 'no other call can come during a load',
    advice: `Leave it out.`,
  },
  invalidation: {
    because: 'it invalidates later',
    advice: `Call 'delete' of the function, or bind it: invalidation.bind(async (args) => fn.delete(args)).`,
  },
};

/**
 * Checks the options of `memoizeSync`, and turns them into what the engine needs.
 *
 * @throws InvalidOptionError naming the option.
 */
export function syncPlanFor(call: string, fn: CacheableFunction, options: MemoizeSyncOptions): SyncPlan {
  refuseWhatTakesTime(call, options, refusals);
  checkOptions(call, options, memoizeSyncRules);
  refuseAsyncFunctions(call, options);
  const { retry, ...otherOptions } = options;
  return {
    settings: {
      name: options.name ?? (fn.name || 'anonymous'),
      clock: options.clock ?? systemClock,
      errors: options.errors ?? 'wrapped',
      expiration: expiringLifetimesOf({ expireAfter: options.expireAfter }, call).expiration,
      evictionStrategy: evictionStrategyFrom(call, { shared: false }, options),
      failure: { ...failureSettingsOf(otherOptions, call), retry: retryAtOnceFrom(retry, call) },
      enabled: enabledFrom(options.enabled),
      removeExpiredEvery: sweepPeriodFrom(options, call),
      demands: demandsOf(options, call),
      postprocessing: options.postprocessing ?? new NoPostprocessing(),
      onEvent: options.onEvent,
    },
    keyExtractor: keyExtractorFrom(call, fn, options),
    normalize: options.normalize,
  };
}

/** Refuses options that there are for functions that answer later. @throws InvalidOptionError */
export function refuseWhatTakesTime(call: string, options: object, reasons: Readonly<Record<string, Refusal>>): void {
  for (const [option, received] of Object.entries(Object(options) as object)) {
    const refusal = Object.hasOwn(reasons, option) ? reasons[option] : undefined;
    if (refusal === undefined || received === undefined) continue;
    const { because, advice } = refusal;
    throw new InvalidOptionError({ call, option, expected: `left out, because ${because}`, received, advice });
  }
}

/** Refuses functions of which one can see that they answer later. @throws InvalidOptionError */
function refuseAsyncFunctions(call: string, options: MemoizeSyncOptions): void {
  const { key, normalize, enabled, etag, maxAge, expireAfter, negative, retry } = options;
  const asked = {
    key,
    normalize,
    enabled,
    etag,
    maxAge,
    expireAfter,
    'negative.expireAfter': negative?.expireAfter,
    'negative.when': negative?.when,
    'retry.when': typeof retry === 'object' ? retry.when : undefined,
  };
  for (const [option, received] of Object.entries(asked)) {
    if (!isAsyncFunction(received)) continue;
    const expected = 'a function that answers at once';
    throw new InvalidOptionError({ call, option, expected, received, advice: useMemoizeInstead });
  }
}
