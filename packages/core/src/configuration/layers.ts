import { type AnyExpiration, expirationFrom } from '../expiration/expiration-from.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import type { Weigh } from '../eviction/weigh.js';
import type { ExpirationPolicy } from '../expiration/expiration.js';
import type { BoundOptions } from './bound-options.js';
import type { LayerOptions, ResolvedOptions } from './layer-options.js';

/** A checked layer, of a call with any arguments. */
export type Layer = Omit<LayerOptions<never, never>, 'expireAfter'> &
  BoundOptions<never> & { readonly expireAfter?: AnyExpiration | null | undefined };

/** Every option of layers, and what stands for it where `null` says "explicitly nothing". */
const nothing = {
  namespace: undefined,
  storage: undefined,
  updateAfter: Infinity,
  expireAfter: Infinity,
  maxAge: undefined,
  etag: undefined,
  jitter: 0,
  timeout: Infinity,
  postprocessing: undefined,
  // Without an own lock the storage's would be taken, so this has to be said to the end.
  lock: null,
  coordination: undefined,
  leaseTime: undefined,
  waitLimit: undefined,
  onWaitLimit: undefined,
  earlyRefresh: undefined,
  retry: undefined,
  negative: undefined,
  staleIfError: undefined,
  enabled: undefined,
  removeExpiredEvery: undefined,
  errors: undefined,
  onStorageError: undefined,
} as const satisfies Record<keyof LayerOptions, unknown>;

type LayeredOption = keyof typeof nothing;

/** What was said of each option, `null` included. */
type Said = { [Option in LayeredOption]?: unknown };

const vainWithoutCoordination = ['leaseTime', 'waitLimit', 'onWaitLimit', 'lock'] as const;

/**
 * What checked layers say together, the innermost first: for each option the first layer that says anything wins.
 *
 * Layers that are each fine never contradict one another. An `updateAfter` that is not before the `expireAfter` of another
 * layer has no effect; nor has what says how to wait for other processes, where another layer says that none waits. What
 * bounds the entries of a storage is said by the layer that gives the storage, or by one before it.
 */
export function resolveLayers(layers: readonly Layer[]): ResolvedOptions {
  const said = firstSaid(layers);
  if (isUpdatedTooLate(said, layers)) said.updateAfter = null;
  if (said.coordination === 'none') for (const option of vainWithoutCoordination) said[option] = undefined;
  return { ...meaningOf(said), ...boundIn(layers) };
}

function firstSaid(layers: readonly Layer[]): Said {
  const said: Said = {};
  for (const layer of layers) {
    for (const option of Object.keys(layer) as LayeredOption[]) {
      // A call or a function says more than what layers have in common.
      if (said[option] === undefined && layer[option] !== undefined && Object.hasOwn(nothing, option))
        said[option] = layer[option];
    }
  }
  return said;
}

function isUpdatedTooLate({ updateAfter, expireAfter }: Said, layers: readonly Layer[]): boolean {
  if (!isDuration(updateAfter) || isNothing(expireAfter)) return false;
  // With what its own layer says it has been checked.
  if (layers.find((layer) => layer.updateAfter !== undefined)?.expireAfter === expireAfter) return false;
  const { after } = expirationIn(expireAfter);
  return after !== undefined && inMilliseconds('updateAfter', updateAfter) >= after;
}

function meaningOf(said: Said): ResolvedOptions {
  const meaning: Said = {};
  for (const option of Object.keys(said) as LayeredOption[]) {
    const value = said[option] === null ? nothing[option] : said[option];
    if (value !== undefined) meaning[option] = value;
  }
  return meaning as ResolvedOptions;
}

function boundIn(layers: readonly Layer[]): BoundOptions {
  for (const { capacity, maxWeight, weigh, evictionStrategy, storage } of layers) {
    if (capacity !== undefined) return { capacity };
    if (maxWeight !== undefined) return { maxWeight, ...(weigh && { weigh: weigh as Weigh }) };
    if (evictionStrategy !== undefined) return { evictionStrategy };
    if (storage !== undefined) break;
  }
  return {};
}

const durations = ['updateAfter', 'maxAge', 'timeout', 'leaseTime', 'waitLimit'] as const;

/** The same layer with its durations read, so that this is done once and not at each call. */
export function layerInMilliseconds<L extends Layer>(layer: L): Readonly<L> {
  const read: Said = {};
  for (const option of durations) {
    const duration = layer[option];
    if (isDuration(duration)) read[option] = inMilliseconds(option, duration);
  }
  const expiration = isNothing(layer.expireAfter) ? undefined : expirationIn(layer.expireAfter);
  // What a function and a pointer come to depends on other options, too.
  if (expiration?.isJudgedAtReads === false) read.expireAfter = expiration;
  return Object.freeze({ ...layer, ...read });
}

/** Rather than nothing, or a function that gives one. */
function isDuration(value: unknown): value is Duration {
  return !isNothing(value) && typeof value !== 'function';
}

function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function expirationIn(expireAfter: AnyExpiration): ExpirationPolicy {
  return expirationFrom(expireAfter, { call: 'layer', option: 'expireAfter' });
}

function inMilliseconds(option: string, duration: Duration): number {
  return toMilliseconds(duration, { call: 'layer', option });
}
