import { counter } from '../support/source.js';
import { type KeyedDefect, type KeyedScenario, origin, outcome } from './pymemoize-scenario.js';

/** Getting, and what is fresh (P10 to P26). */
export const readingScenarios: readonly KeyedScenario[] = [
  {
    row: 'P10, test_get, test_manual_get',
    title: 'computes what is not there, and then finds it',
    expected: { before: false, first: 'value 1', after: true, second: 'value 1', deleted: false, third: 'value 2' },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const before = await cache.exists('key');
      const first = await cache.get('key', call);
      const [after, second] = [await cache.exists('key'), await cache.get('key', call)];
      await cache.delete('key');
      return { before, first, after, second, deleted: await cache.exists('key'), third: await cache.get('key', call) };
    },
  },
  {
    row: 'P10',
    title: 'finds nothing where nothing is and nothing computes it, and nothing that has expired',
    expected: [undefined, 'value 1', undefined],
    async observe(world) {
      const cache = world.cache(world.library.lifetime('1 minute'));
      const absent = await cache.get('key');
      await cache.get('key', counter().call);
      const present = await cache.get('key');
      await world.clock.advance(60_001);
      return [absent, present, await cache.get('key')];
    },
  },
  {
    row: 'P10',
    title: 'computes with the arguments that it is given',
    expected: [3, 3],
    async observe(world) {
      const cache = world.cache();
      const add = async (a: number, b: number): Promise<number> => a + b;
      const options = { args: [1, 2] as never[] };
      return [await cache.get('adder', add, options), await cache.get('adder', add, options)];
    },
  },
  {
    row: 'P11',
    title: 'remembers nothing as it does anything else',
    expected: { found: [null, 0, '', false], computed: 4 },
    async observe(world) {
      const cache = world.cache();
      let computed = 0;
      const values = [null, 0, '', false];
      const found: unknown[] = [];
      for (const [index, value] of values.entries()) {
        const compute = async (): Promise<unknown> => (computed++, value);
        await cache.get(`key ${index}`, compute);
        found.push(await cache.get(`key ${index}`, compute));
      }
      return { found, computed };
    },
  },
  {
    row: 'P15, test_exceptions',
    title: 'hands over why the function failed, and keeps nothing of it',
    expected: { failed: 'Error: down', exists: false, next: 'value 1' },
    async observe(world) {
      const cache = world.cache();
      const failed = await origin(() => cache.get('key', () => Promise.reject(new Error('down'))));
      const exists = await cache.exists('key');
      // What has failed rests for a moment where processes share it.
      await world.clock.advance('1 second');
      return { failed, exists, next: await cache.get('key', counter().call) };
    },
  },
  {
    row: 'P16',
    title: 'a lifetime begins when the value has been computed',
    expected: { ttl: 60_000, afterwards: true },
    async observe(world) {
      const { clock, library } = world;
      const cache = world.cache(library.lifetime('1 minute'));
      const slow = async (): Promise<string> => {
        clock.set(clock.now() + 1_000);
        return 'slow';
      };
      await cache.get('key', slow);
      const ttl = await cache.ttl('key');
      await clock.advance(59_999);
      return { ttl, afterwards: await cache.exists('key') };
    },
  },
  {
    row: 'P16',
    title: 'of an end and an age the earlier counts',
    expected: { age: false, end: false },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('age', { expireAfter: '2 minutes', maxAge: '1 minute' });
      cache.regions.set('end', { expireAfter: '1 minute', maxAge: '2 minutes' });
      for (const region of ['age', 'end']) await cache.get(region, counter().call, { region });
      await world.clock.advance(60_001);
      return {
        age: await cache.exists('age', { region: 'age' }),
        end: await cache.exists('end', { region: 'end' }),
      };
    },
  },
  {
    row: 'P20, P23, test_max_age',
    title: 'what has a lifetime is found until it is over, and then computed again',
    expected: { first: 'value 1', hit: 'value 1', exists: true, gone: false, again: 'value 2' },
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const options = world.library.lifetime('2 minutes');
      const first = await cache.get('key', call, options);
      await world.clock.advance(119_999);
      const [hit, exists] = [await cache.get('key', call, options), await cache.exists('key')];
      await world.clock.advance(2);
      return { first, hit, exists, gone: await cache.exists('key'), again: await cache.get('key', call, options) };
    },
  },
  {
    row: 'P22',
    title: 'a call for which nothing is new enough has it computed again',
    expected: ['value 1', 'value 1', 'value 2', 'value 2'],
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const seen = [await cache.get('key', call)];
      await world.clock.advance(1);
      seen.push(
        await cache.get('key', call),
        await cache.get('key', call, { maxAge: 0 }),
        await cache.get('key', call),
      );
      return seen;
    },
  },
  {
    row: 'P23',
    title: 'a call may ask for less age than what is kept may have, and not for more',
    expected: { kept: true, tooOld: false, elsewhere: true, longer: false, again: 'value 2' },
    async observe(world) {
      const cache = world.cache();
      cache.regions.set('impatient', { maxAge: '1 minute' });
      const { call } = counter();
      await cache.get('for ever', counter().call);
      await cache.get('for two minutes', call, world.library.lifetime('2 minutes'));
      await world.clock.advance(60_001);
      const kept = await cache.exists('for ever');
      const tooOld = await cache.exists('for ever', { region: 'impatient' });
      const elsewhere = await cache.exists('for two minutes', { maxAge: '1 hour' });
      await world.clock.advance(60_000);
      const longer = await cache.exists('for two minutes', { maxAge: '1 hour' });
      return { kept, tooOld, elsewhere, longer, again: await cache.get('for two minutes', call, { maxAge: '1 hour' }) };
    },
  },
  {
    row: 'P26',
    title: 'what has expired is found by nobody, whatever they accept, and gives way to what is computed next',
    expected: { exists: false, found: undefined, next: 'value 2', then: 'value 2' },
    async observe(world) {
      const { lifetime } = world.library;
      const cache = world.cache();
      const { call } = counter();
      await cache.get('key', call, lifetime('1 minute'));
      await world.clock.advance(60_001);
      const options = { maxAge: '1 hour' };
      return {
        exists: await cache.exists('key', options),
        found: await cache.get('key', undefined, options),
        next: await cache.get('key', call, options),
        then: await cache.get('key', call, options),
      };
    },
  },
];

