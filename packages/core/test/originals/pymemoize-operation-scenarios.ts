import { counter } from '../support/source.js';
import { withAbilities } from './another-process.js';
import { type KeyedDefect, type KeyedScenario, left, outcome } from './pymemoize-scenario.js';

/** Deleting, lifetimes of what is there (P40 to P44). */
export const operationScenarios: readonly KeyedScenario[] = [
  {
    row: 'P40',
    title: 'deletes what is there, and what is not',
    expected: { exists: [true, false], absent: false },
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      const before = await cache.exists('key');
      await cache.delete('key');
      return { exists: [before, await cache.exists('key')], absent: await cache.delete('key') };
    },
  },
  {
    row: 'P41, P42',
    title: 'lets what is there live longer, shorter, or for ever',
    expected: ['for ever', 10_000, 3_600_000, 'for ever', true, false],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      const seen: unknown[] = [await left(cache, 'key')];
      await cache.expire('key', '10 seconds');
      seen.push(await left(cache, 'key'));
      await cache.expireAt('key', world.clock.now() + 3_600_000);
      seen.push(await left(cache, 'key'));
      await cache.expireAt('key', null);
      seen.push(await left(cache, 'key'));
      await cache.expire('key', '10 seconds');
      await world.clock.advance(9_999);
      seen.push(await cache.exists('key'));
      await world.clock.advance(2);
      return [...seen, await cache.exists('key')];
    },
  },
  {
    row: 'P41',
    title: 'ends what is there at a moment that has passed',
    expected: { exists: false, next: 'value 2' },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      await cache.get('key', call);
      await cache.expireAt('key', new Date(world.clock.now() - 1));
      return { exists: await cache.exists('key'), next: await cache.get('key', call) };
    },
  },
  {
    row: 'P43, test_ttl',
    title: 'tells how long what is there will live, and nothing of what is not',
    expected: { absent: undefined, whole: 120_000, half: 60_000, over: undefined, exists: false },
    async observe(world) {
      const cache = world.cache();
      const absent = await cache.ttl('key');
      await cache.get('key', counter().call, world.library.lifetime('2 minutes'));
      const whole = await cache.ttl('key');
      await world.clock.advance('1 minute');
      const half = await cache.ttl('key');
      await world.clock.advance(60_001);
      return { absent, whole, half, over: await cache.ttl('key'), exists: await cache.exists('key') };
    },
  },
  {
    row: 'P43, P70',
    title: 'asks a store that keeps things for less long than they live',
    expected: [30_000, 30_000],
    async observe(world) {
      const storage = withAbilities(world.open(), { ttl: () => 30_000 });
      const cache = world.cache(world.library.lifetime('1 minute'), storage);
      await cache.get('key', counter().call);
      const cached = cache.memoize(counter().call);
      await cached();
      return [await cache.ttl('key'), await cached.ttl([])];
    },
  },
  {
    row: 'P44',
    title: 'says of what is too old for a call that it does not exist, and leaves it to others',
    expected: [false, true, 'value 1'],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      await world.clock.advance(60_001);
      return [await cache.exists('key', { maxAge: '1 minute' }), await cache.exists('key'), await cache.get('key')];
    },
  },
];

export const operationDefects: readonly KeyedDefect[] = [
  {
    row: 'P41, P42',
    title: 'to change the lifetime of nothing is no error, and says so',
    mended: { expire: false, expireAt: false, never: false, exists: false },
    defective: { expire: 'KeyError: key', expireAt: 'KeyError: key', never: 'KeyError: key', exists: false },
    async observe(world) {
      const cache = world.cache({});
      // Other libraries name the key as they keep it.
      const named = async (attempt: () => unknown): Promise<unknown> => outcome(attempt);
      return {
        expire: await named(() => cache.expire('key', '1 minute')),
        expireAt: await named(() => cache.expireAt('key', world.clock.now() + 60_000)),
        never: await named(() => cache.expire('key', null)),
        exists: await cache.exists('key'),
      };
    },
  },
  {
    row: 'P41',
    title: 'what has expired is not brought back to life',
    mended: { expireAt: false, never: false, exists: false, next: 'value 2' },
    defective: { expireAt: true, never: true, exists: true, next: 'value 1' },
    async observe(world) {
      const cache = world.cache(world.library.lifetime('1 minute'));
      const { call } = counter();
      await cache.get('key', call);
      await world.clock.advance(60_000);
      if (await cache.exists('key')) await world.clock.advance(1);
      return {
        expireAt: await cache.expireAt('key', world.clock.now() + 1),
        never: await cache.expireAt('key', null),
        // The age that PyMemoize was given at first counts at reading, too (P25).
        exists: await cache.exists('key', { maxAge: '1 hour' }),
        next: await cache.get('key', call, { maxAge: '1 hour' }),
      };
    },
  },
  {
    row: 'P43',
    title: 'how long something lives for a call depends on the age that the call asks for',
    mended: [60_000, 120_000],
    defective: [120_000, 120_000],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call, world.library.lifetime('2 minutes'));
      return [await cache.ttl('key', { maxAge: '1 minute' }), await cache.ttl('key')];
    },
  },
];
