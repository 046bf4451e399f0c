import {
  type CacheEvent,
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  type LeaseAnswer,
  type LeaseRequest,
  LocalInMemoryCacheStorage,
  memoize,
  MutableCacheConfiguration,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';

let clock: ManualClock;
let events: CacheEvent[];
const onEvent = (event: CacheEvent): void => void events.push(event);
beforeEach(() => {
  clock = new ManualClock(1_000_000);
  events = [];
});

/** A storage that has to be waited for: each operation takes `delay` milliseconds, and is logged. */
class StorageAfar implements CacheStorage {
  readonly shared = false;
  readonly deadline = 100;
  readonly log: string[] = [];
  readonly inner = new LocalInMemoryCacheStorage({ clock });
  delay = 0;

  get: CacheStorage['get'] = (key) => this.#answer('get', () => this.inner.get(key));
  offer: CacheStorage['offer'] = (key, entry, lease) =>
    this.#answer('offer', () => this.inner.offer(key, structuredClone(entry), lease));
  release: CacheStorage['release'] = (key) => this.#answer('release', () => this.inner.release(key));
  invalidate = (key: string): Promise<number | undefined> =>
    this.#answer('invalidate', () => this.inner.invalidate(key));
  lease? = (key: string, request: LeaseRequest) => this.#answer('lease', () => this.inner.lease(key, request));

  async #answer<R>(operation: string, ask: () => R | PromiseLike<R>): Promise<R> {
    this.log.push(operation);
    if (this.delay > 0) await new Promise<void>((resolve) => void clock.setTimer(resolve, this.delay));
    return ask();
  }
}

describe('a load', () => {
  const late = (): Promise<never> =>
    new Promise((_resolve, reject) => clock.setTimer(() => reject(new Error('down')), 20));
  it.each([
    ['hangs', () => new Promise<never>(() => undefined)],
    ['fails late', late],
    ['fails', () => Promise.reject(new Error('down'))],
    ['answers late', () => new Promise<undefined>((resolve) => clock.setTimer(() => resolve(undefined), 20))],
    ['answers', () => Promise.resolve(undefined)],
  ])('runs in the context of its caller where the storage %s', async (_title, get) => {
    const context = new AsyncLocalStorage<string>();
    const storage = Object.assign(new StorageAfar(), { get });
    const cached = memoize(async (key: string) => `${key}: ${context.getStore()}`, {
      name: 'load',
      storage,
      clock,
      onEvent,
    });
    const answers = ['a', 'b', 'c'].map((key) => context.run(`caller of ${key}`, () => cached(key)));
    await clock.advance(100);
    expect(await Promise.all(answers)).toEqual(['a: caller of a', 'b: caller of b', 'c: caller of c']);
  });
});

describe('a hit', () => {
  it.each([
    ['is set once', '1 minute'],
    ['is a function', () => 60_000],
    ['comes from the value', '$.ttl:seconds'],
  ] as const)('is one read where the expiration %s', async (_title, expireAfter) => {
    const storage = new StorageAfar();
    const load = async (_key: number): Promise<{ ttl: number }> => ({ ttl: 60 });
    const cached = memoize(load, { name: 'hit', storage, clock, onEvent, expireAfter: expireAfter as '1 minute' });
    await cached(1);
    storage.log.length = 0;
    for (let hit = 0; hit < 5; hit++) await cached(1);
    expect([storage.log, cached.cacheInfo().hits]).toEqual([Array(5).fill('get'), 5]);
  });

  it('is one read where what is remembered is a failure', async () => {
    const storage = new StorageAfar();
    let loads = 0;
    const load = async (): Promise<never> => {
      loads++;
      throw new Error('down');
    };
    const cached = memoize(load, { name: 'failure', storage, clock, negative: { expireAfter: () => 60_000 } });
    await expect(cached()).rejects.toThrow('down');
    storage.log.length = 0;
    await expect(cached()).rejects.toThrow('down');
    expect([storage.log, loads]).toEqual([['get'], 1]);
  });

  it('is looked for again where something was published meanwhile', async () => {
    const storage = new StorageAfar();
    let loads = 0;
    const cached = memoize(async () => ++loads, { name: 'overtaken', storage, clock });
    await cached();
    const former = await storage.inner.get('overtaken:()');
    const answer = deferred<typeof former>();
    const { get } = storage;
    storage.get = () => answer.promise;
    const reading = cached();
    storage.get = get;
    await cached.set([], 7);
    expect(former?.value).toBe(1);
    answer.resolve(former);
    expect([await reading, loads]).toEqual([7, 1]);
  });
});

