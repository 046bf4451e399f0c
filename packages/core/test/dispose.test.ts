import {
  CachedMethodFailedError,
  DefaultInMemoryCacheConfiguration,
  InvalidationSupport,
  InvalidOptionError,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  MutableCacheConfiguration,
  NotDisposableError,
  storageOver,
  type CacheEvent,
  type CacheStorage,
  type Departure,
  type Memoized,
  type MemoizeOptions,
} from '@memo/core';
import { ChaosStorage, ManualClock, NullStorage } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn, type Deferred } from './support/deferred.js';

/** A client that is open until it is closed. */
class Client {
  readonly name: string;
  readonly #log: string[];

  constructor(name: string, log: string[]) {
    this.name = name;
    this.#log = log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#log.push(`close ${this.name}`);
  }
}

/** Connects, at once unless it is told to wait, and numbers its clients. */
class Server {
  readonly log: string[] = [];
  connected = 0;
  waitsFor: Deferred<void> | undefined;

  readonly connect = async (id: string): Promise<Client> => {
    await this.waitsFor?.promise;
    return this.client(`${id}${++this.connected}`);
  };

  client(name: string): Client {
    return new Client(name, this.log);
  }

  /** Lets those connect who come from now on only when that is resolved. */
  wait(): Deferred<void> {
    this.waitsFor = deferred();
    // It may be refused before anybody connects.
    this.waitsFor.promise.catch(() => {});
    return this.waitsFor;
  }
}

