import {
  InvalidationSupport,
  memoize,
  memoized,
  memoizedMethod,
  type CacheEvent,
  type Memoized,
  type MemoizeOptions,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: string;
}

declare function fetchUser(id: string, fresh?: boolean): Promise<User>;
declare function first<T>(list: readonly T[]): Promise<T>;
declare function slugify(title: string): string;
declare function withThis(this: Map<string, User>, id: string): User | undefined;

describe('memoize', () => {
  it('keeps the types of arguments and result', () => {
    const cached = memoize(fetchUser);
    expectTypeOf(cached).parameters.toEqualTypeOf<[id: string, fresh?: boolean | undefined]>();
    expectTypeOf(cached('42')).toEqualTypeOf<Promise<User>>();
    // @ts-expect-error an id is text
    void cached(42);
    // @ts-expect-error an id is needed
    void cached();
  });

  it('keeps type parameters', () => {
    expectTypeOf(memoize(first)([1, 2])).toEqualTypeOf<Promise<number>>();
    expectTypeOf(memoize(first)(['a'])).toEqualTypeOf<Promise<string>>();
  });

  it('makes a synchronous function asynchronous', () => {
    expectTypeOf(memoize(slugify)('A title')).toEqualTypeOf<Promise<string>>();
  });

  it('keeps the type of this', () => {
    const cached = memoize(withThis);
    expectTypeOf(cached).thisParameter.toEqualTypeOf<Map<string, User>>();
    expectTypeOf<ReturnType<typeof cached>>().toEqualTypeOf<Promise<User | undefined>>();
  });

  it('types the addresses of operations', () => {
    const cached: Memoized<typeof fetchUser> = memoize(fetchUser);
    expectTypeOf(cached.exists).parameters.toEqualTypeOf<[args: [id: string, fresh?: boolean | undefined]]>();
    expectTypeOf(cached.refresh('42')).toEqualTypeOf<Promise<User>>();
    expectTypeOf(cached.ttl(['42'])).toEqualTypeOf<Promise<number | undefined>>();
    expectTypeOf(cached.wrapped).toEqualTypeOf<typeof fetchUser>();
    // @ts-expect-error the address is a list of arguments
    void cached.delete('42');
  });

  it('types a rest parameter that is read-only', () => {
    const cached = memoize(async (...ids: readonly string[]) => ids.length);
    expectTypeOf(cached('a', 'b')).toEqualTypeOf<Promise<number>>();
    expectTypeOf(cached.delete).parameters.toEqualTypeOf<[args: readonly string[]]>();
  });

  it('types the arguments of a key function and of an invalidation', () => {
    memoize(fetchUser, { key: (id, fresh) => `${id.trim()} ${fresh === true}` });
    memoize(fetchUser, { invalidation: new InvalidationSupport<[id: string, fresh?: boolean]>() });
    // @ts-expect-error the function takes text
    memoize(fetchUser, { key: (id: number) => id });
    // @ts-expect-error there is no such option
    memoize(fetchUser, { expiresAfter: '1 hour' });
  });

  it('takes options and invalidations that were made for any function', () => {
    const common: MemoizeOptions = { expireAfter: '5 minutes' };
    memoize(fetchUser, common);
    memoize(fetchUser, { ...common, invalidation: new InvalidationSupport() });
    // @ts-expect-error the function takes text
    memoize(fetchUser, { invalidation: new InvalidationSupport<[id: number]>() });
  });

  it('tells events apart by their type', () => {
    memoize(fetchUser, {
      onEvent: (event) => {
        expectTypeOf(event).toEqualTypeOf<CacheEvent>();
        if (event.type === 'load-failed') expectTypeOf(event.error).toEqualTypeOf<Error>();
        // @ts-expect-error only some events have an error
        void event.error;
      },
    });
  });
});

describe('@memoized', () => {
  it('keeps the type of the method', () => {
    class Users {
      @memoized({ expireAfter: '5 minutes', key: (id) => id.trim() })
      async find(id: string): Promise<User> {
        return { id };
      }
    }
    expectTypeOf(new Users().find).parameters.toEqualTypeOf<[id: string]>();
    expectTypeOf(memoizedMethod(new Users(), 'find').delete).parameters.toEqualTypeOf<[args: [id: string]]>();
  });

  it('keeps the type parameters of a method', () => {
    class Lists {
      @memoized({ expireAfter: '5 minutes' })
      async first<T>(list: readonly T[]): Promise<T | undefined> {
        return list[0];
      }
    }
    expectTypeOf(new Lists().first(['a'])).toEqualTypeOf<Promise<string | undefined>>();
  });

  it('refuses methods that return no promise', () => {
    class Slugs {
      // @ts-expect-error a cached method answers with a promise, so the method must return one
      @memoized()
      slugify(title: string): string {
        return title;
      }
    }
    void Slugs;
  });
});