describe('a call whose storage is replaced while it reads', () => {
  const between = (
    former: StorageAfar,
  ): { readonly configuration: MutableCacheConfiguration; readonly latter: StorageAfar } => ({
    configuration: MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration()).setStorage(
      former,
    ),
    latter: new StorageAfar(),
  });

  it('goes on with the one where it began', async () => {
    const former = new StorageAfar();
    const { configuration, latter } = between(former);
    const cached = memoize(async (key: number) => key, { name: 'replaced', configuration, clock, onEvent });
    const answer = cached(1);
    configuration.setStorage(latter);
    expect(await answer).toBe(1);
    await turn();
    expect([former.inner.size, latter.inner.size, latter.log]).toEqual([1, 0, []]);
    expect(former.log).toContain('lease');
  });

  it('has the lease that it needs, though the other one gives none', async () => {
    const former = new StorageAfar();
    const { configuration, latter } = between(former);
    delete latter.lease;
    const cached = memoize(async (key: number) => key, { name: 'replaced', configuration, clock, onEvent });
    const answer = cached(1);
    configuration.setStorage(latter);
    expect(await answer).toBe(1);
    expect(events.filter(({ type }) => type.endsWith('failed'))).toEqual([]);
  });
});

describe('a call that waits for a read', () => {
  it('takes what was loaded elsewhere meanwhile, though it lives shorter than the read takes', async () => {
    const storage = new StorageAfar();
    storage.delay = 20;
    const created = clock.now() + 5;
    const entry = { value: 'elsewhere', created, updateAfter: created + 10, expiresAfter: created + 10 };
    let asks = 0;
    const lease = async (): Promise<LeaseAnswer> =>
      ++asks === 1 ? { state: 'held', remaining: 10 } : { state: 'present', entry };
    const answering = Object.assign(storage, { lease });
    let loads = 0;
    const cached = memoize(async () => ++loads, { name: 'elsewhere', storage: answering, clock });
    const reading = cached();
    await clock.advance(100);
    expect([await reading, loads]).toEqual(['elsewhere', 0]);
  });

  it('loads for itself after the deadline, says so, and leaves no timer', async () => {
    const storage = Object.assign(new StorageAfar(), { get: () => new Promise<never>(() => undefined) });
    const cached = memoize(async (key: number) => key, { name: 'late', storage, clock, onEvent });
    const answers = [cached(1), cached(2), cached(3)];
    await clock.advance(99);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
    await turn();
    const faults = events.flatMap((event) => (event.type === 'storage-failed' ? [event.error.message] : []));
    expect(faults).toHaveLength(3);
    for (const fault of faults) expect(fault).toContain('did not answer get within its deadline of 100 ms');
    expect(clock.pendingTimers).toBe(0);
  });

  it('may ask the same cache in its load, with one timer for the reads', async () => {
    const storage = Object.assign(new StorageAfar(), {
      get: () => new Promise<never>(() => undefined),
      deadline: 50,
    });
    delete storage.lease;
    const cached: (key: number) => Promise<number> = memoize(
      async (key: number) => (key < 10 ? cached(key + 10) : key),
      { name: 'nested', storage, clock, onEvent },
    );
    const answers = [cached(1)];
    await clock.advance(10);
    answers.push(cached(2));
    await clock.advance(10);
    answers.push(cached(3));
    await clock.advance(200);
    expect(await Promise.all(answers)).toEqual([11, 12, 13]);
    expect(clock.pendingTimers).toBe(0);
  });
});
