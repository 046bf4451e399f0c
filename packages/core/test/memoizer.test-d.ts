import {
  InvalidationSupport,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  memoizedMethod,
  Memoizer,
  type KeyedCallOptions,
  type LayerOptions,
  type LoadMany,
  type Memoized,
  type MemoizedCallOptions,
  type MemoizerFunctionOptions,
  type MemoizerOptions,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface User {
  readonly id: string;
}

declare function fetchUser(id: string, fresh?: boolean): Promise<User>;
declare function first<T>(list: readonly T[]): Promise<T>;
declare function render(path: string): string;
declare function thenable(): PromiseLike<number>;

const storage = new LocalInMemoryCacheStorage();
const memo = new Memoizer(storage, {
  namespace: 'pages',
  regions: { short: { expireAfter: '1 minute' }, long: { parent: 'short', expireAfter: '1 hour' } },
});
const plain = new Memoizer(storage);

describe('the regions of a Memoizer', () => {
  it('are known to every operation', () => {
    const known = { region: 'long' } as const;
    void memo.get('home', () => 1, known);
    void memo.get('home', undefined, known);
    void memo.getMany(['home'], () => [1], known);
    void memo.getMany(['home'], undefined, known);
    void memo.exists('home', known);
    void memo.ttl('home', known);
    void memo.etag('home', known);
    void memo.delete('home', known);
    void memo.expire('home', '1 minute', known);
    void memo.expireAt('home', null, known);
    void memo.set('home', 1, known);
    void memo.refresh('home', () => 1, known);
    void memo.clear(known);
    void memo.memoize(fetchUser, known);
    void memo.memoize(fetchUser).with(known)('42');
  });

  it('are refused by every operation where there are none of that name', () => {
    const unknown = { region: 'lnog' } as const;
    // @ts-expect-error there is no such region
    void memo.get('home', () => 1, unknown);
    // @ts-expect-error there is no such region
    void memo.get('home', undefined, unknown);
    // @ts-expect-error there is no such region
    void memo.getMany(['home'], () => [1], unknown);
    // @ts-expect-error there is no such region
    void memo.getMany(['home'], undefined, unknown);
    // @ts-expect-error there is no such region
    void memo.exists('home', unknown);
    // @ts-expect-error there is no such region
    void memo.ttl('home', unknown);
    // @ts-expect-error there is no such region
    void memo.etag('home', unknown);
    // @ts-expect-error there is no such region
    void memo.delete('home', unknown);
    // @ts-expect-error there is no such region
    void memo.expire('home', '1 minute', unknown);
    // @ts-expect-error there is no such region
    void memo.expireAt('home', null, unknown);
    // @ts-expect-error there is no such region
    void memo.set('home', 1, unknown);
    // @ts-expect-error there is no such region
    void memo.refresh('home', () => 1, unknown);
    // @ts-expect-error there is no such region
    void memo.clear(unknown);
    // @ts-expect-error there is no such region
    void memo.memoize(fetchUser, unknown);
    // @ts-expect-error there is no such region
    void memo.memoize(fetchUser).with(unknown);
  });

  it('are found in literals that are written before', () => {
    const regions = { short: { expireAfter: '1 minute' }, long: { parent: 'short' } } as const;
    expectTypeOf(new Memoizer(storage, { regions })).toEqualTypeOf<Memoizer<'short' | 'long'>>();
    const options: MemoizerOptions<'short' | 'late'> = { regions: { short: {} } };
    expectTypeOf(new Memoizer(storage, options)).toEqualTypeOf<Memoizer<'short' | 'late'>>();
  });

  it('may be any for a function that is given the Memoizer', () => {
    const homeOf = async <R extends string>(of: Memoizer<R>, region?: R): Promise<string> =>
      of.get('home', () => 'home', { region });
    void homeOf(plain);
    void homeOf(memo, 'short');
    // @ts-expect-error there is no such region
    void homeOf(memo, 'lnog');
    // @ts-expect-error there is no region
    void homeOf(plain, 'short');
  });

  it('may be asked for', () => {
    const withShort = (of: Pick<Memoizer<'short'>, 'get'>): Promise<number> =>
      of.get('home', () => 1, { region: 'short' });
    void withShort(memo);
  });

  it('are none where no region is given', () => {
    void plain.get('home', () => 1, { region: null });
    // @ts-expect-error there is no region
    void plain.memoize(fetchUser).with({ region: 'short' });
    // @ts-expect-error a function without a Memoizer has no regions
    void memoize(fetchUser).with({ region: null });
  });
});

describe('the result of get', () => {
  it('is what the load promises', () => {
    expectTypeOf(memo.get('home', () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(memo.get('home', async () => ({ id: '42' }))).toEqualTypeOf<Promise<{ id: string }>>();
    expectTypeOf(memo.get('home', thenable)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(memo.get('home', fetchUser, { args: ['42'] })).toEqualTypeOf<Promise<User>>();
    expectTypeOf(memo.get('home', () => fetchUser('42'))).toEqualTypeOf<Promise<User>>();
    expectTypeOf(memo.get<User>('home', async () => ({ id: '42' }))).toEqualTypeOf<Promise<User>>();
    expectTypeOf(memo.refresh('home', fetchUser, { args: ['42'] })).toEqualTypeOf<Promise<User>>();
    expectTypeOf(memo.refresh<User>('home', async () => ({ id: '42' }))).toEqualTypeOf<Promise<User>>();
  });

  it('is what the load of a generic function promises', () => {
    const remembered = async <T>(key: string, load: () => Promise<T>): Promise<T> => memo.get(key, load);
    expectTypeOf(remembered('home', async () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(memo.get('home', first, { args: [[1]] })).toEqualTypeOf<Promise<number>>();
  });

  it('may be undefined without a load', () => {
    expectTypeOf(memo.get('home')).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(memo.get<User>('home')).toEqualTypeOf<Promise<User | undefined>>();
    expectTypeOf(memo.get<User>('home', undefined, { region: 'short' })).toEqualTypeOf<Promise<User | undefined>>();
    // @ts-expect-error there is nothing to refresh it with
    void memo.get('home', undefined, { refresh: true });
  });
});

describe('args', () => {
  it('are those of the load', () => {
    void memo.get('home', fetchUser, { args: ['42', true] });
    // @ts-expect-error the load takes text
    void memo.get('home', fetchUser, { args: [42] });
    // @ts-expect-error the load takes two at most
    void memo.get('home', fetchUser, { args: ['42', true, 1] });
    // @ts-expect-error the load needs one
    void memo.get('home', fetchUser);
    // @ts-expect-error the load needs one
    void memo.refresh('home', fetchUser);
    // @ts-expect-error the load takes none
    void memo.get('home', () => 1, { args: ['42'] });
    // @ts-expect-error each load gets the keys
    void memo.getMany(['home'], () => [1], { args: ['42'] });
  });

  it('are known to the functions among the options', () => {
    void memo.get('home', fetchUser, {
      args: ['42'],
      etag: (id) => id.trim(),
      maxAge: (_id, fresh) => (fresh ? 0 : 1),
    });
    void memo.refresh('home', fetchUser, { args: ['42'], etag: async (id) => id.length });
    // @ts-expect-error the load takes text
    void memo.get('home', fetchUser, { args: ['42'], etag: (id: number) => id });
    // @ts-expect-error an etag is text or a number
    void memo.get('home', fetchUser, { args: ['42'], etag: () => new Date() });
    // @ts-expect-error an age is a duration
    void memo.get('home', fetchUser, { args: ['42'], maxAge: () => true });
    // @ts-expect-error an age is not waited for
    void memo.get('home', fetchUser, { args: ['42'], maxAge: async () => 1 });
    // @ts-expect-error the load takes none
    void memo.get('home', () => 1, { etag: (id: string) => id });
  });

  it('are known to those of operations, too', () => {
    void memo.exists('home', { args: ['42', true], etag: (id, fresh) => `${id.trim()} ${fresh}` });
    void memo.ttl('home', { args: ['42', true], etag: (id: string, fresh?: boolean) => `${id} ${fresh === true}` });
    void memo.set('home', { id: '42' }, { args: ['42', 7], etag: (id, version) => `${id} ${version.toFixed()}` });
    void memo.get('home', undefined, { args: ['42', 7], etag: (id, version) => `${id.trim()} ${version.toFixed()}` });
    // @ts-expect-error the first is text
    void memo.exists('home', { args: ['42'], etag: (id: number) => id });
  });
});

describe('getMany', () => {
  it('answers with the values that loadMany gives', () => {
    expectTypeOf(memo.getMany(['a'], (keys) => keys.map((key) => key.length))).toEqualTypeOf<
      Promise<Map<string, number>>
    >();
    expectTypeOf(memo.getMany(['a'], async (keys) => keys.map((id): User => ({ id })))).toEqualTypeOf<
      Promise<Map<string, User>>
    >();
    const byKey = (keys: readonly string[]): Map<string, User> => new Map(keys.map((id) => [id, { id }]));
    expectTypeOf(memo.getMany(['a'], byKey)).toEqualTypeOf<Promise<Map<string, User>>>();
    expectTypeOf(memo.getMany(['a'], async (keys) => byKey(keys))).toEqualTypeOf<Promise<Map<string, User>>>();
    expectTypeOf(memo.getMany(new Set(['a']))).toEqualTypeOf<Promise<Map<string, unknown>>>();
    expectTypeOf(memo.getMany<User>(['a'])).toEqualTypeOf<Promise<Map<string, User>>>();
  });

  it('does not count errors among them', () => {
    const found = (id: string): User | Error => (id === '' ? new Error('nobody') : { id });
    expectTypeOf(memo.getMany(['a'], (keys) => keys.map(found))).toEqualTypeOf<Promise<Map<string, User>>>();
    expectTypeOf(memo.getMany(['a'], (keys) => new Map(keys.map((id) => [id, found(id)])))).toEqualTypeOf<
      Promise<Map<string, User>>
    >();
    class NotFound extends Error {}
    const orNotFound = (id: string): User | NotFound => (id === '' ? new NotFound() : { id });
    const load: LoadMany<User> = (keys) => keys.map(orNotFound);
    expectTypeOf(memo.getMany(['a'], load)).toEqualTypeOf<Promise<Map<string, User>>>();
  });

  it('calls functions among the options with the key', () => {
    void memo.getMany(['a'], () => [1], { etag: (key) => key.trim(), maxAge: (key) => key.length });
    // @ts-expect-error a key is text
    void memo.getMany(['a'], () => [1], { etag: (key: number) => key });
    // @ts-expect-error it gives a Map, or a list
    void memo.getMany(['a'], () => 1);
    // @ts-expect-error there is nothing to refresh them with
    void memo.getMany(['a'], undefined, { refresh: true });
  });
});

describe('a function of a Memoizer', () => {
  it('is a Memoized that knows the regions', () => {
    const cached = memo.memoize(fetchUser, { region: 'short' });
    expectTypeOf(cached).toEqualTypeOf<Memoized<typeof fetchUser, 'short' | 'long'>>();
    expectTypeOf(cached('42')).toEqualTypeOf<Promise<User>>();
    expectTypeOf(cached.with({ region: 'long' })).toEqualTypeOf<typeof fetchUser>();
    expectTypeOf(memo.memoize(render)('/')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(memo.memoize(first)(['a'])).toEqualTypeOf<Promise<string>>();
    const anywhere: Memoized<typeof fetchUser> = cached;
    void anywhere;
  });

  it('addresses its entries by its arguments', () => {
    const cached = memo.memoize(fetchUser);
    void cached.exists(['42']);
    void cached.etag(['42', true]);
    void cached.set(['42'], { id: '42' });
    void cached.expireAt(['42'], '2030-01-01T00:00:00Z');
    void cached.expireAt(['42'], new Date());
    void cached.expireAt(['42'], null);
    expectTypeOf(cached.exists).parameters.toEqualTypeOf<[args: [id: string, fresh?: boolean | undefined]]>();
    expectTypeOf(cached.etag(['42'])).toEqualTypeOf<Promise<string | undefined>>();
    // @ts-expect-error an id is text
    void cached.exists([42]);
    // @ts-expect-error the address is a list of arguments
    void cached.ttl('42');
    // @ts-expect-error a User has an id
    void cached.set(['42'], {});
    // @ts-expect-error that is no moment
    void cached.expireAt(['42'], true);
  });

  it('knows its arguments in its options', () => {
    void memo.memoize(fetchUser, {
      key: (id, fresh) => [id.trim(), fresh === true],
      normalize: ([id, fresh = false]) => [id.trim(), fresh],
      etag: async (id) => id.length,
      maxAge: (_id, fresh) => (fresh === true ? '1 second' : undefined),
      invalidation: new InvalidationSupport<[id: string, fresh?: boolean]>(),
    });
    // @ts-expect-error the function takes text
    void memo.memoize(fetchUser, { etag: (id: number) => id });
    // @ts-expect-error the function takes text
    void memo.memoize(fetchUser, { normalize: ([id]: [number]) => [id] });
    // @ts-expect-error it is a list
    void memo.memoize(fetchUser, { normalize: ([id]) => id });
    // @ts-expect-error an etag is text or a number
    void memo.memoize(fetchUser, { etag: () => ({}) });
  });

  it('knows them in the options of single calls', () => {
    const cached = memo.memoize(fetchUser);
    void cached.with({ etag: (id) => id.trim(), maxAge: (id) => id.length })('42');
    void cached.with({ etag: 7, maxAge: null, refresh: true, signal: new AbortController().signal })('42');
    // @ts-expect-error the function takes text
    void cached.with({ etag: (id: number) => id });
    // @ts-expect-error lifetimes are those of the function
    void cached.with({ expireAfter: '1 minute' });
    expectTypeOf<keyof MemoizedCallOptions>().toEqualTypeOf<'signal' | 'refresh' | 'etag' | 'maxAge' | 'region'>();
  });
});

describe('the options of calls and functions', () => {
  it('may be null where that says something', () => {
    const nothing = {
      namespace: null,
      updateAfter: null,
      expireAfter: null,
      maxAge: null,
      etag: null,
      jitter: null,
      timeout: null,
      postprocessing: null,
      lock: null,
      waitLimit: null,
      earlyRefresh: null,
      region: null,
    } as const;
    void memo.get('home', () => 1, nothing);
    void memo.exists('home', nothing);
    void memo.memoize(fetchUser, nothing);
    // @ts-expect-error there is always a storage
    void memo.get('home', () => 1, { storage: null });
    // @ts-expect-error it is 'lease' or 'none'
    void memo.get('home', () => 1, { coordination: null });
    // @ts-expect-error a lease has a length
    void memo.get('home', () => 1, { leaseTime: null });
    // @ts-expect-error it is 'compute', 'throw' or 'stale'
    void memo.get('home', () => 1, { onWaitLimit: null });
    // @ts-expect-error it is 'wrapped' or 'original'
    void memo.memoize(fetchUser, { errors: null });
    // @ts-expect-error it is 'bypass' or 'throw'
    void memo.memoize(fetchUser, { onStorageError: null });
    // @ts-expect-error without one it has the name of the function
    void memo.memoize(fetchUser, { name: null });
  });

  it('may be written before', () => {
    const layer: LayerOptions = { expireAfter: '1 minute', etag: (...args) => args.length };
    void memo.get('home', () => 1, layer);
    void memo.get('home', fetchUser, { ...layer, args: ['42'] });
    void memo.getMany(['home'], () => [1], layer);
    void memo.memoize(fetchUser, layer);
    const call: KeyedCallOptions<'short', [id: string]> = { region: 'short', args: ['42'], etag: (id) => id };
    void memo.exists('home', call);
    const ofFunction: MemoizerFunctionOptions<'short'> = { region: 'short', name: 'user' };
    void memo.memoize(fetchUser, ofFunction);
  });

  it('are those of calls and functions only', () => {
    // @ts-expect-error there is no such option
    void memo.get('home', () => 1, { expiresAfter: '1 hour' });
    // @ts-expect-error that bounds a storage
    void memo.get('home', () => 1, { capacity: 7 });
    // @ts-expect-error only functions have a name
    void memo.get('home', () => 1, { name: 'home' });
    // @ts-expect-error the Memoizer has a clock
    void memo.memoize(fetchUser, { clock: undefined });
    // @ts-expect-error the layers stand for it
    void memo.memoize(fetchUser, { configuration: undefined });
    // @ts-expect-error what is cleared is a namespace of a storage
    void memo.clear({ expireAfter: '1 hour' });
  });
});

describe('@memoized', () => {
  it('knows the arguments in etag, maxAge and normalize', () => {
    class Users {
      @memoized({ etag: (id) => id.trim() })
      async byEtag(id: string): Promise<User> {
        return { id };
      }

      @memoized({ maxAge: (id) => id.length, expireAfter: '5 minutes' })
      async byAge(id: string): Promise<User> {
        return { id };
      }

      @memoized({ normalize: ([id, fresh = false]) => [id.trim(), fresh] })
      async normalized(id: string, fresh?: boolean): Promise<User> {
        return { id: `${id} ${fresh === true}` };
      }

      @memoized({ etag: '1', maxAge: '1 minute' })
      async constant<T>(list: readonly T[]): Promise<T | undefined> {
        return list[0];
      }
    }
    expectTypeOf(new Users().byEtag).parameters.toEqualTypeOf<[id: string]>();
    expectTypeOf(new Users().constant([1])).toEqualTypeOf<Promise<number | undefined>>();
    expectTypeOf(memoizedMethod(new Users(), 'byAge').etag).parameters.toEqualTypeOf<[args: [id: string]]>();
  });

  it('refuses functions of other arguments', () => {
    class Users {
      // @ts-expect-error the method takes text
      @memoized({ etag: (id: number) => id })
      async byEtag(id: string): Promise<User> {
        return { id };
      }

      // @ts-expect-error the method takes text
      @memoized({ maxAge: (id: number) => id })
      async byAge(id: string): Promise<User> {
        return { id };
      }

      // @ts-expect-error the method takes text
      @memoized({ normalize: ([id]: [number]) => [id] })
      async normalized(id: string): Promise<User> {
        return { id };
      }
    }
    void Users;
  });
});
