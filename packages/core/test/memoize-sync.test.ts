import {
  CachedMethodFailedError,
  clearAll,
  clearAllSync,
  DeepcopyPostprocessing,
  InvalidCallError,
  InvalidKeyError,
  InvalidOptionError,
  Key,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  memoize,
  memoizeSync,
  type MemoizeSyncOptions,
  PostprocessingFailedError,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { counted, eventsOf } from './support/synchronous.js';

describe('memoizeSync', () => {
  it('answers at once, and calls the function once for each list of arguments', () => {
    const area = counted((width: number, height: number) => width * height);
    const cached = memoizeSync(area.call);
    expect([cached(2, 3), cached(2, 3), cached(3, 2)]).toEqual([6, 6, 6]);
    expect(area.calls).toEqual([
      [2, 3],
      [3, 2],
    ]);
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 2, joins: 0, loads: 2, size: 2, capacity: 4096 });
  });

  it('keeps the name, the length and the original of the function', () => {
    const slugify = (title: string): string => title.toLowerCase();
    const cached = memoizeSync(slugify);
    expect([cached.name, cached.length, cached.wrapped]).toEqual(['slugify', 1, slugify]);
  });

  it('remembers undefined, null, 0 and the empty text like any other value', () => {
    const echo = counted((value: unknown) => value);
    const cached = memoizeSync(echo.call, { key: (value) => String(value) });
    for (const value of [undefined, null, 0, '', NaN]) {
      expect([cached(value), cached(value)]).toEqual([value, value]);
    }
    expect(echo.calls).toHaveLength(5);
  });

  it('gives all callers the same object, or each a copy', () => {
    const list = (): string[] => ['red'];
    const shared = memoizeSync(list);
    expect(shared()).toBe(shared());
    const copied = memoizeSync(list, { postprocessing: new DeepcopyPostprocessing() });
    copied().push('mud');
    expect(copied()).toEqual(['red']);
  });

  it('says that postprocessing failed', () => {
    const cached = memoizeSync(() => () => 1, { postprocessing: new DeepcopyPostprocessing() });
    expect(() => cached()).toThrow(PostprocessingFailedError);
  });

  it('expires after half an hour if nothing else is said', () => {
    const clock = new ManualClock();
    const source = counted((id: string) => `user ${id}`);
    const cached = memoizeSync(source.call, { clock });
    cached('1');
    clock.set(30 * 60_000 - 1);
    cached('1');
    expect(source.calls).toHaveLength(1);
    clock.set(30 * 60_000);
    cached('1');
    expect(source.calls).toHaveLength(2);
    expect(cached.cacheParameters().expireAfter).toBe(30 * 60_000);
  });

  it('Q8: an expired entry that is found is a miss', () => {
    const clock = new ManualClock();
    const cached = memoizeSync((id: string) => `user ${id}`, { expireAfter: '1 minute', clock });
    cached('a');
    clock.set(60_000);
    cached('a');
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 2, size: 1 });
  });

  it('Q20: what is loaded anew is loaded for the arguments of this call, not of the first one', () => {
    const source = counted((value: string) => value.length);
    const cached = memoizeSync(source.call, { key: Key.single, expireAfter: true });
    expect([cached('a'), cached('bb')]).toEqual([1, 2]);
    expect(source.calls).toEqual([['a'], ['bb']]);
  });

  it('names calls by a function, a template, nothing at all, or an extractor', () => {
    const source = counted((id: number, purpose: string) => `${id} for ${purpose}`);
    const byFunction = memoizeSync(source.call, { key: (id) => id });
    expect([byFunction(1, 'a'), byFunction(1, 'b')]).toEqual(['1 for a', '1 for a']);
    const byTemplate = memoizeSync(source.call, { key: '{purpose}:{id}', params: ['id', 'purpose'] });
    expect([byTemplate(1, 'a'), byTemplate(1, 'b'), byTemplate(1, 'a')]).toEqual(['1 for a', '1 for b', '1 for a']);
    const single = memoizeSync(source.call, { key: Key.single });
    expect([single(1, 'a'), single(2, 'b')]).toEqual(['1 for a', '1 for a']);
    const extracted = memoizeSync(source.call, { key: { formatKey: (fn, [id]) => `${fn.name}(${String(id)})` } });
    expect([extracted(1, 'a'), extracted(1, 'b')]).toEqual(['1 for a', '1 for a']);
    expect(source.calls).toHaveLength(5);
  });

  it('lets everything see what normalize makes of the arguments', () => {
    const source = counted((title: string, separator?: string) => title.replaceAll(' ', separator ?? ''));
    const cached = memoizeSync(source.call, { normalize: ([title, separator = '-']) => [title.trim(), separator] });
    expect([cached(' a b'), cached('a b', '-'), cached.exists(['a b ', '-'])]).toEqual(['a-b', 'a-b', true]);
    expect(source.calls).toEqual([['a b', '-']]);
    const careless = memoizeSync((title: string) => title, { normalize: (args) => [args.pop()!.trim()] });
    const args: [string] = [' a b'];
    careless.delete(args);
    expect(args).toEqual([' a b']);
  });

  it('throws what is wrong with the call, and does not count it', () => {
    const cached = memoizeSync((value: unknown) => value);
    expect(() => cached(Symbol('x'))).toThrow(InvalidKeyError);
    const misnamed = memoizeSync(() => 1, { key: { formatKey: () => '' } });
    expect(() => misnamed()).toThrow(InvalidKeyError);
    const unnormal = memoizeSync(() => 1, { normalize: () => 7 as unknown as [] });
    expect(() => unnormal()).toThrow(
      'normalize: expected a list of arguments from it, at once, got 7. Write normalize: (args) => [...args].',
    );
    const broken = memoizeSync(() => 1, {
      key: () => {
        throw new RangeError('no key');
      },
    });
    expect(() => broken()).toThrow(RangeError);
    for (const each of [cached, misnamed, unnormal, broken]) {
      expect(each.cacheInfo()).toMatchObject({ hits: 0, misses: 0, loads: 0 });
    }
  });

  it('passes this on; a method that is wrapped alone shares by its arguments', () => {
    class Titles {
      readonly prefix: string;
      constructor(prefix: string) {
        this.prefix = prefix;
      }
      readonly own = memoizeSync((title: string) => `${this.prefix}/${title}`);
      static shared = memoizeSync(function (this: Titles, title: string) {
        return `${this.prefix}/${title}`;
      });
      shared(title: string): string {
        return Titles.shared.call(this, title);
      }
    }
    const [news, blog] = [new Titles('news'), new Titles('blog')];
    expect([news.own('a'), blog.own('a')]).toEqual(['news/a', 'blog/a']);
    expect([news.shared('a'), blog.shared('a')]).toEqual(['news/a', 'news/a']);
    const refreshed = Titles.shared.with({ refresh: true });
    expect(refreshed.call(blog, 'a')).toBe('blog/a');
  });
});

