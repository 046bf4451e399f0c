import { memoKey } from '@memo/core';
import { counter } from '../support/source.js';
import { type KeyedDefect, type KeyedScenario, outcome } from './pymemoize-scenario.js';

/** Cached functions (P50 to P60). */
export const functionScenarios: readonly KeyedScenario[] = [
  {
    row: 'P50, test_decorator',
    title: 'caches a function, each list of arguments apart',
    expected: { calls: ['1', '1', '2', '2'], computed: 2 },
    async observe(world) {
      let computed = 0;
      const text = async (value: number): Promise<string> => (computed++, String(value));
      const cached = world.cache().memoize(text);
      const calls: unknown[] = [];
      for (const value of [1, 1, 2, 2]) calls.push(await cached(value));
      return { calls, computed };
    },
  },
  {
    row: 'P50, P59, test_decorator',
    title: 'has operations on what is kept for a list of arguments',
    expected: {
      exists: [true, false, false],
      ttls: [60_000, 10_000, 20_000],
      deleted: false,
      again: 'value 2',
    },
    async observe(world) {
      const cached = world
        .cache()
        .memoize(counter().call, { name: 'one minute', ...world.library.lifetime('1 minute') });
      await cached(1, 2);
      const exists = [await cached.exists([1, 2]), await cached.exists([]), await cached.exists([2, 1])];
      const ttls = [await cached.ttl([1, 2])];
      await cached.expire([1, 2], '10 seconds');
      ttls.push(await cached.ttl([1, 2]));
      await cached.expireAt([1, 2], world.clock.now() + 20_000);
      ttls.push(await cached.ttl([1, 2]));
      await cached.delete([1, 2]);
      return { exists, ttls, deleted: await cached.exists([1, 2]), again: await cached(1, 2) };
    },
  },
  {
    row: 'P51, test_func_keys',
    title: 'a name of their own keeps functions apart that are named alike',
    expected: ['value 1', 'value 1', 'value 2'],
    async observe(world) {
      const cache = world.cache();
      const source = counter();
      const one = cache.memoize(source.call, { name: 'key, sub' });
      const other = cache.memoize(source.call, { name: 'key' });
      return [await one(1, 2), await one(1, 2), await other(1, 2)];
    },
  },
  {
    row: 'P56, test_method_decorator',
    title: 'objects as arguments have entries of their own by what they are called',
    expected: { before: false, after: true, other: false, lists: [[1, 2], [1]] },
    async observe(world) {
      const append = async (list: NamedList, value: number): Promise<number> => list.values.push(value);
      const cached = world.cache().memoize(append);
      const [one, other] = [new NamedList('one'), new NamedList('other')];
      const before = await cached.exists([one, 1]);
      await cached(one, 1);
      await cached(one, 1);
      const [after, ofOther] = [await cached.exists([one, 1]), await cached.exists([other, 1])];
      await cached(other, 1);
      await cached(one, 2);
      return { before, after, other: ofOther, lists: [one.values, other.values] };
    },
  },
  {
    row: 'P60, test_set_func, test_decorate, test_multiple',
    title: 'options that are to change while it runs are those of a region, and the last ones count',
    expected: ['a', 'b', '2'],
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('changing', { etag: 'a' });
      const cached = cache.memoize(counter().call, { name: 'changing', region: 'changing' });
      const etags: unknown[] = [];
      for (const etag of ['a', 'b', (...args: unknown[]): string => String(args.length)]) {
        cache.regions.set('changing', { etag });
        await cached(1, 2);
        etags.push(await cached.etag([1, 2]));
      }
      return etags;
    },
  },
];

