import { counter } from '../support/source.js';
import type { KeyedDefect, KeyedScenario } from './pymemoize-scenario.js';

/** Etags (P21, P30 to P33). */
export const etagScenarios: readonly KeyedScenario[] = [
  {
    row: 'P21, test_static_etag, test_etag',
    title: 'another etag is out of date, and none is content with any',
    expected: {
      values: ['value 1', 'value 1', 'value 2', 'value 2', 'value 3', 'value 3', 'value 4'],
      etags: [undefined, undefined, 'a', 'a', 'b', 'b', 'a'],
    },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const values: unknown[] = [];
      const etags: unknown[] = [];
      for (const etag of [undefined, undefined, 'a', 'a', 'b', undefined, 'a']) {
        values.push(await cache.get('key', call, etag === undefined ? {} : { etag }));
        etags.push(await cache.etag('key'));
      }
      return { values, etags };
    },
  },
  {
    row: 'P21',
    title: 'what is computed without an etag is kept without one',
    expected: { before: 'a', after: undefined, demanded: 'value 3' },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      await cache.get('key', call, { etag: 'a', ...world.library.lifetime('1 minute') });
      const before = await cache.etag('key');
      await world.clock.advance(60_001);
      await cache.get('key', call);
      return { before, after: await cache.etag('key'), demanded: await cache.get('key', call, { etag: 'a' }) };
    },
  },
  {
    row: 'P21, P44',
    title: 'what has another etag does not exist for whom asks with one',
    expected: [true, true, false],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call, { etag: 'a' });
      return [
        await cache.exists('key'),
        await cache.exists('key', { etag: 'a' }),
        await cache.exists('key', { etag: 'b' }),
      ];
    },
  },
  {
    row: 'P30, test_dynamic_etag',
    title: 'an etag is computed at each call, and what was made from another state is computed again',
    expected: { values: ['value 1', 'value 1', 'value 2', 'value 2', 'value 3'], asked: 5 },
    async observe(world) {
      const state: string[] = [];
      let asked = 0;
      const etag = (): string => (asked++, `state of ${state.length}`);
      const cached = world.cache().memoize(counter().call, { name: 'stateful', etag });
      const values = [await cached(), await cached()];
      state.push('one');
      values.push(await cached(), await cached());
      state.push('two');
      return { values: [...values, await cached()], asked };
    },
  },
  {
    row: 'P30, P60, test_count_args',
    title: 'an etag is computed from all the arguments of a function, or of a get',
    expected: { function: [['a', 1, { b: 2 }]], get: [['a', 1, { b: 2 }]], etag: '3' },
    async observe(world) {
      const cache = world.cache();
      const asked: unknown[][] = [];
      const etag = (...args: unknown[]): string => (asked.push(args), String(args.length));
      const args = ['a', 1, { b: 2 }];
      await cache.memoize(counter().call, { name: 'counting', etag })(...args);
      const ofFunction = asked.splice(0);
      await cache.get('key', counter().call, { etag, args: args as never[] });
      return { function: ofFunction, get: asked, etag: await cache.etag('key') };
    },
  },
  {
    row: 'P60, test_constant_args, test_set_constant',
    title: 'a constant is the same whatever the arguments are',
    expected: { etags: ['constant', 'constant'], existing: [true, true], afterwards: [false, false] },
    async observe(world) {
      const cached = world.cache().memoize(counter().call, { name: 'constant', etag: 'constant', maxAge: 50_000 });
      await Promise.all([cached(), cached(1, 2)]);
      const both = [[], [1, 2]];
      const etags = await Promise.all(both.map((args) => cached.etag(args)));
      const existing = await Promise.all(both.map((args) => cached.exists(args)));
      // So that both libraries see the age, and not only that of a call.
      await world.clock.advance(50_001);
      return { etags, existing, afterwards: await Promise.all(both.map((args) => cached.exists(args))) };
    },
  },
  {
    row: 'P33',
    title: 'tells the etag of what is there, and nothing where nothing is',
    expected: { absent: undefined, without: undefined, with: 'a', function: 'b', expired: undefined },
    async observe(world) {
      const cache = world.cache();
      const absent = await cache.etag('key');
      await cache.get('key', counter().call);
      const without = await cache.etag('key');
      await cache.get('key', counter().call, { etag: 'a', ...world.library.lifetime('1 minute') });
      const kept = await cache.etag('key');
      const cached = cache.memoize(counter().call, { name: 'etagged', etag: 'b' });
      await cached('x');
      const ofFunction = await cached.etag(['x']);
      await world.clock.advance(60_001);
      return { absent, without, with: kept, function: ofFunction, expired: await cache.etag('key') };
    },
  },
];

export const etagDefects: readonly KeyedDefect[] = [
  {
    row: 'P31',
    title: 'an etag of nothing much is an etag',
    mended: { zero: ['value 1', 'value 2', 'value 3'], etags: ['1', '0', ''] },
    defective: { zero: ['value 1', 'value 1', 'value 1'], etags: ['1', '1', '1'] },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const zero: unknown[] = [];
      const etags: unknown[] = [];
      for (const etag of [1, 0, '']) {
        zero.push(await cache.get('key', call, { etag }));
        etags.push(await cache.etag('key'));
      }
      return { zero, etags };
    },
  },
  {
    row: 'P32',
    title: 'whether something with a computed etag exists is asked with what was computed',
    mended: [true, false],
    defective: [false, false],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call, { etag: 'a' });
      return [await cache.exists('key', { etag: () => 'a' }), await cache.exists('key', { etag: () => 'b' })];
    },
  },
];
