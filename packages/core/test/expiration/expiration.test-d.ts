import {
  type CachedItem,
  type Expiration,
  memoize,
  memoized,
  Memoizer,
  type MemoizeOptions,
  storageOver,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: string;
  readonly expiresAt: Date;
}

declare function fetchUser(id: string): Promise<User>;
declare function first<T>(list: readonly T[]): Promise<T>;
declare function now(): Date;
declare const anyText: string;
declare const count: number;
declare const often: boolean;

const memo = new Memoizer(storageOver(new Map()));

describe('the option expireAfter', () => {
  it('takes every kind of expiration', () => {
    memoize(fetchUser, { expireAfter: null });
    memoize(fetchUser, { expireAfter: true });
    memoize(fetchUser, { expireAfter: often });
    memoize(fetchUser, { expireAfter: 60_000 });
    memoize(fetchUser, { expireAfter: '10 minutes' });
    memoize(fetchUser, { expireAfter: { hours: 1, minutes: 30 } });
    memoize(fetchUser, { expireAfter: { sign: 1, total: () => 5 } });
    memoize(fetchUser, { expireAfter: now() });
    memoize(fetchUser, { expireAfter: { epochMilliseconds: 5 } });
    memoize(fetchUser, { expireAfter: { at: '11:05' } });
    memoize(fetchUser, { expireAfter: '$.expiresAt' });
    memoize(fetchUser, { expireAfter: (item) => item.value.expiresAt });
    memoize(fetchUser, { expireAfter: async () => '10 minutes' });
    memoize(fetchUser, { expireAfter: (item) => (item.isError ? '10s' : item.value.expiresAt) });
    memoize(fetchUser, { expireAfter: () => () => '$.expiresAt' });
    memoize(fetchUser, { expireAfter: often ? '1 hour' : null });
  });

  it('refuses what is none', () => {
    // @ts-expect-error a symbol is none
    memoize(fetchUser, { expireAfter: Symbol('soon') });
    // @ts-expect-error a bigint is none
    memoize(fetchUser, { expireAfter: 5n });
    // @ts-expect-error there is no part of that name
    memoize(fetchUser, { expireAfter: { minuets: 5 } });
    // @ts-expect-error a time of day is text
    memoize(fetchUser, { expireAfter: { at: 11 } });
    // @ts-expect-error a function has to say something
    memoize(fetchUser, { expireAfter: () => undefined });
    // @ts-expect-error also one that sometimes says something
    memoize(fetchUser, { expireAfter: (item) => (item.isError ? '10s' : undefined) });
  });

  it('tells a function what the cached function returns', () => {
    memoize(fetchUser, {
      expireAfter: (item) => {
        expectTypeOf(item).toEqualTypeOf<CachedItem<User>>();
        return null;
      },
    });
    // @ts-expect-error a user has no such property
    memoize(fetchUser, { expireAfter: (item) => item.value.expires as Date });
    // @ts-expect-error it is a function of users
    memoize(fetchUser, { expireAfter: (item: CachedItem<string>) => item.value });
    memoize(async () => ({ ttl: 5 }), { expireAfter: (item) => item.value.ttl });
    memoize(() => ({ ttl: 5 }), { expireAfter: (item) => item.value.ttl });
    memoize(first, { expireAfter: () => '1 hour' });
  });

  it('leaves the types of all other options as they are', () => {
    memoize(fetchUser, { expireAfter: '1 hour', key: (id) => id.trim(), etag: (id) => id.length });
    memoize(fetchUser, { key: (id) => id.trim(), expireAfter: (item) => item.value.expiresAt });
    // @ts-expect-error the function takes text
    memoize(fetchUser, { expireAfter: '1 hour', key: (id: number) => id });
    // @ts-expect-error there is no such option
    memoize(fetchUser, { expiresAfter: '1 hour' });
    // @ts-expect-error nor such a one
    memoize(fetchUser, { expireAfter: '1 hour', expiry: 5 });
    // @ts-expect-error left out is not undefined
    memoize(fetchUser, { expireAfter: undefined });
  });

  it('keeps the type of the function', () => {
    expectTypeOf(memoize(fetchUser, { expireAfter: '1 hour' })('42')).toEqualTypeOf<Promise<User>>();
    expectTypeOf(memoize(first, { expireAfter: '1 hour' })(['a'])).toEqualTypeOf<Promise<string>>();
    expectTypeOf(memoize<typeof fetchUser>(fetchUser, { expireAfter: '1 hour' })('42')).toEqualTypeOf<Promise<User>>();
  });

  it('takes options that were made for any function', () => {
    const common: MemoizeOptions = { expireAfter: '5 minutes' };
    memoize(fetchUser, common);
    memoize(fetchUser, { ...common, name: 'users' });
    const judged: MemoizeOptions = { expireAfter: (item) => item.lastFetched };
    memoize(fetchUser, judged);
    const ofUsers: MemoizeOptions<[id: string], User> = { expireAfter: (item) => item.value.expiresAt };
    memoize(fetchUser, ofUsers);
    // @ts-expect-error another function returns something else
    memoize(async (id: string) => id, ofUsers);
  });
});