describe('lists of options', () => {
  const slugify = (title: string): string => title.toLowerCase();
  const useMemoize = `Use memoize, also for synchronous functions: it answers with promises.`;
  const nobody = `because it is about processes that share a storage, and nothing is shared`;
  const nobodyAdvice = `Leave it out; nobody else can load meanwhile.`;
  const behind = `because nothing can be refreshed behind a synchronous caller's back`;
  const behindAdvice = `Let 'expireAfter' say how old a result may be, or use memoize.`;
  const closing = `because closing may take time, for which a synchronous function cannot wait`;
  const closingAdvice = `Use memoize, also for synchronous functions: it closes what leaves.`;

  const refused: readonly [option: string, value: unknown, shown: string, because: string, advice: string][] = [
    ['storage', new Map(), 'an object of class Map', 'because a storage may answer later', useMemoize],
    [
      'configuration',
      {},
      'an object of class Object',
      'because it has a storage, which may answer later',
      `Give its other parts as options, or use memoize.`,
    ],
    ['namespace', 'app', '"app"', 'because it is about storages, and there is none', useMemoize],
    ['onStorageError', 'throw', '"throw"', 'because it is about storages, and there is none', useMemoize],
    ['updateAfter', '1 minute', '"1 minute"', behind, behindAdvice],
    ['earlyRefresh', true, 'true', behind, behindAdvice],
    [
      'timeout',
      '1 minute',
      '"1 minute"',
      'because a synchronous function cannot be interrupted',
      `Leave it out; its caller waits until it has ended.`,
    ],
    ['jitter', 0.1, '0.1', 'because no two calls load at the same time', `Leave it out.`],
    ['dispose', true, 'true', closing, closingAdvice],
    ['closeDelay', '1 minute', '"1 minute"', closing, closingAdvice],
    ['coordination', 'none', '"none"', nobody, nobodyAdvice],
    ['leaseTime', 3000, '3000', nobody, nobodyAdvice],
    ['waitLimit', 3000, '3000', nobody, nobodyAdvice],
    ['onWaitLimit', 'throw', '"throw"', nobody, nobodyAdvice],
    ['lock', null, 'null', nobody, nobodyAdvice],
    [
      'updateStatuses',
      {},
      'an object of class Object',
      'because no other call can come during a load',
      `Leave it out.`,
    ],
    [
      'invalidation',
      {},
      'an object of class Object',
      'because it invalidates later',
      `Call 'delete' of the function, or bind it: invalidation.bind(async (args) => fn.delete(args)).`,
    ],
  ];
  it.each(refused)('%s is refused, with the reason', (option, value, shown, because, advice) => {
    const wrap = () => memoizeSync(slugify, { [option]: value });
    expect(wrap).toThrow(InvalidOptionError);
    expect(wrap).toThrow(`memoizeSync: option '${option}' should be left out, ${because}, got ${shown}. ${advice}`);
  });

  const later = async (): Promise<never> => Promise.reject(new Error('later'));
  const asynchronous: readonly [option: string, options: object][] = [
    ['key', { key: later }],
    ['normalize', { normalize: later }],
    ['enabled', { enabled: later }],
    ['etag', { etag: later }],
    ['maxAge', { maxAge: later }],
    ['expireAfter', { expireAfter: later }],
    ['negative.expireAfter', { negative: { expireAfter: later } }],
    ['negative.when', { negative: { when: later } }],
    ['retry.when', { retry: { count: 1, when: later } }],
  ];
  it.each(asynchronous)('an async function as %s is refused when wrapping', (option, options) => {
    expect(() => memoizeSync(slugify, options)).toThrow(
      `memoizeSync: option '${option}' should be a function that answers at once, got function later. ` +
        `A synchronous caller cannot wait for an async function: use memoize.`,
    );
  });

  const wrong: readonly [title: string, options: unknown, message: string][] = [
    ['text', '1 hour', 'memoizeSync: expected an object of options, got "1 hour".'],
    ['null', null, 'memoizeSync: expected an object of options, got null.'],
    [
      'an unknown one',
      { expiresAfter: '1 hour' },
      `memoizeSync: option 'expiresAfter' should be left out, since there is no such option, got "1 hour". Did you mean 'expireAfter'?`,
    ],
    [
      'a capacity below 0 (Q5)',
      { capacity: -1 },
      `memoizeSync: option 'capacity' should be a whole number from 0 on, or null for no bound, got -1.`,
    ],
    [
      'a capacity beside a strategy',
      { capacity: 1, evictionStrategy: new LeastRecentlyUsedEvictionStrategy(1) },
      `memoizeSync: option 'capacity' should be left out where 'evictionStrategy' is given, got 1. Give the capacity to the strategy.`,
    ],
    [
      'a retry below 0 (Q5)',
      { retry: -1 },
      `memoizeSync: option 'retry' should be a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got -1.`,
    ],
    [
      'a wait between attempts',
      { retry: { count: 3, backoff: '1 second' } },
      `memoizeSync: option 'retry.backoff' should be left out, since a synchronous function cannot wait, got "1 second".`,
    ],
    [
      'enabled: 1',
      { enabled: 1 },
      `memoizeSync: option 'enabled' should be true or false, or a function of nothing, got 1.`,
    ],
    [
      'an unknown part of negative',
      { negative: { expiresAfter: 1 } },
      `memoizeSync: option 'negative.expiresAfter' should be left out, since there is no such option, got 1. Did you mean 'expireAfter'?`,
    ],
    ['errors', { errors: 'none' }, `memoizeSync: option 'errors' should be 'wrapped' or 'original', got "none".`],
    [
      'names without a template',
      { params: ['title'] },
      `memoizeSync: option 'params' should be left out where 'key' is no template`,
    ],
  ];
  it.each(wrong)('%s is refused', (_, options, message) => {
    expect(() => memoizeSync(slugify, options as MemoizeSyncOptions)).toThrow(message);
  });

  it('what cannot be read as a time is refused when wrapping, not at the first call (Q3)', () => {
    for (const [option, options] of [
      ['expireAfter', { expireAfter: 'garbage' }],
      ['removeExpiredEvery', { removeExpiredEvery: 'garbage' }],
      ['staleIfError', { staleIfError: 'garbage' }],
      ['maxAge', { maxAge: 'garbage' }],
      ['negative.expireAfter', { negative: { expireAfter: 'garbage' } }],
    ] as const) {
      expect(() => memoizeSync(slugify, options as object)).toThrow(
        new RegExp(`^memoizeSync: option '${option.replace('.', '\\.')}' should be .*, got "garbage"`),
      );
    }
  });

  it('says what it was given instead of a function', () => {
    const wrap = memoizeSync as (fn: unknown) => unknown;
    expect(() => wrap(undefined)).toThrow(
      'memoizeSync: expected a function to be cached, got undefined. Write memoizeSync(fn, options).',
    );
    expect(() => wrap('text')).toThrow(InvalidCallError);
  });

  it('an eviction strategy keeps the books of one function', () => {
    const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(1);
    memoizeSync(slugify, { evictionStrategy });
    expect(() => memoizeSync(slugify, { evictionStrategy })).toThrow(
      `memoizeSync: option 'evictionStrategy' should be for one storage, and this one keeps the books of another storage already, ` +
        `got an object of class LeastRecentlyUsedEvictionStrategy. Make a strategy for each storage, or give the functions one storage.`,
    );
    expect(() => memoize(slugify, { evictionStrategy })).toThrow(InvalidOptionError);
  });

  it('of single calls are checked when they are said', () => {
    const cached = memoizeSync(slugify);
    const say = cached.with as (options: unknown) => unknown;
    expect(() => say({ signal: new AbortController().signal })).toThrow(
      `with: option 'signal' should be left out, because nobody can leave a synchronous call before it has ended, ` +
        `got an object of class AbortSignal. Leave it out, or use memoize.`,
    );
    expect(() => say({ region: 'a' })).toThrow(
      `with: option 'region' should be left out, since there is no such option, got "a". The options are refresh, etag, maxAge.`,
    );
    expect(() => say({ maxAge: 'garbage' })).toThrow(/^with: option 'maxAge' should be /);
  });
});

