import {
  memoizeSync,
  type CacheInfo,
  type ExpirationAtOnce,
  type MemoizedSync,
  type MemoizeSyncOptions,
  type SyncCacheParameters,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: string;
}

declare function slugify(title: string, separator?: string): string;
declare function first<T>(list: readonly T[]): T | undefined;
declare function withThis(this: Map<string, User>, id: string): User | undefined;
declare function fetchUser(id: string): Promise<User>;
declare function cachedOrFetched(id: string): User | Promise<User>;
declare function query(sql: string): PromiseLike<User>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
declare function anything(id: string): any;

describe('memoizeSync', () => {
  it('keeps the types of arguments and result', () => {
    const cached = memoizeSync(slugify);
    expectTypeOf(cached).parameters.toEqualTypeOf<[title: string, separator?: string | undefined]>();
    expectTypeOf(cached('A title')).toEqualTypeOf<string>();
    expectTypeOf(cached.wrapped).toEqualTypeOf<typeof slugify>();
    // @ts-expect-error a title is text
    cached(42);
  });

  it('keeps type parameters, overloads of this, and any', () => {
    expectTypeOf(memoizeSync(first)([1, 2])).toEqualTypeOf<number | undefined>();
    expectTypeOf(memoizeSync(withThis)).thisParameter.toEqualTypeOf<Map<string, User>>();
    expectTypeOf(memoizeSync(anything)('42')).toBeAny();
  });

  it('types the operations, which answer at once', () => {
    const cached: MemoizedSync<typeof slugify> = memoizeSync(slugify);
    expectTypeOf(cached.exists(['A title'])).toEqualTypeOf<boolean>();
    expectTypeOf(cached.ttl(['A title', '-'])).toEqualTypeOf<number | undefined>();
    expectTypeOf(cached.expire(['A title'], '1 hour')).toEqualTypeOf<boolean>();
    expectTypeOf(cached.expireAt(['A title'], null)).toEqualTypeOf<boolean>();
    expectTypeOf(cached.etag(['A title'])).toEqualTypeOf<string | undefined>();
    expectTypeOf(cached.delete(['A title'])).toEqualTypeOf<boolean>();
    expectTypeOf(cached.set).parameters.toEqualTypeOf<
      [args: [title: string, separator?: string | undefined], value: string]
    >();
    expectTypeOf(cached.refresh('A title')).toEqualTypeOf<string>();
    expectTypeOf(cached.clear).toEqualTypeOf<() => void>();
    expectTypeOf(cached.removeExpired()).toEqualTypeOf<number>();
    expectTypeOf(cached.cacheInfo()).toEqualTypeOf<CacheInfo>();
    expectTypeOf(cached.cacheParameters()).toEqualTypeOf<SyncCacheParameters>();
    expectTypeOf(cached.with({ refresh: true, maxAge: '1 minute', etag: 7 })('A title')).toEqualTypeOf<string>();
    // @ts-expect-error the address is a list of arguments
    cached.delete('A title');
    // @ts-expect-error what is kept is text
    cached.set(['A title'], 42);
    // @ts-expect-error nobody can leave a synchronous call
    cached.with({ signal: new AbortController().signal });
  });
});

describe('what takes time', () => {
  it('is refused in the function', () => {
    type Advice = 'memoizeSync cannot wait for a promise: use memoize';
    type Wanted<F extends (...args: never[]) => unknown> = Parameters<typeof memoizeSync<F>>[0];
    expectTypeOf<Wanted<typeof fetchUser>>().toEqualTypeOf<typeof fetchUser & Advice>();
    expectTypeOf<Wanted<typeof slugify>>().toEqualTypeOf<typeof slugify>();
    // @ts-expect-error use memoize
    memoizeSync(fetchUser);
    // @ts-expect-error use memoize
    memoizeSync(async (id: string) => id, { capacity: 10 });
    // @ts-expect-error it may return a promise: use memoize
    memoizeSync(cachedOrFetched);
    // @ts-expect-error a query is no result: use memoize
    memoizeSync(query);
  });

  it('is refused in the options', () => {
    // @ts-expect-error an expiration says so at once
    memoizeSync(slugify, { expireAfter: async () => '1 minute' });
    // @ts-expect-error an expiration says so at once
    memoizeSync(slugify, { expireAfter: (item) => Promise.resolve(item.value.length) });
    // @ts-expect-error an expiration says so at once
    memoizeSync(slugify, { negative: { expireAfter: async () => '1 minute' } });
    // @ts-expect-error an etag is there at once
    memoizeSync(slugify, { etag: async (title) => title });
    // @ts-expect-error there are no waits between attempts
    memoizeSync(slugify, { retry: { count: 3, backoff: '1 second' } });
    // @ts-expect-error nothing is refreshed behind the caller's back
    memoizeSync(slugify, { updateAfter: '1 minute' });
    // @ts-expect-error a storage may answer later
    memoizeSync(slugify, { storage: new Map() });
    // @ts-expect-error a synchronous function cannot be interrupted
    memoizeSync(slugify, { timeout: '1 minute' });
    // @ts-expect-error nothing is closed
    memoizeSync(slugify, { dispose: true });
  });
});

describe('options', () => {
  it('know the arguments and the value', () => {
    memoizeSync(slugify, {
      key: (title, separator) => title.trim() + String(separator?.length),
      normalize: ([title, separator = '-']) => [title, separator],
      etag: (title) => title.length,
      maxAge: (title) => (title.length > 100 ? '1 minute' : undefined),
      expireAfter: ({ value, isError }) => (isError ? '1 second' : value.length),
      retry: { count: 2, when: (error, attempt) => attempt < 2 && error instanceof RangeError },
      enabled: () => true,
    });
    memoizeSync(slugify, { key: 'slug:{title}', params: ['title', 'separator'] });
    // @ts-expect-error the function takes text
    memoizeSync(slugify, { key: (title: number) => title });
    // @ts-expect-error there is no such option
    memoizeSync(slugify, { expiresAfter: '1 hour' });
    // @ts-expect-error what is plainly no expiration is seen in the editor
    memoizeSync(slugify, { expireAfter: '10 minuets' });
  });

  it('may be made for any function', () => {
    const common: MemoizeSyncOptions = { expireAfter: '5 minutes', capacity: null };
    expectTypeOf(memoizeSync(slugify, { ...common, name: 'slug' })('A title')).toEqualTypeOf<string>();
    const givesFailures: MemoizeSyncOptions<readonly unknown[], unknown, string, 'value'> = {
      negative: { as: 'value' },
    };
    expectTypeOf(memoizeSync(slugify, givesFailures)('A title')).toEqualTypeOf<string | Error>();
    const expireAfter: ExpirationAtOnce = (item) => (item.isError ? true : '1 hour');
    memoizeSync(slugify, { expireAfter });
  });

  it('say whether remembered failures are values', () => {
    const cached = memoizeSync(slugify, { negative: { as: 'value' } });
    expectTypeOf(cached('A title')).toEqualTypeOf<string | Error>();
    expectTypeOf(cached.refresh('A title')).toEqualTypeOf<string | Error>();
    expectTypeOf(cached.with({ refresh: true })('A title')).toEqualTypeOf<string | Error>();
    expectTypeOf(cached.set).parameter(1).toEqualTypeOf<string>();
    expectTypeOf(memoizeSync(slugify, { negative: { as: 'throw' } })('A title')).toEqualTypeOf<string>();
    expectTypeOf(memoizeSync(slugify, { negative: {} })('A title')).toEqualTypeOf<string>();
  });
});
