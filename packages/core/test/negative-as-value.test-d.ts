import { memoize, type Memoized, type MemoizeOptions } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

const fetchUser = async (id: string): Promise<{ id: string }> => ({ id });

describe('negative caching', () => {
  it('gives failures as values only where that is said', async () => {
    const asValue = memoize(fetchUser, { negative: { as: 'value' } });
    expectTypeOf(await asValue('42')).toEqualTypeOf<{ id: string } | Error>();
    expectTypeOf<Parameters<typeof asValue>>().toEqualTypeOf<[id: string]>();
    expectTypeOf(await asValue.refresh('42')).toEqualTypeOf<{ id: string } | Error>();
    expectTypeOf(memoize(fetchUser, { negative: { as: 'throw' } })).toEqualTypeOf<Memoized<typeof fetchUser>>();
    expectTypeOf(memoize(fetchUser, { negative: {} })).toEqualTypeOf<Memoized<typeof fetchUser>>();
    expectTypeOf(memoize(fetchUser, { negative: { expireAfter: '1 minute' } })).toEqualTypeOf<
      Memoized<typeof fetchUser>
    >();
    const options: MemoizeOptions<[string]> = { negative: {} };
    expectTypeOf(memoize(fetchUser, options)).toEqualTypeOf<Memoized<typeof fetchUser>>();
  });

  it('knows its options', () => {
    // @ts-expect-error there is no such way
    memoize(fetchUser, { negative: { as: 'error' } });
    // @ts-expect-error there is no such option
    memoize(fetchUser, { negative: { expiresAfter: '1 minute' } });
    // @ts-expect-error only what says so may give failures as values
    const options: MemoizeOptions<[string]> = { negative: { as: 'value' } };
    memoize(fetchUser, options);
  });
});