describe('operations', () => {
  function cachedUser(options: MemoizeSyncOptions<[id: string], string> = {}) {
    const clock = new ManualClock(1_700_000_000_000);
    const source = counted((id: string) => `user ${id}`);
    return { clock, source, cached: memoizeSync(source.call, { expireAfter: '10 minutes', clock, ...options }) };
  }

  it('tell and change the lifetime of an entry', () => {
    const { clock, cached } = cachedUser();
    const start = clock.now();
    expect([cached.exists(['1']), cached.ttl(['1']), cached.expire(['1'], 5)]).toEqual([false, undefined, false]);
    cached('1');
    expect([cached.exists(['1']), cached.ttl(['1'])]).toEqual([true, 600_000]);
    expect([cached.expire(['1'], '10 seconds'), cached.ttl(['1'])]).toEqual([true, 10_000]);
    expect([cached.expireAt(['1'], new Date(start + 7_000)), cached.ttl(['1'])]).toEqual([true, 7_000]);
    expect([cached.expire(['1'], null), cached.ttl(['1'])]).toEqual([true, Infinity]);
    expect([cached.expireAt(['1'], null), cached.ttl(['1'])]).toEqual([true, Infinity]);
    expect([cached.expireAt(['1'], start + 3_000), cached.ttl(['1'])]).toEqual([true, 3_000]);
    clock.set(start + 3_000);
    expect([cached.exists(['1']), cached.ttl(['1'])]).toEqual([false, undefined]);
    expect([cached.expire(['1'], '1 hour'), cached.expireAt(['1'], null)]).toEqual([false, false]);
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 1 });
  });

  it('refuse moments and lengths that are none, as memoize does', () => {
    const { cached } = cachedUser();
    cached('1');
    expect(() => cached.expireAt(['1'], 'tomorrow')).toThrow(InvalidCallError);
    expect(() => cached.expireAt(['1'], 1_700_000_000)).toThrow(
      'expireAt: expected a moment within the last ten years, or a later one, got 1700000000. ' +
        'A number is epoch milliseconds. If it counts seconds, write new Date(seconds * 1000).',
    );
    expect(() => cached.expire(['1'], 'soon')).toThrow(/^expire: option 'after' should be /);
    expect(cached.ttl(['1'])).toBe(600_000);
  });

  it('take an entry away, put one there, load one anew', () => {
    const { source, cached } = cachedUser();
    expect(cached.delete(['1'])).toBe(false);
    cached('1');
    expect([cached.delete(['1']), cached.delete(['1']), cached.exists(['1'])]).toEqual([true, false, false]);
    cached.set(['1'], 'somebody');
    expect([cached('1'), cached.ttl(['1'])]).toEqual(['somebody', 600_000]);
    expect([cached.refresh('1'), cached('1')]).toEqual(['user 1', 'user 1']);
    expect(cached.with({ refresh: true })('1')).toBe('user 1');
    expect(source.calls).toHaveLength(3);
    expect(cached.cacheInfo()).toMatchObject({ hits: 2, misses: 1, loads: 3, refreshes: 2, invalidations: 3 });
  });

  it('clear everything, and remove what has expired', () => {
    const { clock, cached } = cachedUser();
    ['1', '2', '3'].forEach((id) => cached(id));
    clock.set(clock.now() + 300_000);
    cached('4');
    clock.set(clock.now() + 300_000);
    expect([cached.cacheInfo().size, cached.removeExpired(), cached.cacheInfo().size]).toEqual([4, 3, 1]);
    expect(cached.cacheInfo().lastExpirationCheck).toBe(clock.now());
    cached.clear();
    expect([cached.cacheInfo().size, cached.exists(['4'])]).toEqual([0, false]);
  });

  it('say what is wrong with an address', () => {
    const { cached } = cachedUser();
    expect(() => cached.delete('1' as unknown as [string])).toThrow(
      `delete: expected the arguments of a call as an array, got "1". Write delete(['42']).`,
    );
  });

  it('tell how the function is cached, frozen', () => {
    const { cached } = cachedUser({
      name: 'user',
      capacity: 10,
      maxAge: '1 minute',
      retry: 2,
      negative: {},
      staleIfError: '1 hour',
      removeExpiredEvery: '1 day',
      errors: 'original',
    });
    expect(cached.cacheParameters()).toEqual({
      name: 'user',
      capacity: 10,
      expireAfter: 600_000,
      maxAge: 60_000,
      retries: 2,
      negative: true,
      staleIfError: 3_600_000,
      removeExpiredEvery: 86_400_000,
      errors: 'original',
    });
    expect(Object.isFrozen(cached.cacheParameters())).toBe(true);
    expect(Object.isFrozen(cached.cacheInfo())).toBe(true);
    expect(memoizeSync(() => 1, { expireAfter: () => true, capacity: null }).cacheParameters()).toEqual({
      name: 'anonymous',
      capacity: undefined,
      expireAfter: undefined,
      maxAge: undefined,
      retries: 0,
      negative: false,
      staleIfError: 0,
      removeExpiredEvery: undefined,
      errors: 'wrapped',
    });
  });
});

