import type { CallOptions } from '../engine/cache.js';
import type { BoundOptions } from './bound-options.js';
import type { LayerOptions } from './layer-options.js';
import type { MemoizeOptions } from './memoize-options.js';

declare const isThere: unique symbol;

/** The name of a region as it was told by those that there are, so that nobody has to know it before. */
export type RegionName = string & { readonly [isThere]: true };

/** What a region says; every option may be left out. `R` are the names of all regions. */
export interface RegionOptions<R extends string = string> extends LayerOptions, BoundOptions {
  /**
   * The region that is asked next for what this one does not say.
   * @defaultValue 'default', the options of the `Memoizer` itself
   */
  readonly parent?: R | 'default' | RegionName | undefined;
}

/** What the region `'default'` says, which is asked after all others and so has no parent. */
export type DefaultRegionOptions = Omit<RegionOptions, 'parent'>;

/** Regions by their names; the names are found here. What is said of `'default'` stands beside the regions. */
export type RegionsByName<R extends string> = {
  readonly [Name in R]?: Name extends 'default' ? never : RegionOptions<NoInfer<R>>;
};

/** What a `Memoizer` can be told; every option may be left out. Those of a layer hold where no other layer says more. */
export interface MemoizerOptions<R extends string = never>
  extends Omit<LayerOptions, 'storage'>, BoundOptions, Pick<MemoizeOptions, 'onEvent' | 'clock'> {
  /** Sets of options with a name, which calls and functions choose by it. */
  readonly regions?: RegionsByName<R>;
  /**
   * The name by which events and messages speak of it.
   * @defaultValue 'memoizer'
   */
  readonly name?: string;
}

/** What chooses a region. */
interface RegionChoice<R extends string> {
  /**
   * The region whose options hold; `null` for none, so that only the options of the `Memoizer` itself hold.
   * @defaultValue that of the function, or none
   */
  readonly region?: R | 'default' | RegionName | null | undefined;
}

/** What one call of a `Memoizer` can be told. */
export interface KeyedCallOptions<
  R extends string = never,
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
>
  extends LayerOptions<A, V, Text>, RegionChoice<R>, CallOptions {
  /** What the load is called with; functions among the options are, too. */
  readonly args?: A | undefined;
}

/** The same where the types of the arguments do not matter any more. */
export interface UntypedCallOptions<R extends string> extends Omit<KeyedCallOptions<R, never, never>, 'args'> {
  readonly args?: readonly unknown[] | undefined;
}

/** What `memo.memoize(fn, options)` can be told; every option may be left out. */
export interface MemoizerFunctionOptions<
  R extends string = never,
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
>
  extends
    LayerOptions<A, V, Text>,
    RegionChoice<R>,
    BoundOptions<V>,
    Pick<
      MemoizeOptions<A, V>,
      'name' | 'key' | 'params' | 'normalize' | 'invalidation' | 'onEvent' | 'dispose' | 'closeDelay'
    > {}
