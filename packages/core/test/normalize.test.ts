import {
  type CacheEvent,
  InvalidationSupport,
  LocalInMemoryCacheStorage,
  memoize,
  type Memoized,
  memoized,
  memoizedMethod,
  Memoizer,
  type MemoizeOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from './support/deferred.js';
import { slowSource } from './support/source.js';

type Search = [text: string, limit?: number];

/** With the default of the function filled in, and in the one spelling that matters to it. */
const asMeant = ([text, limit = 10]: Search): Search => [text.toLowerCase(), limit];

/** A function that answers with its arguments and how often it was called. */
function search(): { readonly call: (...args: Search) => Promise<string>; readonly calls: readonly Search[] } {
  const calls: Search[] = [];
  return {
    call: async (...args: Search) => `${args.join(' ')}, call ${calls.push(args)}`,
    calls,
  };
}

/** The ways to wrap a function. */
const doors = {
  memoize: { wrap: (fn, options) => memoize(fn, options), stored: 'search:("ada",10)' },
  'memo.memoize': {
    wrap: (fn, { clock, storage = new LocalInMemoryCacheStorage(), ...options }) =>
      new Memoizer(storage, { ...(clock && { clock }) }).memoize(fn, options),
    stored: '/search:("ada",10)',
  },
} as const satisfies Record<string, Door>;

interface Door {
  wrap(
    fn: (...args: Search) => Promise<string>,
    options: SearchOptions,
  ): Memoized<(...args: Search) => Promise<string>>;
  /** The key in the storage of what `search` answers. */
  readonly stored: string;
}

/** The options that both doors have. */
type SearchOptions = Pick<
  MemoizeOptions<Search>,
  | 'name'
  | 'storage'
  | 'clock'
  | 'onEvent'
  | 'key'
  | 'normalize'
  | 'invalidation'
  | 'etag'
  | 'maxAge'
  | 'updateAfter'
  | 'expireAfter'
>;

describe.each<[string, Door]>(Object.entries(doors))('normalize, by %s', (_, { wrap, stored }) => {
  it('lets calls share an entry that mean the same', async () => {
    const { call, calls } = search();
    const cached = wrap(call, { normalize: asMeant });
    const answers = await Promise.all([cached('Ada'), cached('ada', 10), cached('ADA', undefined)]);
    expect(answers).toEqual(['ada 10, call 1', 'ada 10, call 1', 'ada 10, call 1']);
    expect(await cached('ada', 11)).toBe('ada 11, call 2');
    expect(calls).toEqual([
      ['ada', 10],
      ['ada', 11],
    ]);
  });

  it('is asked once for each call, with the arguments as they were given', async () => {
    const asked: Search[] = [];
    const normalize = (args: Search): Search => (asked.push(args), asMeant(args));
    const cached = wrap(search().call, { normalize });
    await cached('Ada');
    await cached('ada', 10);
    await cached.exists(['ADA']);
    await cached.refresh('Ada', 10);
    await cached.with({ maxAge: '1 minute' })('ada');
    expect(asked).toEqual([['Ada'], ['ada', 10], ['ADA'], ['Ada', 10], ['ada']]);
  });

  it('comes before the key, the etag and the age', async () => {
    const seen: Record<string, Search[]> = { key: [], etag: [], maxAge: [] };
    const cached = wrap(search().call, {
      normalize: asMeant,
      key: (...args: Search) => (seen['key']!.push(args), args.join()),
      etag: (...args: Search) => (seen['etag']!.push(args), 'a'),
      maxAge: (...args: Search) => (seen['maxAge']!.push(args), '1 minute'),
    });
    await cached('Ada');
    const normalized = [['ada', 10]];
    expect(seen).toEqual({ key: normalized, etag: normalized, maxAge: normalized });
  });

  it('comes before an etag that has to be waited for', async () => {
    const { call, calls } = search();
    const cached = wrap(call, { normalize: asMeant, etag: async (text, limit) => `${text} ${limit}` });
    expect(await cached('Ada')).toBe('ada 10, call 1');
    expect(await cached.etag(['ADA', 10])).toBe('ada 10');
    expect(await cached.exists(['ADA'])).toBe(true);
    expect(calls).toEqual([['ada', 10]]);
  });

  it('addresses all operations', async () => {
    const { call } = search();
    const cached = wrap(call, { normalize: asMeant, etag: 'a', expireAfter: '1 minute', clock: new ManualClock() });
    await cached.set(['Ada'], 'set');
    expect(await cached('ada', 10)).toBe('set');
    expect(await cached.exists(['ADA', 10])).toBe(true);
    expect(await cached.ttl(['ADA'])).toBe(60_000);
    expect(await cached.etag(['ADA'])).toBe('a');
    expect(await cached.expire(['ADA'], '1 hour')).toBe(true);
    expect(await cached.ttl(['ada'])).toBe(3_600_000);
    expect(await cached.expireAt(['ADA', 10], null)).toBe(true);
    expect(await cached.ttl(['ada'])).toBe(Infinity);
    expect(await cached.refresh('ADA')).toBe('ada 10, call 1');
    expect(await cached('ada')).toBe('ada 10, call 1');
    expect(await cached.with({ refresh: true })('ADA')).toBe('ada 10, call 2');
    expect(await cached.delete(['Ada', 10])).toBe(true);
    expect(await cached.exists(['ada'])).toBe(false);
  });

  it('addresses an invalidation', async () => {
    const invalidation = new InvalidationSupport<Search>();
    const cached = wrap(search().call, { normalize: asMeant, invalidation });
    await cached('ada');
    await invalidation.invalidateForArguments(['ADA', 10]);
    expect(await cached('ada')).toBe('ada 10, call 2');
  });

  it('holds for what is loaded behind the caller', async () => {
    const { call, calls } = search();
    const clock = new ManualClock();
    const cached = wrap(call, { normalize: asMeant, updateAfter: '1 minute', expireAfter: '1 hour', clock });
    await cached('ada', 10);
    await clock.advance('1 minute');
    expect(await cached('Ada')).toBe('ada 10, call 1');
    await clock.advance(0);
    expect(await cached('ADA')).toBe('ada 10, call 2');
    expect(calls).toEqual([
      ['ada', 10],
      ['ada', 10],
    ]);
  });

  it('makes the same keys in every process', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const cached = wrap(search().call, { normalize: asMeant, name: 'search', storage });
    await cached('Ada');
    expect(storage.peek(stored)?.value).toBe('ada 10, call 1');
  });

  it('may leave out what makes no difference, which the function then does not see either', async () => {
    const { call, calls } = search();
    const cached = wrap(call, { normalize: ([text]) => [text] });
    await cached('Ada', 5);
    await cached('Ada', 7);
    expect(calls).toEqual([['Ada']]);
  });

  it('rejects with what it throws: the call itself is at fault, and nothing was asked of the cache', async () => {
    const { call, calls } = search();
    const events: CacheEvent['type'][] = [];
    const cached = wrap(call, {
      normalize: () => {
        throw new RangeError('no such search');
      },
      onEvent: ({ type }) => events.push(type),
    });
    await expect(cached('ada')).rejects.toThrow(new RangeError('no such search'));
    await expect(cached.with({ refresh: true })('ada')).rejects.toThrow(new RangeError('no such search'));
    await expect(cached.exists(['ada'])).rejects.toThrow(new RangeError('no such search'));
    await expect(cached.delete(['ada'])).rejects.toThrow(new RangeError('no such search'));
    expect([calls, events]).toEqual([[], []]);
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 0, joins: 0 });
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    ['ada', '"ada"'],
    [{ 0: 'ada', length: 1 }, 'an object of class Object'],
    [Promise.resolve(['ada']), 'an object of class Promise'],
  ])('refuses %o as its result', async (result, shown) => {
    const { call, calls } = search();
    const cached = wrap(call, { normalize: () => result as Search });
    const message = `normalize: expected a list of arguments from it, at once, got ${shown}. Write normalize: (args) => [...args].`;
    await expect(cached('ada')).rejects.toMatchObject({ code: 'INVALID_CALL', message });
    await expect(cached.ttl(['ada'])).rejects.toMatchObject({ code: 'INVALID_CALL', message });
    expect(calls).toEqual([]);
  });
});