describe('demands', () => {
  it('of an etag: an entry of another revision has expired for the call', () => {
    let revision: number | undefined = 1;
    const render = counted((page: string) => `${page} of revision ${revision}`);
    const cached = memoizeSync(render.call, { etag: () => revision });
    expect([cached('home'), cached('home')]).toEqual(['home of revision 1', 'home of revision 1']);
    expect(cached.etag(['home'])).toBe('1');
    revision = 2;
    expect(cached.etag(['home'])).toBe('1');
    expect([cached.exists(['home']), cached('home'), cached.etag(['home'])]).toEqual([
      false,
      'home of revision 2',
      '2',
    ]);
    revision = undefined;
    expect([cached('home'), cached.etag(['home'])]).toEqual(['home of revision 2', '2']);
    expect(cached.with({ etag: 3 })('home')).toBe('home of revision undefined');
    expect(cached.with({ etag: null })('home')).toBe('home of revision undefined');
    expect(render.calls).toHaveLength(3);
    revision = 4;
    cached.set(['home'], 'put there');
    expect(cached.etag(['home'])).toBe('4');
  });

  it('of an age: it only tightens', () => {
    const clock = new ManualClock();
    let ticks = 0;
    const tick = counted(() => ++ticks);
    const cached = memoizeSync(tick.call, { expireAfter: '1 hour', maxAge: '10 minutes', clock });
    const recent = cached.with({ maxAge: '1 minute' });
    const any = cached.with({ maxAge: null });
    expect([cached(), cached.ttl([])]).toEqual([1, 600_000]);
    clock.set(60_000);
    expect([cached(), recent(), cached()]).toEqual([1, 2, 2]);
    clock.set(60_000 + 600_000);
    expect([any(), cached.exists([]), cached.etag([])]).toEqual([2, false, undefined]);
    expect(cached()).toBe(3);
  });

  it('what their functions throw is the failure of the call', () => {
    const cached = memoizeSync((page: string) => page, {
      etag: () => {
        throw new RangeError('no revision');
      },
    });
    expect(() => cached('home')).toThrow(RangeError);
    expect(() => cached.exists(['home'])).toThrow(RangeError);
    const misread = memoizeSync((page: string) => page, { etag: () => ({}) as string });
    expect(() => misread('home')).toThrow(InvalidCallError);
  });
});

