import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type CacheEvent,
  type CacheStorage,
  CachedMethodFailedError,
  type Lock,
  Memoizer,
  memoize,
  WaitLimitError,
} from '@memo/core';
import type { Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from './stored-entry.js';

const [minute, hour] = [60_000, 3_600_000];
/** How far the clocks of this process and of a server may be apart, and how long a busy computer may take. */
const tolerance = 10_000;

/** A storage that has locks. */
type LockingStorage = CacheStorage & AsyncDisposable & Required<Pick<CacheStorage, 'lock'>>;

/** Servers that processes share, and how to look at them. */
export interface MemoizerTraits {
  readonly startServer: () => Promise<Server>;
  /** Opens a storage as another process would have it. */
  readonly open: (server: Server, options: { readonly namespace: string; readonly deadline: number }) => LockingStorage;
  /** For how many milliseconds the server itself keeps a name: `Infinity` for ever, `undefined` if it does not. */
  readonly keptFor: (server: Server, name: string) => Promise<number | undefined>;
}

/** What a `Memoizer` promises over a storage on a server: to be called within `describe`. */
export function memoizerSuite(traits: MemoizerTraits): void {
  let server: Server;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await traits.startServer();
  });

  afterAll(() => server.stop());

  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage[Symbol.asyncDispose]();
  });

  const open = (namespace: string, where = server, deadline = 5_000): LockingStorage => {
    const storage = traits.open(where, { namespace, deadline });
    opened.push(storage);
    return storage;
  };
  const keptFor = (name: string): Promise<number | undefined> => traits.keptFor(server, name);
  const settings = { expireAfter: '1 hour', jitter: 0, onEvent: () => undefined } as const;
  /** As many processes that share a namespace. */
  const processes = (count: number, namespace: string = randomUUID()) =>
    Array.from({ length: count }, () => new Memoizer(open(namespace), settings));
  /** Another one each time. */
  const aMoment = (): Promise<unknown> => pause(Math.random() * 4);

  describe('lifetimes', () => {
    it('are changed on the server, too: of keys and of functions, by durations and by moments', async () => {
      const namespace = randomUUID();
      const [memo] = processes(1, namespace) as [Memoizer];
      const load = memo.memoize(async (id: string) => id, { name: 'load', namespace: 'functions' });
      const byKey = {
        name: `${namespace}:/:key`,
        ...{ expire: memo.expire.bind(memo, 'key'), expireAt: memo.expireAt.bind(memo, 'key') },
        ttl: () => memo.ttl('key'),
      };
      const byFunction = {
        name: `${namespace}:functions/load:key`,
        ...{ expire: load.expire.bind(load, ['key']), expireAt: load.expireAt.bind(load, ['key']) },
        ttl: () => load.ttl(['key']),
      };
      await memo.set('key', 'value');
      await load('key');
      for (const { name, expire, expireAt, ttl } of [byKey, byFunction]) {
        const expectKeptFor = async (lifetime: number): Promise<void> => {
          for (const kept of [await keptFor(name), await ttl()]) {
            const isAsLong = lifetime === Infinity ? kept === Infinity : Math.abs(kept! - lifetime) < tolerance;
            expect([name, kept, isAsLong]).toEqual([name, kept, true]);
          }
        };
        await expectKeptFor(hour);
        expect(await expire('1 minute')).toBe(true);
        await expectKeptFor(minute);
        expect(await expireAt(new Date(Date.now() + 2 * hour))).toBe(true);
        await expectKeptFor(2 * hour);
        expect(await expire(null)).toBe(true);
        await expectKeptFor(Infinity);
        expect(await expireAt(new Date(Date.now() + minute).toISOString())).toBe(true);
        await expectKeptFor(minute);
        expect(await expireAt(null)).toBe(true);
        await expectKeptFor(Infinity);
        expect(await expireAt(Date.now() - hour)).toBe(true);
        expect([await ttl(), await expire('1 hour'), await expireAt(null)]).toEqual([undefined, false, false]);
      }
      const areKept = (): Promise<unknown> => Promise.all([byKey, byFunction].map(({ name }) => keptFor(name)));
      await expect.poll(areKept, { timeout: 8_000 }).toEqual([undefined, undefined]);
    });

    it('never bring back what was deleted', async () => {
      const [one, other, witness] = processes(3) as [Memoizer, Memoizer, Memoizer];
      const race = async (key: string): Promise<void> => {
        await one.set(key, 'old');
        const changing = async (): Promise<void> => {
          await aMoment();
          await Promise.all([one.expire(key, null), one.expireAt(key, Date.now() + hour), other.expire(key, hour)]);
        };
        const deleting = async (): Promise<void> => {
          await aMoment();
          await other.delete(key);
          expect(await witness.exists(key)).toBe(false);
          expect(await one.get(key)).toBeUndefined();
        };
        await Promise.all([changing(), deleting(), changing()]);
        expect([await witness.get(key), await one.ttl(key), await other.exists(key)]).toEqual([
          undefined,
          undefined,
          false,
        ]);
      };
      await inTurns(300, race);
    });

    it('are those of the entry that is there when a load ends at the same time', async () => {
      const namespace = randomUUID();
      const [one, other, witness] = processes(3, namespace) as [Memoizer, Memoizer, Memoizer];
      const became = { old: 0, new: 0, permanent: 0 };
      const race = async (key: string): Promise<void> => {
        await one.set(key, 'old');
        const loading = async (): Promise<string> => one.refresh(key, () => aMoment().then(() => 'new'));
        const changing = async (): Promise<boolean> => {
          await aMoment();
          return other.expire(key, null);
        };
        const [, changed] = await Promise.all([loading(), changing()]);
        // There was an entry all the time.
        expect(changed).toBe(true);
        const [value, left] = [await witness.get(key), await witness.ttl(key)];
        expect(value).toBe('new');
        became[left === Infinity ? 'permanent' : 'new']++;
        if (left !== Infinity) expect(Math.abs(left! - hour)).toBeLessThan(tolerance);
        const kept = await keptFor(`${namespace}:/:${key}`);
        expect(kept === Infinity).toBe(left === Infinity);
      };
      await inTurns(200, race);
      // It was a race, which either side won.
      expect([became.permanent > 0, became.new > 0]).toEqual([true, true]);
    });

    it('do not bring back what was deleted while a load was on its way, either', async () => {
      const [one, other, witness] = processes(3) as [Memoizer, Memoizer, Memoizer];
      const race = async (key: string): Promise<void> => {
        let version = 0;
        const load = async (): Promise<number> => {
          const read = version;
          await aMoment();
          return read;
        };
        await one.set(key, version);
        const deleting = async (): Promise<void> => {
          await aMoment();
          version++;
          await other.delete(key);
          // Whoever asks from now on is not answered with what was loaded before.
          expect(await witness.get(key, load)).toBe(1);
          expect(await one.get(key, load)).toBe(1);
        };
        const changing = async (): Promise<void> => {
          for (let time = 0; time < 3; time++) {
            await aMoment();
            await other.expire(key, time === 1 ? null : hour);
          }
        };
        await Promise.all([one.refresh(key, load), deleting(), changing(), other.get(key, load)]);
        expect(await witness.get(key, load)).toBe(1);
      };
      await inTurns(200, race);
    });

    it('that are for ever are not changed by reading', async () => {
      const namespace = randomUUID();
      const [one, other] = processes(2, namespace) as [Memoizer, Memoizer];
      let loads = 0;
      const options = { updateAfter: 1, expireAfter: '1 hour' } as const;
      const readAll = (): Promise<unknown> =>
        Promise.all(
          [one, other].flatMap((memo) => Array.from({ length: 20 }, () => memo.get('key', () => ++loads, options))),
        );
      expect(await one.get('key', () => ++loads, options)).toBe(1);
      expect(await one.expire('key', null)).toBe(true);
      for (let time = 0; time < 10; time++) await readAll();
      expect([loads, await other.ttl('key'), await keptFor(`${namespace}:/:key`)]).toEqual([1, Infinity, Infinity]);
      // Until somebody loads it anew.
      await other.refresh('key', () => ++loads, options);
      expect(await keptFor(`${namespace}:/:key`)).toBeLessThan(hour + tolerance);
    });
  });

  describe('namespaces', () => {
    const long = 'n'.repeat(250);
    const namespaces = [
      ...['a', 'b', 'a/b', 'a/', '/', '/a', 'ä', 'a\u0308', '%', '%2F', 'a%2Fb', ':', 'a:', ':a', 'a:b'],
      ...['*', '?', '[a]', '\\', 'a*', ' ', 'A', '\n', '🎈', 'memo', `${long}1`, `${long}2`],
    ];

    it('are cleared one by one, whatever they are called', async () => {
      const namespace = randomUUID();
      const [writer, reader] = [open(namespace), open(namespace)];
      const spaces = [undefined, ...namespaces].map((inside) => {
        const options = inside === undefined ? settings : { ...settings, namespace: inside };
        const [here, there] = [new Memoizer(writer, options), new Memoizer(reader, options)];
        const fn = async (id: string): Promise<string> => id;
        const [wrapped, seen] = [here, there].map((memo) => memo.memoize(fn, { name: 'a' }));
        return { inside, here, there, wrapped: wrapped!, seen: seen! };
      });
      /** A function of no Memoizer, named as one of the namespaces. */
      const outside = memoize(async (id: string) => id, { name: 'a', storage: writer, ...settings });
      const fill = async (): Promise<void> => {
        await Promise.all(
          spaces.map(({ here, wrapped }) => Promise.all([here.set('a', 1), here.set('/', 1), wrapped('a')])),
        );
        await outside('a');
      };
      const full = async (): Promise<readonly (string | undefined)[]> => {
        const found = await Promise.all(
          spaces.map(async ({ there, seen, inside }) => {
            const kept = [await there.getMany(['a', '/']), await seen.exists(['a'])] as const;
            const left = kept[0].size + Number(kept[1]);
            expect([inside, left]).toEqual([inside, left === 0 ? 0 : 3]);
            return left === 0 ? [] : [inside];
          }),
        );
        return found.flat();
      };
      await fill();
      const all = spaces.map(({ inside }) => inside);
      expect(await full()).toEqual(all);
      for (const { inside, here, there } of spaces) {
        await here.clear();
        expect(await full()).toEqual(all.filter((other) => other !== inside));
        await there.set('a', 1);
        await here.set('/', 1);
        await spaces.find((space) => space.inside === inside)!.wrapped('a');
      }
      expect(await full()).toEqual(all);
      expect(await outside.exists(['a'])).toBe(true);
    });

    it('are found in calls and regions, which clear theirs alone', async () => {
      const storage = open(randomUUID());
      const memo = new Memoizer(storage, {
        ...settings,
        namespace: 'outer',
        regions: { inner: { namespace: 'inner' }, none: { namespace: null }, same: { expireAfter: '1 minute' } },
      });
      const fill = async (): Promise<void> => {
        for (const region of [undefined, 'inner', 'none'] as const)
          await memo.set('key', region, { ...(region && { region }) });
      };
      const left = async (): Promise<readonly boolean[]> => [
        await memo.exists('key'),
        await memo.exists('key', { region: 'same' }),
        await memo.exists('key', { region: 'inner' }),
        await memo.exists('key', { region: 'none' }),
      ];
      await fill();
      expect(await left()).toEqual([true, true, true, true]);
      await memo.clear({ region: 'inner' });
      expect(await left()).toEqual([true, true, false, true]);
      await memo.clear({ region: 'same' });
      expect(await left()).toEqual([false, false, false, true]);
      await fill();
      await memo.clear({ namespace: null });
      expect(await left()).toEqual([true, true, true, false]);
      await memo.clear({ namespace: 'outer' });
      expect(await left()).toEqual([false, false, true, false]);
    });
  });

  describe('locks', () => {
    /** Locks of a storage that tell what is done with them. */
    const toldOf =
      (locks: Required<Pick<CacheStorage, 'lock'>>, tell: (what: string) => unknown) =>
      (key: string): Lock => {
        const lock = locks.lock(key);
        return {
          acquire: async (timeout) => {
            tell(`acquire ${key}`);
            return lock.acquire(timeout);
          },
          release: async () => {
            await tell(`release ${key}`);
            await lock.release();
          },
        };
      };

    it('are those of the call, else of the function, else of the region, else of the Memoizer', async () => {
      const namespace = randomUUID();
      const told: string[] = [];
      const lockOf = (level: string): ((key: string) => Lock) =>
        toldOf(open(`${namespace} ${level}`), (what) => told.push(`${level}: ${what}`));
      const memo = new Memoizer(open(namespace), {
        ...{ ...settings, lock: lockOf('memoizer') },
        regions: {
          locked: { lock: lockOf('region') },
          inner: { parent: 'locked' },
          free: { parent: 'locked', lock: null },
        },
      });
      const fn = async (id: string): Promise<string> => id;
      await memo.get('a', () => 1);
      await memo.get('b', () => 1, { region: 'inner' });
      await memo.get('c', () => 1, { region: 'inner', lock: lockOf('call') });
      await memo.get('d', () => 1, { region: 'free' });
      await memo.get('e', () => 1, { region: 'inner', lock: null });
      await memo.memoize(fn, { name: 'f', region: 'inner', lock: lockOf('function') })('x');
      await memo.memoize(fn, { name: 'g', region: 'locked' })('x');
      await memo.memoize(fn, { name: 'h', lock: null })('x');
      await expect.poll(() => told.length).toBe(10);
      expect(told.filter((what) => what.includes('acquire'))).toEqual([
        ...['memoizer: acquire /:a', 'region: acquire /:b', 'call: acquire /:c'],
        ...['function: acquire /f:x', 'region: acquire /g:x'],
      ]);
      // What nobody locks is loaded once by the lease all the same.
      expect(await new Memoizer(open(namespace), settings).getMany(['a', 'b', 'c', 'd', 'e'])).toHaveProperty(
        'size',
        5,
      );
    });

    /** The same storage as one that grants no leases, with these locks. */
    const withoutLeases = (storage: LockingStorage, lock: (key: string) => Lock): CacheStorage => ({
      deadline: storage.deadline!,
      get: storage.get.bind(storage),
      offer: (key, entry) => storage.offer(key, entry),
      release: storage.release.bind(storage),
      invalidate: storage.invalidate!.bind(storage),
      lock,
    });

    it.each(['a lock beside leases', 'a lock instead of leases', 'the lock of the storage instead of leases'])(
      '%s: decides who loads; whoever comes second looks again; all is written before it is let go',
      async (kind) => {
        const namespace = randomUUID();
        const witness = open(namespace);
        const found: unknown[] = [];
        const lock = toldOf(open(`${namespace} locks`), async (what) => {
          if (what.startsWith('release')) found.push((await witness.get(what.slice('release '.length)))?.value);
        });
        let loads = 0;
        const load = async (): Promise<number> => {
          await pause(20);
          return ++loads;
        };
        const keys = Array.from({ length: 5 }, (_, index) => `key ${index}`);
        const reading = Array.from({ length: 2 }, () => open(namespace)).flatMap((leasing) => {
          const storage = kind.endsWith('instead of leases') ? withoutLeases(leasing, lock) : leasing;
          const memo = new Memoizer(storage, settings);
          return keys.map((key) => memo.get(key, load, kind.startsWith('the lock') ? {} : { lock }));
        });
        const values = await Promise.all(reading);
        expect([new Set(values).size, loads]).toEqual([5, 5]);
        await expect.poll(() => found.length).toBe(10);
        expect(found.toSorted()).toEqual(values.toSorted());
      },
    );

    it('of many keys that two ask for in other orders: each is loaded once, and neither waits for the other for ever', async () => {
      const namespace = randomUUID();
      const locks = open(`${namespace} locks`);
      const lock = locks.lock.bind(locks);
      const loaded: string[] = [];
      const loadMany = async (keys: readonly string[]): Promise<readonly string[]> => {
        loaded.push(...keys);
        await pause(50);
        return keys;
      };
      const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`);
      const [one, other] = processes(2, namespace) as [Memoizer, Memoizer];
      // Neither gets all of the locks.
      const first = one.getMany(keys.slice(0, 6), loadMany, { lock });
      const second = other.getMany(keys.slice(6), loadMany, { lock });
      const both = [one.getMany(keys, loadMany, { lock }), other.getMany(keys.toReversed(), loadMany, { lock })];
      for (const found of await Promise.all(both)) expect(found).toHaveProperty('size', 12);
      await Promise.all([first, second]);
      expect(loaded.toSorted()).toEqual(keys.toSorted());
    });

    it('are waited for as long as waitLimit says, and then the policy decides', async () => {
      const namespace = randomUUID();
      const locks = open(`${namespace} locks`);
      const lock = locks.lock.bind(locks);
      const [one, other] = processes(2, namespace) as [Memoizer, Memoizer];
      await one.set('stale', 'old');
      for (const key of ['compute', 'throw', 'stale']) expect(await locks.lock(`/:${key}`).acquire(0)).toBe(true);
      const options = { lock, waitLimit: 60 };
      const begun = performance.now();
      expect(await other.get('compute', () => 'own', { ...options, onWaitLimit: 'compute' })).toBe('own');
      expect(performance.now() - begun).toBeGreaterThanOrEqual(55);
      expect(await one.exists('compute')).toBe(false);
      const error = await failureOf(other.get('throw', () => 'own', { ...options, onWaitLimit: 'throw' }));
      expect([CachedMethodFailedError.isInstance(error), WaitLimitError.isInstance(error.cause)]).toEqual([true, true]);
      expect(await one.exists('throw')).toBe(false);
      const stale = { ...options, onWaitLimit: 'stale', maxAge: 0 } as const;
      expect(await other.get('stale', () => 'own', stale)).toBe('old');
      expect(performance.now() - begun).toBeLessThan(3_000);
    });

    it('that nobody has for long are had as soon as they are let go, with what was written meanwhile', async () => {
      const namespace = randomUUID();
      const locks = open(`${namespace} locks`);
      const [one, other] = processes(2, namespace) as [Memoizer, Memoizer];
      const held = locks.lock('/:key');
      expect(await held.acquire(0)).toBe(true);
      const waiting = other.get('key', () => 'own', { lock: locks.lock.bind(locks) });
      await one.set('key', 'written meanwhile');
      await held.release();
      expect(await waiting).toBe('written meanwhile');
    });

    it.each(['frozen', 'dead'] as const)(
      'on a server that is %s cost their deadline; then the lease decides',
      async (fault) => {
        const namespace = randomUUID();
        await using sick = await traits.startServer();
        const locksDeadline = 200;
        const lockBy = (): ((key: string) => Lock) => {
          const locks = open(namespace, sick, locksDeadline);
          return locks.lock.bind(locks);
        };
        const faults: string[] = [];
        const [one, other] = [lockBy(), lockBy()].map((lock) => {
          const onEvent = ({ type }: CacheEvent): unknown => type.endsWith('failed') && faults.push(type);
          return new Memoizer(open(namespace), { ...settings, onEvent, lock });
        }) as [Memoizer, Memoizer];
        await Promise.all([one.get('warm', () => 1), other.get('warm', () => 1)]);
        let loads = 0;
        const load = async (): Promise<number> => {
          await pause(30);
          return ++loads;
        };
        if (fault === 'frozen') sick.pause();
        else await sick.kill();
        const keys = Array.from({ length: 4 }, (_, index) => `key ${index}`);
        const started = performance.now();
        const values = await Promise.all([one, other].flatMap((memo) => keys.map((key) => memo.get(key, load))));
        expect(performance.now() - started).toBeLessThan(locksDeadline + 1_000);
        expect([loads, new Set(values).size]).toEqual([4, 4]);
        expect(await one.getMany(keys)).toHaveProperty('size', 4);
        expect(new Set(faults)).toEqual(new Set(['policy-failed']));
        if (fault === 'frozen') sick.resume();
        else await sick.restart();
        const isWell = async (): Promise<number> => {
          faults.length = 0;
          await one.refresh('key', load);
          return faults.length;
        };
        await expect.poll(isWell, { timeout: 5_000 }).toBe(0);
      },
    );
  });
}

/** Runs a race for so many keys, some at a time. */
async function inTurns(count: number, race: (key: string) => Promise<void>): Promise<void> {
  const atATime = 25;
  for (let first = 0; first < count; first += atATime) {
    await Promise.all(Array.from({ length: atATime }, (_, index) => race(`key-${first + index}`)));
  }
}
