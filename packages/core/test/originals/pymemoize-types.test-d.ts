import { Memoizer, type CacheStorage } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

declare const storage: CacheStorage;
declare function annotated(a: number, options?: { readonly b: string }): Promise<Date>;

describe('PyMemoize test_annotations', () => {
  it('a cached function has the parameters and the result of the original', () => {
    const cached = new Memoizer(storage).memoize(annotated);
    expectTypeOf(cached).parameters.toEqualTypeOf<[a: number, options?: { readonly b: string } | undefined]>();
    expectTypeOf(cached).returns.toEqualTypeOf<Promise<Date>>();
    expectTypeOf(cached.exists).parameters.toEqualTypeOf<
      [args: [a: number, options?: { readonly b: string } | undefined]]
    >();
  });
});