describe('capacity', () => {
  it('lets an entry go that was not read since it came, and tells so', () => {
    const { events, onEvent } = eventsOf();
    const square = counted((n: number) => n * n);
    const cached = memoizeSync(square.call, { capacity: 2, onEvent });
    [1, 2, 1, 3, 1].forEach((n) => cached(n));
    expect(square.calls.flat()).toEqual([1, 2, 3]);
    expect(events('evicted').map(({ key }) => key)).toEqual(['(2)']);
    expect(cached.cacheInfo()).toMatchObject({ evictions: 1, size: 2, capacity: 2 });
  });

  it('or the least recently updated, and tells so', () => {
    const { events, onEvent } = eventsOf();
    const square = counted((n: number) => n * n);
    const evictionStrategy = new LeastRecentlyUpdatedEvictionStrategy(2);
    const cached = memoizeSync(square.call, { evictionStrategy, onEvent });
    [1, 2, 1, 3, 1].forEach((n) => cached(n));
    expect(square.calls.flat()).toEqual([1, 2, 3, 1]);
    expect(events('evicted').map(({ key }) => key)).toEqual(['(1)', '(2)']);
    expect(cached.cacheInfo()).toMatchObject({ evictions: 2, size: 2, capacity: 2 });
  });

  it('Q71: or the least recently used', () => {
    const square = counted((n: number) => n * n);
    const cached = memoizeSync(square.call, { evictionStrategy: new LeastRecentlyUsedEvictionStrategy(2) });
    [1, 2, 1, 3, 2, 1].forEach((n) => cached(n));
    expect(square.calls.flat()).toEqual([1, 2, 3, 2, 1]);
  });

  it('Q70: without a bound everything is kept', () => {
    const cached = memoizeSync((n: number) => n, { capacity: null });
    for (let n = 0; n < 5_000; n++) cached(n);
    expect(cached.cacheInfo()).toMatchObject({ size: 5_000, evictions: 0, capacity: undefined });
  });

  it('Q4: of 0 keeps nothing', () => {
    const square = counted((n: number) => n * n);
    const cached = memoizeSync(square.call, { capacity: 0 });
    expect([cached(2), cached(2), cached.cacheInfo().size]).toEqual([4, 4, 0]);
    expect(square.calls).toHaveLength(2);
  });

  it('Q73: a full cache that was cleared goes on', () => {
    const cached = memoizeSync((n: number) => n, { capacity: 2 });
    [1, 2, 3].forEach((n) => cached(n));
    cached.clear();
    expect([4, 5, 6].map((n) => cached(n))).toEqual([4, 5, 6]);
    expect([cached.cacheInfo().size, cached.exists([5]), cached.exists([6])]).toEqual([2, true, true]);
  });

  it('Q74: a full cache that was swept goes on, and what comes later is swept, too', () => {
    const clock = new ManualClock();
    const cached = memoizeSync((n: number) => n, { capacity: 3, expireAfter: '1 minute', clock });
    [1, 2, 3].forEach((n) => cached(n));
    clock.set(60_000);
    expect(cached.removeExpired()).toBe(3);
    [4, 5, 6].forEach((n) => cached(n));
    expect(cached.cacheInfo().size).toBe(3);
    clock.set(120_000);
    expect([cached.removeExpired(), cached.cacheInfo().size]).toEqual([3, 0]);
  });

  it('a strategy that throws is an event, and the call is answered', () => {
    const { events, onEvent } = eventsOf();
    const broken = (): never => {
      throw new Error('no books');
    };
    const evictionStrategy = { markRead: broken, markWritten: broken, markReleased: broken, nextToRelease: broken };
    const cached = memoizeSync((n: number) => n, { evictionStrategy, onEvent });
    expect([cached(1), cached(1), cached.delete([1]), cached(1)]).toEqual([1, 1, true, 1]);
    expect(events('policy-failed').map(({ policy, error }) => [policy, error.message])).toContainEqual([
      'eviction',
      `The policy 'eviction' failed at key "(1)": no books`,
    ]);
  });

  it('a strategy that never has enough cannot hold a call up', () => {
    let named = 0;
    const evictionStrategy = {
      markRead: () => undefined,
      markWritten: () => undefined,
      markReleased: () => undefined,
      nextToRelease: () => `key ${++named}`,
    };
    expect(memoizeSync((n: number) => n, { evictionStrategy })(1)).toBe(1);
    expect(named).toBe(64);
  });
});