describe('normalize', () => {
  it('is a function', () => {
    const normalize = 'lower case' as never;
    expect(() => memoize(search().call, { normalize })).toThrow(
      `memoize: option 'normalize' should be a function of a list of arguments, got "lower case".`,
    );
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    expect(() => memo.memoize(search().call, { normalize })).toThrow(
      `Memoizer.memoize: option 'normalize' should be a function of a list of arguments, got "lower case".`,
    );
  });

  it('leaves this alone', async () => {
    class Shop {
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
      readonly price = memoize(
        function (this: Shop, sku: string, currency = 'EUR') {
          return `${this.name}: ${sku} in ${currency}`;
        },
        { normalize: ([sku, currency = 'EUR']) => [sku, currency] },
      );
    }
    const shop = new Shop('corner');
    expect([await shop.price('1'), await shop.price('1', 'EUR')]).toEqual(['corner: 1 in EUR', 'corner: 1 in EUR']);
    expect(shop.price.cacheInfo()).toMatchObject({ hits: 1, misses: 1 });
  });

  it('is there for methods', async () => {
    class Users {
      @memoized({ normalize: ([id]: [id: string]): [string] => [id.trim()] })
      async find(id: string): Promise<string> {
        return `<${id}>`;
      }
    }
    const users = new Users();
    expect([await users.find('42'), await users.find(' 42 ')]).toEqual(['<42>', '<42>']);
    expect(await memoizedMethod(users, 'find').exists(['42 '])).toBe(true);
    expect(memoizedMethod(users, 'find').cacheInfo()).toMatchObject({ hits: 1, misses: 1 });
  });

  it('is asked by each caller who waits for one load', async () => {
    const source = slowSource();
    const cached = memoize(source.call, { normalize: ([id]) => [Number(id)] });
    const answers = Promise.all([cached('42'), cached(42), cached(' 42 ')]);
    await turn();
    source.answer('the answer');
    expect(await answers).toEqual(['the answer', 'the answer', 'the answer']);
    expect(source.calls).toEqual([[42]]);
  });

  it('is not handed the very list of an operation', async () => {
    const cached = memoize(async (...ids: string[]) => ids.join(), { normalize: (ids) => ids.sort() });
    await cached('b', 'a');
    const args: [string, string] = ['b', 'a'];
    expect([await cached.exists(args), args]).toEqual([true, ['b', 'a']]);
  });
});