interface World {
  readonly server: Server;
  readonly clock: ManualClock;
  readonly connect: Memoized<Server['connect']>;
  readonly events: CacheEvent[];
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

function connecting(options: MemoizeOptions<[id: string]> = {}): World {
  const server = new Server();
  const clock = new ManualClock(1_000_000);
  const events: CacheEvent[] = [];
  const onEvent = (event: CacheEvent): void => void events.push(event);
  const connect = memoize(server.connect, { dispose: true, clock, onEvent, ...options });
  return { server, clock, connect, events, settle: () => clock.advance(0) };
}

const lifetimes = { updateAfter: '1 minute', expireAfter: '2 minutes' } as const;

interface WayOut {
  readonly title: string;
  readonly why: Departure;
  readonly options?: MemoizeOptions<[id: string]>;
  /** Makes the client of `a` leave, which is there. */
  readonly leave: (world: World & { readonly storage: CacheStorage }) => Promise<unknown>;
}

const invalidation = new InvalidationSupport<[id: string]>();

const waysOut: readonly WayOut[] = [
  {
    title: 'it has expired and another takes its place',
    why: 'replaced',
    options: lifetimes,
    async leave({ connect, clock }) {
      await clock.advance('2 minutes');
      await connect('a');
    },
  },
  {
    title: 'it is refreshed behind the caller',
    why: 'replaced',
    options: lifetimes,
    async leave({ connect, clock }) {
      await clock.advance('1 minute');
      await connect('a');
    },
  },
  { title: 'a refresh is forced', why: 'replaced', leave: ({ connect }) => connect.refresh('a') },
  {
    title: 'a value is set',
    why: 'replaced',
    leave: ({ connect, server }) => connect.set(['a'], server.client('set')),
  },
  { title: 'it is evicted', why: 'released', options: { capacity: 1 }, leave: ({ connect }) => connect('b') },
  {
    title: 'what has expired is removed',
    why: 'released',
    options: lifetimes,
    async leave({ connect, clock }) {
      await clock.advance('2 minutes');
      expect(await connect.removeExpired()).toBe(1);
    },
  },
  {
    title: 'what has expired is swept at a call',
    why: 'released',
    options: { ...lifetimes, removeExpiredEvery: '3 minutes' },
    async leave({ connect, clock }) {
      await clock.advance('3 minutes');
      await connect('b');
    },
  },
  { title: 'it is deleted', why: 'invalidated', leave: ({ connect }) => connect.delete(['a']) },
  {
    title: 'it is invalidated',
    why: 'invalidated',
    options: { invalidation },
    leave: () => invalidation.invalidateForArguments(['a']),
  },
  { title: 'the function is cleared', why: 'cleared', leave: ({ connect }) => connect.clear() },
  { title: 'the storage is cleared', why: 'cleared', leave: async ({ storage }) => storage.clear?.('') },
  { title: 'the storage releases it', why: 'released', leave: async ({ storage }) => releaseAll(storage) },
  {
    title: 'the storage is disposed of',
    why: 'disposed',
    leave: async ({ storage }) => storage[Symbol.asyncDispose]?.(),
  },
];

async function releaseAll(storage: CacheStorage): Promise<void> {
  for await (const [key] of storage.entries?.() ?? []) await storage.release(key);
}

describe('a client is closed, once, when', () => {
  for (const { title, why, options, leave } of waysOut) {
    it(title, async () => {
      const storage = new LocalInMemoryCacheStorage();
      const world = connecting({ ...options, storage, name: 'connect' });
      const { connect, server, settle } = world;
      const client = await connect('a');
      await connect('a');
      await settle();
      expect(server.log).toEqual([]);
      await leave({ ...world, storage });
      await settle();
      expect(server.log).toEqual([`close ${client.name}`]);
      await connect.clear();
      await storage[Symbol.asyncDispose]();
      await settle();
      expect(server.log.filter((line) => line === `close ${client.name}`)).toHaveLength(1);
      expect(new Set(server.log).size).toBe(server.log.length);
    });

    it(`${title}, by a function that is told why`, async () => {
      const storage = new LocalInMemoryCacheStorage();
      const closed: unknown[] = [];
      const dispose = (client: Client, reason: Departure): void => void closed.push([client.name, reason]);
      const world = connecting({ ...options, storage, name: 'connect', dispose });
      await world.connect('a');
      await leave({ ...world, storage });
      await world.settle();
      expect(closed).toEqual([['a1', why]]);
    });
  }

  it('the function lets go of its storage', async () => {
    const { connect, server, settle } = connecting();
    await connect('a');
    await connect[Symbol.asyncDispose]();
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('it leaves a Map', async () => {
    const { connect, server, settle } = connecting({ storage: storageOver(new Map()), name: 'connect' });
    await connect('a');
    await connect.delete(['a']);
    await connect('a');
    await connect.clear();
    await settle();
    expect(server.log).toEqual(['close a1', 'close a2']);
  });

  it('it leaves a cache by key, whose functions close what they load', async () => {
    const clock = new ManualClock();
    const server = new Server();
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { clock });
    const connect = memo.memoize(server.connect, { name: 'connect', dispose: true });
    await connect('a');
    await memo.clear();
    await clock.advance(0);
    expect(server.log).toEqual(['close a1']);
  });
});

describe('a client stays open when', () => {
  it('its entry is served, looked at, or given another lifetime', async () => {
    const { connect, server, clock, settle } = connecting({
      storage: new LocalInMemoryCacheStorage(),
      name: 'connect',
    });
    await connect('a');
    await connect.expire(['a'], '1 hour');
    await connect.exists(['a']);
    await connect.ttl(['a']);
    await clock.advance('50 minutes');
    await connect.expireAt(['a'], null);
    await clock.advance('2 hours');
    expect(server.log).toEqual([]);
    expect(await connect.exists(['a'])).toBe(true);
    await connect.delete(['a']);
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('its refresh fails', async () => {
    const { connect, server, clock, settle } = connecting(lifetimes);
    await connect('a');
    await clock.advance('1 minute');
    const reconnecting = server.wait();
    reconnecting.reject(new Error('refused'));
    await connect('a');
    await settle();
    expect(server.log).toEqual([]);
    expect((await connect('a')).name).toBe('a1');
  });

  it('it is served although it has expired, because no other can be had', async () => {
    const { connect, server, clock, settle } = connecting({ ...lifetimes, staleIfError: '1 hour' });
    await connect('a');
    server.wait().reject(new Error('refused'));
    await clock.advance('30 minutes');
    expect((await connect('a')).name).toBe('a1');
    await connect.removeExpired();
    await settle();
    expect(server.log).toEqual([]);
    server.waitsFor = undefined;
    await clock.advance('1 minute');
    expect((await connect('a')).name).toBe('a2');
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('its refresh brings the same client again', async () => {
    const { server, clock, settle } = connecting();
    const client = server.client('client');
    const connect = memoize(async (_id: string) => client, { ...lifetimes, dispose: true, clock });
    await Promise.all([connect('a'), connect('b')]);
    await clock.advance('1 minute');
    await Promise.all([connect('a'), connect('b')]);
    await settle();
    await connect.delete(['a']);
    await settle();
    expect(server.log).toEqual([]);
    await connect.delete(['b']);
    await settle();
    expect(server.log).toEqual(['close client']);
  });

  it('its delay is not over', async () => {
    const { connect, server, clock } = connecting({ closeDelay: '30 seconds' });
    await connect('a');
    await connect.clear();
    await clock.advance('29 seconds');
    expect(server.log).toEqual([]);
    await clock.advance('1 second');
    expect(server.log).toEqual(['close a1']);
  });
});

describe('what is loaded in vain is closed', () => {
  it.each<[string, (world: World) => Promise<unknown>]>([
    ['cleared', ({ connect }) => connect.clear()],
    ['deleted', ({ connect }) => connect.delete(['a'])],
  ])('when it is %s during the load, which answers its callers while it is open', async (_, forget) => {
    const world = connecting();
    const { connect, server, settle } = world;
    const connected = server.wait();
    const calls = [connect('a'), connect('a')].map(async (call) => {
      const { name } = await call;
      server.log.push(`use ${name}`);
    });
    await turn();
    await forget(world);
    connected.resolve();
    await Promise.all(calls);
    await settle();
    expect(server.log).toEqual(['use a1', 'use a1', 'close a1']);
    expect(await connect.exists(['a'])).toBe(false);
  });

  it('when its entry is removed while it is refreshed: the old client at once, the new one when it leaves (Q76)', async () => {
    const { connect, server, clock, settle } = connecting(lifetimes);
    await connect('a');
    await clock.advance('2 minutes');
    const connected = server.wait();
    const call = connect('a');
    await turn();
    expect(await connect.removeExpired()).toBe(1);
    await settle();
    expect(server.log).toEqual(['close a1']);
    connected.resolve();
    expect((await call).name).toBe('a2');
    await settle();
    expect((await connect('a')).name).toBe('a2');
    expect(server.log).toEqual(['close a1']);
    await connect.clear();
    await settle();
    expect(server.log).toEqual(['close a1', 'close a2']);
  });

  it('when another value is set during the load', async () => {
    const { connect, server, settle } = connecting();
    const connected = server.wait();
    const call = connect('a');
    await turn();
    await connect.set(['a'], server.client('set'));
    connected.resolve();
    await call;
    await settle();
    expect(server.log).toEqual(['close a1']);
    expect((await connect('a')).name).toBe('set');
  });

  it('when it comes after the timeout', async () => {
    const { connect, server, clock, settle } = connecting({ timeout: '5 seconds', closeDelay: '1 hour' });
    const connected = server.wait();
    const call = connect('a').catch((error: unknown) => error);
    await clock.advance('5 seconds');
    const error = await call;
    expect(CachedMethodFailedError.isInstance(error) && LoadTimeoutError.isInstance(error.cause)).toBe(true);
    connected.resolve();
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('when it comes after everyone has left', async () => {
    const { connect, server, settle } = connecting();
    const connected = server.wait();
    const controller = new AbortController();
    const call = connect.with({ signal: controller.signal })('a');
    await turn();
    controller.abort(new Error('no longer needed'));
    await expect(call).rejects.toThrow('no longer needed');
    connected.resolve();
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('when the storage keeps nothing', async () => {
    const { connect, server, settle } = connecting({ storage: new NullStorage(), name: 'connect' });
    expect((await connect('a')).name).toBe('a1');
    expect((await connect('a')).name).toBe('a2');
    await settle();
    expect(server.log).toEqual(['close a1', 'close a2']);
  });

  it.each(['fail', 'drop'] as const)('when the storage is told to %s', async (offer) => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { offer });
    const { connect, server, settle } = connecting({ storage, name: 'connect' });
    expect((await connect('a')).name).toBe('a1');
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('when no entry can be built of it', async () => {
    const entryBuilder = {
      build(): never {
        throw new Error('cannot build');
      },
    };
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
    const { connect, server, settle } = connecting({ configuration: configuration.setEntryBuilder(entryBuilder) });
    await expect(connect('a')).rejects.toThrow('cannot build');
    await settle();
    expect(server.log).toEqual(['close a1']);
    await expect(connect.set(['a'], server.client('set'))).rejects.toThrow('cannot build');
    await settle();
    expect(server.log).toEqual(['close a1', 'close set']);
  });

  it('and not opened where it comes too late for that', async () => {
    const server = new Server();
    const clock = new ManualClock();
    const connect = memoize(server.connect, {
      clock,
      timeout: '5 seconds',
      dispose: {
        open: (client: Client) => void server.log.push(`open ${client.name}`),
        close: (client: Client) => client[Symbol.asyncDispose](),
      },
    });
    const connected = server.wait();
    const call = connect('a').catch(() => 'too late');
    await clock.advance('5 seconds');
    connected.resolve();
    expect(await call).toBe('too late');
    await clock.advance(0);
    expect(server.log).toEqual([]);
  });

  it('where opening it has taken too long', async () => {
    const server = new Server();
    const clock = new ManualClock();
    const opened = deferred<void>();
    const connect = memoize(server.connect, {
      clock,
      timeout: '5 seconds',
      dispose: { open: () => opened.promise, close: (client: Client) => client[Symbol.asyncDispose]() },
    });
    const call = connect('a').catch((error: unknown) => (error as Error).cause);
    await clock.advance('5 seconds');
    expect(LoadTimeoutError.isInstance(await call)).toBe(true);
    opened.resolve();
    await clock.advance(0);
    expect(server.log).toEqual(['close a1']);
  });
});

describe('a lease', () => {
  it('keeps a client open that is refreshed meanwhile', async () => {
    const { connect, server, clock, settle } = connecting(lifetimes);
    {
      await using lease = await connect.lease('a');
      await clock.advance('1 minute');
      expect((await connect('a')).name).toBe('a1');
      await settle();
      expect((await connect('a')).name).toBe('a2');
      expect(lease.value.name).toBe('a1');
      expect(server.log).toEqual([]);
    }
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it.each<[string, (world: World) => Promise<unknown>]>([
    ['deleted', ({ connect }) => connect.delete(['a'])],
    ['cleared', ({ connect }) => connect.clear()],
    ['let go by its function', ({ connect }) => connect[Symbol.asyncDispose]()],
    ['replaced', ({ connect, server }) => connect.set(['a'], server.client('set'))],
  ])('keeps a client open that is %s, for as long as the last one holds it', async (_, leave) => {
    const world = connecting();
    const { connect, server, settle } = world;
    const [one, other] = await Promise.all([connect.lease('a'), connect.lease('a')]);
    expect(one.value).toBe(other.value);
    await leave(world);
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    await settle();
    expect(server.log).toEqual([]);
    await other[Symbol.asyncDispose]();
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('of what was forgotten during the load is of that load, and the client is closed after it', async () => {
    const { connect, server, settle } = connecting();
    const connected = server.wait();
    const leasing = [connect.lease('a'), connect.lease('a')];
    await turn();
    await connect.clear();
    connected.resolve();
    const leases = await Promise.all(leasing);
    await settle();
    expect(leases.map(({ value }) => value.name)).toEqual(['a1', 'a1']);
    expect(server.log).toEqual([]);
    for (const lease of leases) await lease[Symbol.asyncDispose]();
    await settle();
    expect(server.log).toEqual(['close a1']);
    expect(server.connected).toBe(1);
  });

  it('is had where nothing is kept, too', async () => {
    const { connect, server, settle } = connecting({ storage: new NullStorage(), name: 'connect' });
    const lease = await connect.lease('a');
    await settle();
    expect(server.log).toEqual([]);
    lease[Symbol.dispose]();
    await settle();
    expect(server.log).toEqual(['close a1']);
  });

  it('is of values that keep nothing open, too', async () => {
    const load = memoize(async (id: string) => `value of ${id}`);
    await using lease = await load.lease('a');
    expect(lease.value).toBe('value of a');
    expect(load.cacheInfo()).toMatchObject({ misses: 1 });
    await using again = await load.lease('a');
    expect(again.value).toBe('value of a');
    expect(load.cacheInfo()).toMatchObject({ misses: 1, hits: 1 });
  });

  it('rejects as the call would', async () => {
    const connect = memoize(async (_id: string): Promise<Client> => Promise.reject(new Error('refused')), {
      dispose: true,
    });
    await expect(connect.lease('a')).rejects.toBeInstanceOf(CachedMethodFailedError);
  });
});

describe('what cannot be closed', () => {
  it('fails the load', async () => {
    const connect = memoize(async (id: string) => ({ id }), { dispose: true });
    const error = await connect('a').catch((thrown: unknown) => thrown);
    expect(CachedMethodFailedError.isInstance(error) && NotDisposableError.isInstance(error.cause)).toBe(true);
    expect((error as Error).message).toBe(
      `The cached function failed for key "a": Option 'dispose': the value should have [Symbol.asyncDispose]() or ` +
        `[Symbol.dispose](), got an object of class Object. A function as the option, (value, why) => …, closes anything.`,
    );
    expect(await connect.exists(['a'])).toBe(false);
  });

  it('is not set', async () => {
    const { connect, server, settle } = connecting();
    await connect('a');
    const set = connect.set as (args: [string], value: unknown) => Promise<void>;
    await expect(set(['a'], { name: 'no client' })).rejects.toBeInstanceOf(NotDisposableError);
    await settle();
    expect((await connect('a')).name).toBe('a1');
    expect(server.log).toEqual([]);
  });
});

describe('a close that fails', () => {
  it('is an event with the key, fails nobody, and is not tried again', async () => {
    let closed = 0;
    const { clock, events } = connecting();
    const refused = new Error('refused');
    const connect = memoize(async (id: string) => id, {
      clock,
      onEvent: (event) => void events.push(event),
      dispose: () => {
        closed++;
        throw refused;
      },
    });
    await connect('a');
    await connect.delete(['a']);
    await connect('a');
    await connect.clear();
    await clock.advance(0);
    expect(closed).toBe(2);
    const failures = events.filter((event) => event.type === 'policy-failed');
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ policy: 'dispose', key: 'a', error: { cause: refused } });
    expect(failures[0]?.error.message).toBe(`The policy 'dispose' failed at key "a": refused`);
    expect(connect.cacheInfo().size).toBe(0);
  });
});

describe('a function that is not enabled', () => {
  it('opens and closes nothing: the value is its caller’s', async () => {
    const log: string[] = [];
    const connect = memoize(async (id: string) => id, {
      enabled: false,
      dispose: {
        open: (id: string) => void log.push(`open ${id}`),
        close: (id: string) => void log.push(`close ${id}`),
      },
    });
    expect(await connect('a')).toBe('a');
    await turn();
    expect(log).toEqual([]);
  });
});

describe('the options', () => {
  it('are refused where the storage keeps no resources', () => {
    const storage: CacheStorage = {
      shared: false,
      get: async () => undefined,
      offer: async () => 'declined',
      release: async () => {},
    };
    const wrap = (): unknown => memoize(async () => 1, { storage, name: 'one', dispose: true });
    expect(wrap).toThrow(InvalidOptionError);
    expect(wrap).toThrow(
      `memoize: option 'dispose' should be left out where the storage does not say 'keepsResources'`,
    );
  });

  it('are refused where they contradict each other or say nothing', () => {
    expect(() => memoize(async () => 1, { closeDelay: '1 second' })).toThrow(
      `memoize: option 'closeDelay' should be left out where 'dispose' is`,
    );
    expect(() => memoize(async () => 1, { dispose: 'yes' as '*' })).toThrow(
      `memoize: option 'dispose' should be a data pointer`,
    );
  });
});