describe('enabled', () => {
  it('off: the function is called each time, and nothing is kept', () => {
    const { events, onEvent } = eventsOf();
    const source = counted((id: string) => `user ${id}`);
    const cached = memoizeSync(source.call, { enabled: false, onEvent });
    expect([cached('1'), cached('1'), cached.refresh('1')]).toEqual(['user 1', 'user 1', 'user 1']);
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 3, loads: 3, size: 0, declined: 0 });
    expect(events().map(({ type }) => type)).toEqual(
      Array.from({ length: 3 }, () => ['miss', 'load-started', 'load-ended']).flat(),
    );
  });

  it('is asked at each call', () => {
    let enabled = true;
    const source = counted((id: string) => `user ${id}`);
    const cached = memoizeSync(source.call, { enabled: () => enabled });
    cached('1');
    enabled = false;
    cached('1');
    enabled = true;
    cached('1');
    expect(source.calls).toHaveLength(2);
  });

  it('where nobody can say it, the cache is used, and that is an event', () => {
    const { events, onEvent } = eventsOf();
    const cached = memoizeSync((id: string) => id, {
      enabled: () => {
        throw new Error('who knows');
      },
      onEvent,
    });
    expect([cached('1'), cached('1')]).toEqual(['1', '1']);
    expect(cached.cacheInfo().hits).toBe(1);
    expect(events('policy-failed').map(({ policy, error }) => [policy, error.message])).toEqual([
      ['enabled', `The policy 'enabled' failed at key "1": who knows`],
      ['enabled', `The policy 'enabled' failed at key "1": who knows`],
    ]);
  });

  it('says true or false, and nothing else', () => {
    const { events, onEvent } = eventsOf();
    const cached = memoizeSync((id: string) => id, { enabled: () => 0 as unknown as boolean, onEvent });
    expect([cached('1'), cached('1'), cached.cacheInfo().hits]).toEqual(['1', '1', 1]);
    expect(events('policy-failed')[0]?.error.message).toBe(
      `The policy 'enabled' failed at key "1": enabled: expected true or false from it, at once, got 0.`,
    );
  });

  it('off: it fails, and is tried again, as ever; recursion is its own', () => {
    const source = counted((): string => {
      throw new RangeError('down');
    });
    const cached = memoizeSync(source.call, {
      enabled: false,
      retry: 2,
      negative: { as: 'value' },
      staleIfError: '1 hour',
    });
    expect(() => cached()).toThrow(CachedMethodFailedError);
    expect(() => memoizeSync(source.call, { enabled: false, errors: 'original' })()).toThrow(RangeError);
    expect(source.calls).toHaveLength(4);
    let depth = 0;
    const recursive: () => number = memoizeSync((): number => (++depth < 3 ? recursive() : depth), { enabled: false });
    expect(recursive()).toBe(3);
  });

  it('off: nothing is judged, and nothing is demanded', () => {
    const asked = (): never => {
      throw new Error('asked');
    };
    const { events, onEvent } = eventsOf();
    const cached = memoizeSync(() => 1, { enabled: false, etag: asked, maxAge: asked, expireAfter: asked, onEvent });
    expect(cached()).toBe(1);
    expect(events('policy-failed')).toEqual([]);
  });
});