describe('text that is plainly wrong', () => {
  it('is an error in the editor, which says what is wrong', () => {
    // @ts-expect-error '10 minuets' … "Unknown unit 'minuets': there are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms"
    memoize(fetchUser, { expireAfter: '10 minuets' });
    // @ts-expect-error '30' … "A number in text needs its unit, such as '30 seconds'"
    memoize(fetchUser, { expireAfter: '30' });
    // @ts-expect-error '1h 30' … "A number in text needs its unit, such as '30 seconds'"
    memoize(fetchUser, { expireAfter: '1h 30' });
    // @ts-expect-error '' … "The text is empty"
    memoize(fetchUser, { expireAfter: '' });
    // @ts-expect-error ' ' … "The text is empty"
    memoize(fetchUser, { expireAfter: ' ' });
    // @ts-expect-error 'soon' … "Expected a number with a unit, such as '10 minutes'"
    memoize(fetchUser, { expireAfter: 'soon' });
    // @ts-expect-error '$' … "A data pointer names a part of the value, such as '$.expiresAt'"
    memoize(fetchUser, { expireAfter: '$' });
    // @ts-expect-error '$.' … the same
    memoize(fetchUser, { expireAfter: '$.' });
    // @ts-expect-error '$expiresAt' … the same
    memoize(fetchUser, { expireAfter: '$expiresAt' });
    // @ts-expect-error 'P1M' … "Years, months and weeks are no units here: write days, such as 'P28D'"
    memoize(fetchUser, { expireAfter: 'P1M' });
    // @ts-expect-error one of two
    memoize(fetchUser, { expireAfter: often ? '1 hour' : '2 hoors' });
  });

  it('is an error at every door', async () => {
    // @ts-expect-error there is no such unit
    memo.memoize(fetchUser, { expireAfter: '10 minuets' });
    // @ts-expect-error there is no such unit
    await memo.get('key', now, { expireAfter: '10 minuets' });
    // @ts-expect-error there is no such unit
    await memo.get('key', fetchUser, { args: ['42'], expireAfter: '10 minuets' });
    // @ts-expect-error there is no such unit
    memoized({ expireAfter: '10 minuets' });
  });

  it('is no error where it is not known before the program runs', () => {
    const options = { expireAfter: '1 hour' };
    memoize(fetchUser, options);
    memoize(fetchUser, { expireAfter: anyText });
    memoize(fetchUser, { expireAfter: `${count} minutes` });
    memoize(fetchUser, { expireAfter: `${count}` });
    memoize(fetchUser, { expireAfter: `${anyText}:seconds` });
    memoize(fetchUser, { expireAfter: anyText as '1 hour' | '2 hours' });
    const expireAfter: Expiration = 'soon';
    memoize(fetchUser, { expireAfter });
  });
});

describe('the other doors', () => {
  it('tell a function what was loaded', async () => {
    memo.memoize(fetchUser, { expireAfter: (item) => item.value.expiresAt });
    // @ts-expect-error a user has no such property
    memo.memoize(fetchUser, { expireAfter: (item) => item.value.expires as Date });
    await memo.get('key', async () => ({ ttl: 5 }), { expireAfter: (item) => item.value.ttl });
    await memo.get('key', fetchUser, { args: ['42'], expireAfter: (item) => item.value.expiresAt });
    await memo.get('key', () => 5, { expireAfter: '$.ttl:seconds:ignore_missing' });
    expectTypeOf(await memo.get('key', () => 5, { expireAfter: '1 hour' })).toEqualTypeOf<number>();
    expectTypeOf(await memo.get<number>('key', () => 5, { expireAfter: '1 hour' })).toEqualTypeOf<number>();
    memo.regions.set('default', { expireAfter: '$.expiresAt' });
    new Memoizer(storageOver(new Map()), {
      regions: { a: { expireAfter: () => new Date() }, b: { expireAfter: null } },
    });
  });

  it('tell it so for methods', () => {
    class Users {
      @memoized({ expireAfter: (item) => item.value.expiresAt })
      async find(id: string): Promise<User> {
        return fetchUser(id);
      }

      @memoized({ expireAfter: '$.expiresAt', key: (id) => id.trim() })
      async find2(id: string): Promise<User> {
        return fetchUser(id);
      }
    }
    void Users;
  });
});
