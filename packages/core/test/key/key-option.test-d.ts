import { Key, memoize, memoized, memoizedMethod, Memoizer, LocalInMemoryCacheStorage } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: string;
}

declare function find(user: User, limit?: number): Promise<User>;

describe('the options key and params', () => {
  it('are texts and lists of texts', () => {
    memoize(find, { key: 'user:{0.id}' });
    memoize(find, { key: 'user:{user.id}', params: ['user', 'limit'] });
    new Memoizer(new LocalInMemoryCacheStorage()).memoize(find, { key: '{user.id}', params: ['user'] as const });
    // @ts-expect-error a list is needed
    memoize(find, { key: '{user.id}', params: 'user' });
    // @ts-expect-error names are text
    memoize(find, { key: '{user.id}', params: [1] });
    // @ts-expect-error a key is no number
    memoize(find, { key: 5 });
  });

  it('keep the types of what is wrapped', () => {
    expectTypeOf(memoize(find, { key: '{0.id}' })).parameters.toEqualTypeOf<[user: User, limit?: number | undefined]>();
    expectTypeOf(memoize(find, { key: Key.single })).parameters.toEqualTypeOf<
      [user: User, limit?: number | undefined]
    >();
  });

  it('keep the types of methods', () => {
    class Users {
      @memoized({ key: '{user.id}', params: ['user'] })
      async find(user: User): Promise<User> {
        return user;
      }

      @memoized({ key: Key.single })
      async count(reason: string): Promise<number> {
        return reason.length;
      }
    }
    expectTypeOf(new Users().find).parameters.toEqualTypeOf<[user: User]>();
    expectTypeOf(memoizedMethod(new Users(), 'count').delete).parameters.toEqualTypeOf<[args: [reason: string]]>();
  });
});