describe('clearAll', () => {
  it('Q10: clears synchronous functions, clearAllSync these alone', async () => {
    const cached = memoizeSync((id: string) => id);
    const later = memoize(async (id: string) => id);
    await later('1');
    cached('1');
    clearAllSync();
    expect([cached.exists(['1']), await later.exists(['1'])]).toEqual([false, true]);
    cached('1');
    await clearAll();
    expect([cached.exists(['1']), await later.exists(['1'])]).toEqual([false, false]);
  });
});

describe('events', () => {
  it('tell what happened, in its order', () => {
    const clock = new ManualClock();
    const { events, onEvent } = eventsOf();
    const cached = memoizeSync((id: string) => `user ${id}`, {
      name: 'user',
      expireAfter: '1 minute',
      capacity: 1,
      clock,
      onEvent,
    });
    cached('1');
    cached('1');
    cached.refresh('1');
    cached('2');
    cached.set(['2'], 'somebody');
    cached.delete(['2']);
    cached.removeExpired();
    cached.clear();
    expect(events().map(({ name, type, key }) => `${name} ${type} ${key}`)).toEqual([
      'user miss 1',
      'user load-started 1',
      'user load-ended 1',
      'user hit 1',
      'user load-started 1',
      'user load-ended 1',
      'user refreshed 1',
      'user miss 2',
      'user load-started 2',
      'user load-ended 2',
      'user evicted 1',
      'user set 2',
      'user invalidated 2',
      'user expired-removed ',
      'user cleared ',
    ]);
    expect(events('refreshed')[0]?.entry).toEqual({
      value: 'user 1',
      created: 0,
      updateAfter: Infinity,
      expiresAfter: 60_000,
    });
  });

  it('tell how long a load took, and when it ended', () => {
    const clock = new ManualClock(1_000);
    const { events, onEvent } = eventsOf();
    const cached = memoizeSync(
      () => {
        clock.set(clock.now() + 250);
        return 1;
      },
      { clock: { now: () => clock.now(), setTimer: () => () => undefined }, onEvent },
    );
    cached();
    expect(events('load-ended')[0]?.duration).toBe(250);
    cached();
    expect(events('hit')[0]?.entry).toMatchObject({ created: 1_250 });
  });

  it('a listener that throws, or calls the function, harms nobody', () => {
    let cached: ((id: string) => string) | undefined = undefined;
    let told = 0;
    cached = memoizeSync((id: string) => `user ${id}`, {
      expireAfter: 0,
      onEvent: () => {
        if (++told > 100) throw new Error('too much');
        cached?.('1');
        throw new Error('listener');
      },
    });
    expect(cached('1')).toBe('user 1');
    expect(told).toBeLessThan(100);
  });
});

describe('what cannot be weighed', () => {
  const weighings = {
    'no weigh': undefined,
    'a wrong weight': () => -1,
    'an error': () => {
      throw new Error('no scales');
    },
  };

  it.each(Object.entries(weighings))('goes at once: %s', (_, weigh) => {
    const events: string[] = [];
    const onEvent = ({ type }: { readonly type: string }) => events.push(type);
    const box = memoizeSync((id: number) => ({ id }), { maxWeight: 3, ...(weigh && { weigh }), onEvent });
    for (let id = 0; id < 10; id++) expect(box(id)).toEqual({ id });
    expect(box.cacheInfo().size).toBe(0);
    expect(events.filter((type) => type === 'policy-failed')).toHaveLength(10);
  });
});