export const readingDefects: readonly KeyedDefect[] = [
  {
    row: 'P17',
    title: 'what another version has left there is a miss',
    mended: { exists: false, got: 'value 1', then: 'value 1' },
    defective: {
      exists: 'AssertionError: wrong protocol version',
      got: 'AssertionError: wrong protocol version',
      then: 'AssertionError: wrong protocol version',
    },
    async observe(world) {
      const storage = world.open();
      const cache = world.cache({}, storage);
      const { call } = counter();
      await world.leaveAnotherVersion(storage, 'key');
      return {
        exists: await outcome(() => cache.exists('key')),
        got: await outcome(() => cache.get('key', call)),
        then: await outcome(() => cache.get('key', call)),
      };
    },
  },
  {
    row: 'P20',
    title: 'at the very moment of its end an entry has expired',
    mended: [true, false],
    defective: [true, true],
    async observe(world) {
      const cache = world.cache(world.library.lifetime('1 minute'));
      await cache.get('key', counter().call);
      await world.clock.advance(59_999);
      const before = await cache.exists('key');
      await world.clock.advance(1);
      return [before, await cache.exists('key')];
    },
  },
  {
    row: 'P23',
    title: 'an entry of just the age that a call asks for has expired for it',
    mended: [true, false],
    defective: [true, true],
    async observe(world) {
      const cache = world.cache();
      await cache.get('key', counter().call);
      await world.clock.advance(59_999);
      const before = await cache.exists('key', { maxAge: '1 minute' });
      await world.clock.advance(1);
      return [before, await cache.exists('key', { maxAge: '1 minute' })];
    },
  },
  {
    row: 'P24, test_dynamic_maxage',
    title: 'an age that is computed from the arguments counts at each call',
    mended: { found: ['value 1', 'value 2'], tooOld: 'value 3', newEnough: 'value 2' },
    defective: {
      found: ['TypeError: unsupported operand type(s) for +', 'TypeError: unsupported operand type(s) for +'],
      // The end that was computed when it was kept comes first.
      tooOld: 'value 3',
      newEnough: 'TypeError: unsupported operand type(s) for +',
    },
    async observe(world) {
      const maxAge = (minutes: number): number => minutes * 60_000;
      const cached = world.cache().memoize(counter().call, { name: 'aging', maxAge });
      await Promise.all([cached(1), cached(2)]);
      const found = [await outcome(() => cached(1)), await outcome(() => cached(2))];
      await world.clock.advance(60_001);
      return { found, tooOld: await outcome(() => cached(1)), newEnough: await outcome(() => cached(2)) };
    },
  },
  {
    row: 'P24',
    title: 'an age that is computed from the arguments counts at each get',
    mended: ['value 1', 'value 1', 'value 1', 'value 2'],
    defective: [
      'value 1',
      'TypeError: unsupported operand type(s) for +',
      'value 2',
      'TypeError: unsupported operand type(s) for +',
    ],
    async observe(world) {
      const cache = world.cache();
      const { call } = counter();
      const get = (minutes: number): Promise<unknown> =>
        outcome(() => cache.get('key', call, { maxAge: (age: number) => age * 60_000, args: [minutes] as never[] }));
      const seen = [await get(1), await get(1)];
      await world.clock.advance(60_001);
      return [...seen, await get(2), await get(1)];
    },
  },
  {
    row: 'P25',
    title: 'what is to live longer does, whatever lifetime it was given at first',
    mended: { ttl: 3_600_000, exists: true, got: 'value 1' },
    defective: { ttl: 3_600_000, exists: false, got: 'value 2' },
    async observe(world) {
      const cache = world.cache(world.library.lifetime('1 minute'));
      const { call } = counter();
      await cache.get('key', call);
      await cache.expire('key', '1 hour');
      const ttl = await cache.ttl('key');
      await world.clock.advance(60_001);
      return { ttl, exists: await cache.exists('key'), got: await cache.get('key', call) };
    },
  },
];
