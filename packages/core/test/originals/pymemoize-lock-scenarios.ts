import type { CacheStorage, Lock } from '@memo/core';
import { deferred, turn } from '../support/deferred.js';
import { counter } from '../support/source.js';
import { withAbilities } from './another-process.js';
import { InProcessLocks } from './in-process-locks.js';
import { type KeyedDefect, type KeyedScenario, origin, outcome } from './pymemoize-scenario.js';

/** A lock decides who computes (P10, P12 to P14). */
export const lockScenarios: readonly KeyedScenario[] = [
  {
    row: 'P12, test_lock',
    title: 'has the lock of the key while the function is called, and then gives it back',
    expected: ['had the key', 'called', 'back the key', 'had another', 'called', 'back another'],
    async observe(world) {
      const told: string[] = [];
      const cache = world.cache({ lock: notedLock(told) });
      for (const key of ['a', 'b']) await cache.get(key, async () => told.push('called'));
      const names: Record<string, string> = {
        [world.library.storedKey('a')]: 'the key',
        [world.library.storedKey('b')]: 'another',
      };
      return told.map((what) => what.replace(/(?<= ).*/, (key) => names[key] ?? key));
    },
  },
  {
    row: 'P12',
    title: 'gives the lock back when the function fails',
    expected: { failed: 'Error: down', told: ['had', 'back'] },
    async observe(world) {
      const told: string[] = [];
      const cache = world.cache({ lock: notedLock(told) });
      const failed = await origin(() => cache.get('key', () => Promise.reject(new Error('down'))));
      return { failed, told: told.map(firstWord) };
    },
  },
  {
    row: 'P10',
    title: 'needs no lock for what is there',
    expected: ['had', 'back'],
    async observe(world) {
      const told: string[] = [];
      const cache = world.cache({ lock: notedLock(told) });
      const { call } = counter();
      await cache.get('key', call);
      await cache.get('key', call);
      return told.map(firstWord);
    },
  },
  {
    row: 'P2, P12',
    title: 'takes the lock of the call, else that of the function, else that of its region',
    expected: { call: 'call', function: 'function', region: 'region', store: 'store' },
    async observe(world) {
      const told: string[] = [];
      const lock =
        (whose: string) =>
        (_: string): Lock => ({ acquire: async () => told.push(whose) > 0, release: async () => {} });
      const cache = world.cache({}, withStoreLock(world.open(), lock('store')));
      cache.regions.set('region', { lock: lock('region') });
      await cache.get('call', counter().call, { region: 'region', lock: lock('call') });
      const options = { region: 'region', name: 'locking' };
      await cache.memoize(counter().call, { ...options, lock: lock('function') })(1);
      await cache.memoize(counter().call, { ...options, name: 'unlocking' })(2);
      await cache.get('store', counter().call);
      return { call: told[0], function: told[1], region: told[2], store: told[3] };
    },
  },
  {
    row: 'P12',
    title: 'calls the function of one process at a time',
    expected: 1,
    async observe(world) {
      const storage = world.open();
      const options = { lock: new InProcessLocks(world.clock).of };
      const answer = deferred<string>();
      let calls = 0;
      const slow = (): Promise<string> => (calls++, answer.promise);
      const both = [world.cache(options, storage), world.cacheElsewhere(storage, options)];
      const asked = both.map((cache) => cache.get('key', slow));
      await world.settleOnce(storage, () => calls > 0);
      const atOnce = calls;
      answer.resolve('value');
      await Promise.all(asked);
      return atOnce;
    },
  },
];