export const functionDefects: readonly KeyedDefect[] = [
  {
    row: 'P50',
    title: 'a cached function is a function with its own name, beside the original',
    mended: { type: 'function', name: 'counted', length: 0, wrapped: true },
    defective: { type: 'function', name: 'call', length: 0, wrapped: false },
    async observe(world) {
      const { call } = counter();
      const cached = world.cache().memoize(call) as { readonly wrapped?: unknown } & (() => unknown);
      return { type: typeof cached, name: cached.name, length: cached.length, wrapped: cached.wrapped === call };
    },
  },
  {
    row: 'P52',
    title: 'functions that have no name, or one name, are never taken for one another',
    mended: { anonymous: 'told apart', sameName: 'told apart' },
    defective: { anonymous: 'taken for one another', sameName: 'taken for one another' },
    async observe(world) {
      const verdict = async (fns: readonly (() => Promise<number>)[]): Promise<string> => {
        const cache = world.cache();
        const answers: unknown[] = [];
        for (const fn of fns) answers.push(await outcome(() => cache.memoize(fn)()));
        // To refuse one is to tell them apart, too.
        return answers[0] === answers[1] && answers[0] === 1 ? 'taken for one another' : 'told apart';
      };
      const named = (value: number): (() => Promise<number>) => {
        const answer = async (): Promise<number> => value;
        return answer;
      };
      return {
        anonymous: await verdict([async () => 1, async () => 2]),
        sameName: await verdict([named(1), named(2)]),
      };
    },
  },
  {
    row: 'P58',
    title: 'the operations of a function look where its entries are',
    mended: { exists: [true, true, true], ttl: [60_000, 60_000, 60_000], afterDelete: [false, false, false] },
    defective: {
      exists: [false, false, false],
      ttl: [undefined, undefined, undefined],
      afterDelete: ['found', 'found', 'found'],
    },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('elsewhere', { namespace: 'region', storage: world.open() });
      const lifetime = world.library.lifetime('1 minute');
      const functions = [
        cache.memoize(counter().call, { name: 'one', namespace: 'own', ...lifetime }),
        cache.memoize(counter().call, { name: 'two', region: 'elsewhere', ...lifetime }),
        cache.memoize(counter().call, { name: 'three', storage: world.open(), ...lifetime }),
      ];
      const all = <T>(ask: (cached: (typeof functions)[number]) => Promise<T>): Promise<T[]> =>
        Promise.all(functions.map(ask));
      await all((cached) => cached('x'));
      const [exists, ttl] = [await all((cached) => cached.exists(['x'])), await all((cached) => cached.ttl(['x']))];
      await all((cached) => cached.delete(['x']));
      const afterDelete = await all(async (cached) => (await cached('x')) === 'value 1' && 'found');
      return { exists, ttl, afterDelete };
    },
  },
  {
    row: 'P58',
    title: 'the operations of a function ask for what its calls ask for',
    mended: { expire: true, expireAt: true, ttl: 20_000, etag: 'a', newEnough: true, tooOld: false },
    defective: {
      expire: 'KeyError: "asking":module.counted("x")',
      expireAt: 'KeyError: "asking":module.counted("x")',
      ttl: undefined,
      etag: undefined,
      newEnough: false,
      tooOld: false,
    },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('region', { namespace: 'region' });
      const cached = cache.memoize(counter().call, { name: 'asking', region: 'region', etag: 'a' });
      await cached('x');
      const expire = await outcome(() => cached.expire(['x'], '10 seconds'));
      const expireAt = await outcome(() => cached.expireAt(['x'], world.clock.now() + 20_000));
      const [ttl, etag] = [await cached.ttl(['x']), await cached.etag(['x'])];
      await world.clock.advance('1 second');
      const newEnough = await cached.exists(['x']);
      cache.regions.set('region', { namespace: 'region', maxAge: '1 second' });
      return { expire, expireAt, ttl, etag, newEnough, tooOld: await cached.exists(['x']) };
    },
  },
];

/** An object that says what it is called in keys; PyMemoize asks for its `repr`. */
class NamedList {
  readonly values: number[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  [memoKey](): string {
    return this.#name;
  }
}
