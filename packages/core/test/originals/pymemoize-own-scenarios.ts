import { deferred } from '../support/deferred.js';
import { counter } from '../support/source.js';
import { type KeyedScenario, outcome } from './pymemoize-scenario.js';

/** What stands in memo for that which does not carry over from Python, and what PyMemoize does not have. */
export const ownScenarios: readonly KeyedScenario[] = [
  {
    row: 'P2',
    title: 'undefined says nothing, null says explicitly nothing',
    expected: { undefined: 60_000, null: Infinity, anyAge: true, anyEtag: 'value 1' },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('region', { expireAfter: '1 minute', maxAge: '1 second', etag: 'a' });
      const { call } = counter();
      await cache.get('undefined', call, { region: 'region', expireAfter: undefined, maxAge: null });
      await cache.get('null', counter().call, { region: 'region', expireAfter: null });
      const ttls = [await cache.ttl('undefined'), await cache.ttl('null')];
      await world.clock.advance('1 second');
      return {
        undefined: ttls[0],
        null: ttls[1],
        anyAge: await cache.exists('undefined', { region: 'region', maxAge: null }),
        anyEtag: await cache.get('undefined', call, { region: 'region', maxAge: null, etag: null }),
      };
    },
  },
  {
    row: 'P11',
    title: 'undefined is a value like any other',
    expected: { exists: true, computed: 1 },
    async observe(world) {
      const cache = world.cache();
      let computed = 0;
      const compute = async (): Promise<void> => void computed++;
      await cache.get('key', compute);
      await cache.get('key', compute);
      return { exists: await cache.exists('key'), computed };
    },
  },
  {
    row: 'P22',
    title: 'nothing is found by a call that has no use for what is kept',
    expected: ['value 1', 'value 2', 'value 3'],
    async observe(world) {
      const cache = world.cache({ expireAfter: 0 });
      const { call } = counter();
      return [await cache.get('key', call), await cache.get('key', call), await cache.get('key', call)];
    },
  },
  {
    row: 'P30',
    title: 'an etag may take its time, and is computed once for each call',
    expected: { values: ['value 1', 'value 1', 'value 2', 'value 2'], asked: 4 },
    async observe(world) {
      let [revision, asked] = [1, 0];
      const etag = async (): Promise<number> => (asked++, revision);
      const cached = world.cache().memoize(counter().call, { name: 'revised', etag });
      const values = [await cached(), await cached()];
      revision = 2;
      return { values: [...values, await cached(), await cached()], asked };
    },
  },
  {
    row: 'P30',
    title: 'the etag of a call counts, not the one that its function would compute',
    expected: ['value 1', 'b', 0],
    async observe(world) {
      const cache = world.cache();
      let asked = 0;
      cache.regions.set('computing', { etag: () => `computed ${asked++}` });
      const value = await cache.get('key', counter().call, { region: 'computing', etag: 'b' });
      return [value, await cache.etag('key'), asked];
    },
  },
  {
    row: 'P30',
    title: 'calls that want different etags at once get what was made from theirs',
    expected: { a: 'made from a', b: 'made from b', joined: 'made from a', kept: ['a', 'b'] },
    async observe(world) {
      const storage = world.open();
      const cache = world.cache({}, storage);
      const began: string[] = [];
      const answer = deferred<void>();
      const make = (etag: string) => async (): Promise<string> => {
        began.push(etag);
        await answer.promise;
        return `made from ${etag}`;
      };
      const asked = ['a', 'b', 'a'].map((etag) => cache.get('key', make(etag), { etag }));
      await world.settleOnce(storage, () => began.length > 0);
      answer.resolve();
      const [a, b, joined] = await Promise.all(asked);
      return { a, b, joined, kept: [...new Set(began)].toSorted() };
    },
  },
  {
    row: 'P41',
    title: 'a moment is a Date, epoch milliseconds, or text as ISO 8601 has it',
    expected: { ttls: [60_000, 60_000, 60_000], wrong: 'InvalidCallError' },
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      const end = world.clock.now() + 60_000;
      const ttls: unknown[] = [];
      for (const moment of [new Date(end), end, new Date(end).toISOString()]) {
        await cache.expire('key', null);
        await cache.expireAt('key', moment);
        ttls.push(await cache.ttl('key'));
      }
      return { ttls, wrong: await outcome(() => cache.expireAt('key', 'tomorrow')) };
    },
  },
  {
    row: 'P43',
    title: 'the lifetime of what never expires is infinite, that of what is not there is not known',
    expected: [Infinity, undefined],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      return [await cache.ttl('key'), await cache.ttl('another key')];
    },
  },
  {
    row: 'P53, P54, test_func_keys',
    title: 'calls that mean the same share an entry, however they are written, where normalize says so',
    expected: { values: Array(5).fill('value 1'), other: 'value 2', exists: true },
    async observe(world) {
      const normalize = ([a, b = 2, { c = 3, d = 4 } = {}]: Adding): Required<Adding> => [a, b, { c, d }];
      const cached = world.cache().memoize(counter().call, { name: 'adding', normalize: normalize as never });
      const values: unknown[] = [];
      for (const args of [[1], [1, 2], [1, undefined, { d: 4 }], [1, 2, { d: 4, c: 3 }], [1, 2, { c: 3 }]]) {
        values.push(await cached(...args));
      }
      return { values, other: await cached(1, 3), exists: await cached.exists([1, undefined, {}]) };
    },
  },
  {
    row: 'P54',
    title: 'the order in which an object names things does not matter',
    expected: ['value 1', 'value 1'],
    async observe(world) {
      const cached = world.cache().memoize(counter().call);
      return [await cached({ a: 1, b: 2 }), await cached({ b: 2, a: 1 })];
    },
  },
  {
    row: 'P55',
    title: 'the function gets all that the key is made of',
    expected: { called: 9, got: 9, found: 9 },
    async observe(world) {
      const cache = world.cache();
      const add = async (a: number, { b = 2 } = {}): Promise<number> => a + b;
      const options = { normalize: (([a, { b = 2 } = {}]: [number, { b?: number }?]) => [a, { b }]) as never };
      const cached = cache.memoize(add, options);
      const called = await cached(2, { b: 7 });
      const got = await cache.get('sum', add, { args: [2, { b: 7 }] as never[] });
      return { called, got, found: await cached(2, { b: 7 }) };
    },
  },
  {
    row: 'P57',
    title: 'a function that is bound to its first arguments has the entries of the whole one',
    expected: { values: ['value 1', 'value 1'], exists: true },
    async observe(world) {
      const cached = world.cache().memoize(counter().call);
      const bound = cached.bind(undefined, 1);
      return { values: [await bound(2), await cached(1, 2)], exists: await cached.exists([1, 2]) };
    },
  },
];

type Adding = [a: number, b?: number, rest?: { readonly c?: number; readonly d?: number }];