export const lockDefects: readonly KeyedDefect[] = [
  {
    row: 'P12',
    title: 'a lock that cannot be asked takes nothing away from the caller',
    mended: 'value 1',
    defective: 'Error: refused',
    async observe(world) {
      const lock = (): Lock => ({ acquire: () => Promise.reject(refused), release: () => Promise.resolve() });
      return outcome(() => world.cache({ lock }).get('key', counter().call));
    },
  },
  {
    row: 'P12',
    title: 'a lock that cannot be given back takes nothing away from the caller',
    mended: 'value 1',
    defective: 'Error: refused',
    async observe(world) {
      const lock = (): Lock => ({ acquire: () => Promise.resolve(true), release: () => Promise.reject(refused) });
      return outcome(() => world.cache({ lock }).get('key', counter().call));
    },
  },
  {
    row: 'P12',
    title: 'no lock means none, not that of the store',
    mended: { value: 'value 1', told: [] },
    defective: { value: 'value 1', told: ['had', 'back'] },
    async observe(world) {
      const told: string[] = [];
      const cache = world.cache({}, withStoreLock(world.open(), notedLock(told)));
      return { value: await cache.get('key', counter().call, { lock: null }), told: told.map(firstWord) };
    },
  },
  {
    row: 'P13',
    title: 'what was computed without the lock is answered and not kept',
    mended: { atFirst: 'pending', inTheEnd: 'value 1', kept: false },
    defective: { atFirst: 'pending', inTheEnd: 'value 1', kept: true },
    async observe(world) {
      const storage = world.open();
      const locks = new InProcessLocks(world.clock);
      let asked = false;
      const lock = (): Lock => {
        asked = true;
        return locks.of('held by another');
      };
      const cache = world.cache({ lock, waitLimit: '10 seconds' }, storage);
      await locks.of('held by another').acquire(0);
      let outcomeSoFar: unknown = 'pending';
      const call = cache.get('key', counter().call).then((value) => (outcomeSoFar = value));
      await world.settleOnce(storage, () => asked);
      await world.clock.advance(9_999);
      await world.settle(storage);
      const atFirst = outcomeSoFar;
      await world.clock.advance(1);
      return { atFirst, inTheEnd: await call, kept: await world.keeps(storage, 'key') };
    },
  },
  {
    row: 'P14',
    title: 'who waited for the lock is answered with what its holder kept',
    mended: { calls: ['value 1', 'value 1'], loads: 1 },
    defective: { calls: ['value 1', 'value 2'], loads: 2 },
    async observe(world) {
      const storage = world.open();
      const locks = new InProcessLocks(world.clock);
      let asked = 0;
      const lock = (key: string): Lock => {
        asked++;
        return locks.of(key);
      };
      const [one, other] = [world.cache({ lock }, storage), world.cacheElsewhere(storage, { lock })];
      const source = counter();
      const answer = deferred<void>();
      const slow = async (): Promise<string> => {
        await answer.promise;
        return source.call();
      };
      const calls = [one.get('key', slow)];
      await world.settleOnce(storage, () => asked === 1);
      calls.push(other.get('key', slow));
      await world.settleOnce(storage, () => asked === 2);
      answer.resolve();
      return { calls: await Promise.all(calls), loads: source.count };
    },
  },
  {
    row: 'P14',
    title: 'a value is kept before the lock is given back',
    mended: ['had', 'loaded', 'kept', 'back'],
    defective: ['had', 'loaded', 'back', 'kept'],
    async observe(world) {
      const told: string[] = [];
      const storage = world.open();
      const offer = async (...offered: Parameters<CacheStorage['offer']>) => {
        const result = await storage.offer(...offered);
        told.push('kept');
        return result;
      };
      const cache = world.cache({ lock: notedLock(told) }, withAbilities(storage, { offer }));
      await cache.get('key', async () => told.push('loaded'));
      await turn();
      return told.map(firstWord);
    },
  },
];

const refused = new Error('refused');

function firstWord(text: string): string | undefined {
  return text.split(' ')[0];
}

/** A lock that nobody else wants; it tells when it was had and given back. */
function notedLock(told: string[]): (key: string) => Lock {
  return (key) => ({
    acquire: async () => told.push(`had ${key}`) > 0,
    release: async () => void told.push(`back ${key}`),
  });
}

/** A storage that has this lock, and nothing better. */
function withStoreLock(storage: CacheStorage, lock: (key: string) => Lock): CacheStorage {
  return withAbilities(storage, { lock, lease: undefined });
}
