import { counter } from '../support/source.js';
import type { CallOptions } from './pymemoize-library.js';
import { type KeyedDefect, type KeyedScenario, left, outcome } from './pymemoize-scenario.js';

const minute = 60_000;

/** Options, regions, namespaces, stores (P1 to P7). */
export const optionScenarios: readonly KeyedScenario[] = [
  {
    row: 'P1',
    title: 'options for all calls, and regions that are added and changed while it runs',
    expected: [minute, 2 * minute, 3 * minute],
    async observe(world) {
      const { lifetime } = world.library;
      const cache = world.cache(lifetime('1 minute'));
      await cache.get('first', counter().call);
      cache.regions.set('long', lifetime('2 minutes'));
      await cache.get('second', counter().call, { region: 'long' });
      cache.regions.set('long', lifetime('3 minutes'));
      await cache.get('third', counter().call, { region: 'long' });
      return Promise.all(['first', 'second', 'third'].map((key) => left(cache, key)));
    },
  },
  {
    row: 'P2, P3',
    title: 'what is nearest to a call says: its own options, then its region, the parents of that, the default',
    expected: { nothing: 1, outer: 2, inner: 3, silent: 2, parentless: 1, call: 5 },
    async observe(world) {
      const { lifetime } = world.library;
      const cache = world.cache(lifetime('1 minute'));
      cache.regions.set('outer', lifetime('2 minutes'));
      cache.regions.set('inner', { parent: 'outer', ...lifetime('3 minutes') });
      cache.regions.set('silent', { parent: 'outer' });
      cache.regions.set('parentless', {});
      const minutesOf = async (key: string, options: CallOptions): Promise<number> => {
        await cache.get(key, counter().call, options);
        return Number(await left(cache, key)) / minute;
      };
      return {
        nothing: await minutesOf('nothing', {}),
        outer: await minutesOf('outer', { region: 'outer' }),
        inner: await minutesOf('inner', { region: 'inner' }),
        silent: await minutesOf('silent', { region: 'silent' }),
        parentless: await minutesOf('parentless', { region: 'parentless' }),
        call: await minutesOf('call', { region: 'inner', ...lifetime('5 minutes') }),
      };
    },
  },
  {
    row: 'P2',
    title: 'a function says more than its region, and less than nothing that a call says explicitly',
    expected: [4 * minute, 3 * minute, 'for ever', 'for ever'],
    async observe(world) {
      const { lifetime } = world.library;
      const storage = world.open();
      const cache = world.cache({}, storage);
      cache.regions.set('inner', lifetime('3 minutes'));
      cache.regions.set('endless', { parent: 'inner', ...lifetime(null) });
      const options = { region: 'inner', name: 'own lifetime', ...lifetime('4 minutes') };
      const own = cache.memoize(counter().call, options);
      const none = cache.memoize(counter().call, { region: 'inner', name: 'none' });
      await Promise.all([own(), none()]);
      await cache.get('null in a call', counter().call, { region: 'inner', ...lifetime(null) });
      await cache.get('null in a region', counter().call, { region: 'endless' });
      return [
        await own.ttl([]),
        await none.ttl([]),
        await left(cache, 'null in a call'),
        await left(cache, 'null in a region'),
      ];
    },
  },
  {
    row: 'P5, test_namespace',
    title: 'a namespace stands before the keys, and that of a call replaces that of the rest',
    expected: { master: [true, false, false], two: [false, true, false], deleted: [true, false] },
    async observe(world) {
      const storage = world.open();
      const cache = world.cache({ namespace: 'master' }, storage);
      const kept = (key: string): Promise<boolean[]> =>
        Promise.all(['master', '2', undefined].map((namespace) => world.keeps(storage, key, namespace)));
      await cache.get('key', counter().call);
      const master = await kept('key');
      await cache.get('key2', counter().call, { namespace: '2' });
      const two = await kept('key2');
      const deleted = [await cache.exists('key2', { namespace: '2' })];
      await cache.delete('key2', { namespace: '2' });
      deleted.push(await cache.exists('key2', { namespace: '2' }));
      return { master, two, deleted };
    },
  },
  {
    row: 'P2, P3, P5, test_region_parents',
    title: 'a region says something of its own or what its parent says, or nothing where it says so',
    expected: {
      default: { namespace: 'master', left: 'for ever' },
      a: { namespace: 'a', left: minute },
      b: { namespace: 'b', left: minute },
      c: { namespace: 'none', left: minute },
    },
    async observe(world) {
      const storage = world.open();
      const cache = world.cache({ namespace: 'master' }, storage);
      cache.regions.set('a', { namespace: 'a', ...world.library.lifetime('1 minute') });
      cache.regions.set('b', { namespace: 'b', parent: 'a' });
      cache.regions.set('c', { namespace: null, parent: 'b' });
      const observed: Record<string, unknown> = {};
      for (const region of ['default', 'a', 'b', 'c']) {
        await cache.get(region, counter().call, { region });
        let found = '';
        for (const namespace of ['master', 'a', 'b', undefined]) {
          if (await world.keeps(storage, region, namespace)) found += namespace ?? 'none';
        }
        observed[region] = { namespace: found, left: await left(cache, region, { region }) };
      }
      return observed;
    },
  },
  {
    row: 'P6, test_region',
    title: 'a store for all, for a region, for a call',
    expected: { key1: [true, false, false], key2: [false, true, false], key3: [false, false, true] },
    async observe(world) {
      const stores = [world.open(), world.open(), world.open()] as const;
      const cache = world.cache({}, stores[0]);
      cache.regions.set('secondary', { storage: stores[1] });
      await cache.get('key1', counter().call);
      await cache.get('key2', counter().call, { region: 'secondary' });
      await cache.get('key3', counter().call, { storage: stores[2] });
      const kept = (key: string): Promise<boolean[]> => Promise.all(stores.map((store) => world.keeps(store, key)));
      return { key1: await kept('key1'), key2: await kept('key2'), key3: await kept('key3') };
    },
  },
];

