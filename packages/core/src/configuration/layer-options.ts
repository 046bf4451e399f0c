import type { DemandOptions } from '../entry/demand-options.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { AnyExpiration } from '../expiration/expiration-from.js';
import type { BoundOptions } from './bound-options.js';
import type { CoordinationOptions, SettledCoordinationOptions } from './coordination-options.js';
import type { FailureOptions } from './failure-options.js';
import type { MemoizeOptions } from './memoize-options.js';

/** The same options, each of which may be left out by saying `undefined`. */
type Sayable<Options> = { readonly [Option in keyof Options]?: Options[Option] | undefined };

/** The same options, of each of which `null` says "explicitly nothing". */
type Stoppable<Options> = { readonly [Option in keyof Options]?: Options[Option] | null | undefined };

/**
 * What one layer says of a call. The layers of a call are its own options, those of its function, of its region, of the
 * region's parents, and of the `Memoizer`; for each option the first of them that says anything wins. `undefined` says
 * nothing, so the next layer is asked; `null` says "explicitly nothing", and no further layer is asked.
 */
export interface LayerOptions<
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
>
  extends
    Stoppable<DemandOptions<A>>,
    Stoppable<FailureOptions>,
    Stoppable<
      Pick<
        MemoizeOptions<A, V, Text>,
        | 'namespace'
        | 'updateAfter'
        | 'expireAfter'
        | 'jitter'
        | 'timeout'
        | 'postprocessing'
        | 'earlyRefresh'
        | 'enabled'
        | 'removeExpiredEvery'
      >
    >,
    Stoppable<Pick<CoordinationOptions, 'lock' | 'waitLimit'>>,
    Sayable<Pick<CoordinationOptions, 'coordination' | 'leaseTime' | 'onWaitLimit'>>,
    Sayable<Pick<MemoizeOptions<A>, 'errors' | 'onStorageError'>> {
  /** Keeps the entries, instead of the storage of the next layer. */
  readonly storage?: CacheStorage | undefined;
}

/** What the layers of a call say together, written as for `memoize`. */
export interface ResolvedOptions
  extends
    DemandOptions,
    FailureOptions,
    Pick<
      MemoizeOptions,
      | 'namespace'
      | 'storage'
      | 'updateAfter'
      | 'jitter'
      | 'timeout'
      | 'postprocessing'
      | 'earlyRefresh'
      | 'enabled'
      | 'removeExpiredEvery'
      | 'errors'
      | 'onStorageError'
    >,
    BoundOptions,
    SettledCoordinationOptions {
  readonly expireAfter?: AnyExpiration;
}
