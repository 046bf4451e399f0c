import { ByRegion } from './by-region.js';
import { CachedFunction } from './cached-function.js';
import { saysBound } from './configuration/bound-options.js';
import { claimBooks, claimKeys } from './configuration/claims.js';
import type { Layer } from './configuration/layers.js';
import type { MemoizerFunctionOptions } from './configuration/memoizer-options.js';
import { Bounds, type FunctionOptions, type MemoizerPlans } from './configuration/memoizer-plans.js';
import type { Regions } from './configuration/regions.js';
import { Cache } from './engine/cache.js';
import { Reports } from './engine/reports.js';
import type { CacheableFunction } from './key/key-extractor.js';
import { bindInvalidation } from './memoize.js';
import { register } from './registry.js';

/**
 * A cached function of a `Memoizer`: it has a cache for each region that its calls choose, and counts for all of them
 * together.
 *
 * @param call - what was called, for messages.
 * @param options - checked already.
 * @throws InvalidOptionError, UnknownRegionError
 */
export function memoizerFunction<R extends string>(
  call: string,
  fn: CacheableFunction,
  options: MemoizerFunctionOptions<R, never, never>,
  regions: Regions<R>,
  plans: MemoizerPlans,
): CachedFunction {
  let reports: Reports | undefined;
  const bounds = saysBound(options) ? new Bounds() : undefined;
  const caches = new ByRegion<R, Cache>(regions, (region) => {
    const layers = [options as Layer, ...regions.layersOf(region === undefined ? options.region : region)];
    const plan = plans.forFunction(call, fn, options as FunctionOptions, layers, bounds);
    claimKeys(call, fn, plan);
    claimBooks(call, plan);
    reports ??= new Reports(plan.settings.name, plan.settings.onEvent);
    return new Cache(plan.configuration, plan.settings, reports);
  });
  const { normalize, invalidation } = options as FunctionOptions;
  // What is wrong with the options shall be said at once.
  caches.of();
  const cached = new CachedFunction({ fn, cacheOf: (region) => caches.of(region), normalize });
  register(cached);
  bindInvalidation(cached, invalidation);
  return cached;
}