export const optionDefects: readonly KeyedDefect[] = [
  {
    row: 'P3',
    title: 'a region that does not exist is an error that has a name',
    mended: ['UnknownRegionError', 'UnknownRegionError'],
    defective: ['KeyError: nowhere', 'KeyError: nowhere'],
    async observe(world) {
      const cache = world.cache();
      const get = (): unknown => cache.get('key', counter().call, { region: 'nowhere' });
      return [await outcome(get), await outcome(() => cache.exists('key', { region: 'nowhere' }))];
    },
  },
  {
    row: 'P3',
    title: 'a region that is its own ancestor is an error where it is written, and stays what it was',
    mended: { written: 'InvalidOptionError', asked: 'value 1' },
    defective: { written: 'done', asked: 'Hangs' },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('a', {});
      cache.regions.set('b', { parent: 'a' });
      const write = (): string => {
        cache.regions.set('a', { parent: 'b' });
        return 'done';
      };
      const written = await outcome(write);
      return { written, asked: await outcome(() => cache.get('key', counter().call, { region: 'b' })) };
    },
  },
  {
    row: 'P3',
    title: 'a region that is its own parent is an error where it is written',
    mended: 'InvalidOptionError',
    defective: 'done',
    async observe(world) {
      const { regions } = world.cache();
      const write = (): string => {
        regions.set('a', { parent: 'a' });
        return 'done';
      };
      return outcome(write);
    },
  },
  {
    row: 'P4',
    title: 'an option that does not exist is an error, in a call, a region and a function',
    mended: { call: 'InvalidOptionError', region: 'InvalidOptionError', function: 'InvalidOptionError' },
    defective: { call: 'value 1', region: 'done', function: 'done' },
    async observe(world) {
      const cache = world.cache();
      // What the README of PyMemoize calls `expiry`.
      const options = { expire: '1 minute' } as object;
      const done = (_: unknown): string => 'done';
      return {
        call: await outcome(() => cache.get('key', counter().call, options)),
        region: await outcome(() => done(cache.regions.set('region', options))),
        function: await outcome(() => done(cache.memoize(counter().call, options))),
      };
    },
  },
  {
    row: 'P7',
    title: 'a key that is no text is an error of every operation, with and without a namespace',
    mended: {
      get: 'InvalidKeyError',
      exists: 'InvalidKeyError',
      delete: 'InvalidKeyError',
      named: 'InvalidKeyError',
    },
    defective: { get: 'TypeError: non-string key', exists: false, delete: false, named: 'value 1' },
    async observe(world) {
      const cache = world.cache();
      const key = 42 as unknown as string;
      return {
        get: await outcome(() => cache.get(key, counter().call)),
        exists: await outcome(() => cache.exists(key)),
        delete: await outcome(() => cache.delete(key)),
        named: await outcome(() => cache.get(key, counter().call, { namespace: 'namespace' })),
      };
    },
  },
];
