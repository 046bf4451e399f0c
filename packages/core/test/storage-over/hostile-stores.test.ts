import {
  memoize,
  StorageDownError,
  StorageFailedError,
  storageOver,
  type CacheEntry,
  type CacheStorage,
  type MapLike,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { deferred, turn, type Deferred } from '../support/deferred.js';
import { counter } from '../support/source.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: Infinity };
const other: CacheEntry = { ...entry, value: 'other', created: 1_500 };

type Question = 'get' | 'set' | 'delete' | 'clear' | 'keys';

/** A store that answers when the test lets it: what it is asked for takes effect when it is answered. */
class HeldStore {
  readonly kept = new Map<string, unknown>();
  /** What is held from now on. */
  held: readonly Question[] = [];
  /** What was asked, in order. */
  readonly asked: string[] = [];
  readonly #waiting: Deferred<void>[] = [];

  async get(key: string): Promise<unknown> {
    await this.#question('get', key);
    return this.kept.get(key);
  }

  async set(key: string, record: unknown): Promise<void> {
    await this.#question('set', key);
    this.kept.set(key, record);
  }

  async delete(key: string): Promise<boolean> {
    await this.#question('delete', key);
    return this.kept.delete(key);
  }

  async clear(): Promise<void> {
    await this.#question('clear', 'all');
    this.kept.clear();
  }

  async keys(): Promise<string[]> {
    const keys = [...this.kept.keys()];
    await this.#question('keys', 'all');
    return keys;
  }

  /** Lets the earliest question that is held take effect. */
  async answer(): Promise<void> {
    this.#waiting.shift()!.resolve();
    await turn();
  }

  async #question(question: Question, key: string): Promise<void> {
    this.asked.push(`${question} ${key}`);
    if (!this.held.includes(question)) return;
    const waiting = deferred<void>();
    this.#waiting.push(waiting);
    await waiting.promise;
  }
}

describe('a store that fails', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => raise(new Error('disk full'))],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('is a StorageFailedError where it %s', async (_, fail) => {
    const storage = storageOver({
      get: fail,
      set: fail,
      delete: fail,
      keys: fail as () => string[],
      ttl: fail as () => number,
    });
    expect(await failuresOf(storage)).toEqual({
      get: 'The storage failed at get of key "key": disk full',
      offer: 'The storage failed at offer of key "key": disk full',
      invalidate: 'The storage failed at invalidate of key "key": disk full',
      changeMoments: 'The storage failed at changeMoments of key "key": disk full',
      ttl: 'The storage failed at ttl of key "key": disk full',
      entries: 'The storage failed at entries: disk full',
      clear: 'The storage failed at clear: disk full',
    });
  });

  it('has not kept what it answers false to', async () => {
    const kept = new Map<string, unknown>();
    const refusing = { get: (key: string) => kept.get(key), set: () => false, delete: () => true };
    const storage = storageOver(refusing);
    await expect(storage.offer('key', entry)).rejects.toThrow(
      `The storage failed at offer of key "key": the store's 'set' answered false.`,
    );
    kept.set('key', { memo: 1, key: 'key', created: 1_000 });
    await expect(storage.changeMoments?.('key', entry, entry, 1_500)).rejects.toThrow(
      `The storage failed at changeMoments of key "key": the store's 'set' answered false.`,
    );
  });

  it('has not deleted what it answers false to and still has', async () => {
    const kept = new Map<string, unknown>();
    const set = (key: string, record: unknown): unknown => kept.set(key, record);
    const keeping = storageOver({ get: (key) => kept.get(key), set, delete: () => false });
    expect(await keeping.invalidate?.('key')).toBe(undefined);
    await keeping.offer('key', entry);
    await expect(keeping.invalidate?.('key')).rejects.toThrow(
      `The storage failed at invalidate of key "key": the store's 'delete' answered false, and what was there still is.`,
    );
    const modest = storageOver({ get: (key) => kept.get(key), set, delete: (key) => !kept.delete(key) });
    expect(await modest.invalidate?.('key')).toBe(Infinity);
  });

  it('has listed nothing where its list is none', async () => {
    const storage = storageOver({ ...plainStore(), keys: () => Promise.resolve(5) as unknown as string[] });
    await expect(storage.clear?.('')).rejects.toThrow(
      'The storage failed at clear: MapLike.entries: expected a list that can be gone through, got 5.',
    );
  });

  it.each([NaN, -1, '5', null, undefined])('says nothing of how long it keeps a key with %o', async (answer) => {
    const storage = storageOver({ ...plainStore(), ttl: () => answer as number });
    expect(await storage.ttl?.('key')).toBe(undefined);
    const inProcess = storageOver(Object.assign(new Map<string, unknown>(), { ttl: () => answer as number }));
    expect(await inProcess.ttl?.('key')).toBe(undefined);
  });

  it('never fails a call', async () => {
    const fail = (): never => raise(new Error('disk full'));
    const source = counter();
    const storage = storageOver({ get: fail, set: fail, delete: fail });
    const cached = memoize(source.call, { name: 'f', storage, onEvent: () => {} });
    expect([await cached('a'), await cached('a')]).toEqual(['value 1', 'value 2']);
    await expect(cached.delete(['a'])).rejects.toThrow('The storage failed at invalidate of key "f:a": disk full');
  });
});

describe('a store that does not answer', () => {
  let store: HeldStore;
  let clock: ManualClock;
  let storage: CacheStorage;

  beforeEach(() => {
    store = new HeldStore();
    clock = new ManualClock(Date.UTC(2026, 0, 1));
    storage = storageOver(store, { clock });
  });

  it('is waited for until the deadline', async () => {
    store.held = ['get', 'set', 'delete', 'keys', 'clear'];
    const failures = failuresOf(storage);
    for (let step = 0; step < 6; step++) await clock.advance(500);
    const late = (operation: string): string =>
      `The storage did not answer ${operation} within its deadline of 500 ms.`;
    expect(await failures).toMatchObject({
      get: `The storage failed at get of key "key": ${late('get')}`,
      offer: `The storage failed at offer of key "key": ${late('offer')}`,
      invalidate: `The storage failed at invalidate of key "key": ${late('invalidate')}`,
    });
  });

  it('has one deadline for all that an operation asks it', async () => {
    store.held = ['get', 'delete'];
    const invalidated = settling(storage.invalidate?.('key'));
    await clock.advance(400);
    await store.answer();
    expect(store.asked).toEqual(['get key', 'delete key']);
    await clock.advance(100);
    expect(await invalidated).toBe(
      'The storage failed at invalidate of key "key": The storage did not answer invalidate within its deadline of 500 ms.',
    );
  });

  it('is not asked in vain after five questions that it has left unanswered, but once a second', async () => {
    store.held = ['get'];
    for (let time = 0; time < 5; time++) {
      const reading = settling(storage.get(`key ${time}`));
      await clock.advance(500);
      await reading;
    }
    const error: unknown = await storage.get('key').catch((failure: unknown) => failure);
    expect(StorageFailedError.isInstance(error) && StorageDownError.isInstance(error.cause)).toBe(true);
    expect(store.asked).toHaveLength(5);
    store.held = [];
    await clock.advance(1_000);
    expect(await storage.get('key')).toBe(undefined);
    expect(await storage.get('key')).toBe(undefined);
    expect(store.asked).toHaveLength(7);
  });

  it('is not left alone because it rejects, which takes no time', async () => {
    let asked = 0;
    const refusing = storageOver({ ...plainStore(), get: () => (asked++, raise(new Error('refused'))) });
    for (let time = 0; time < 20; time++) await refusing.get('key').catch(() => undefined);
    expect(asked).toBe(20);
  });

  it('cannot undo with a late write what was confirmed since: nothing is confirmed meanwhile', async () => {
    store.held = ['set'];
    const offered = settling(storage.offer('key', entry));
    await clock.advance(500);
    expect(await offered).toContain('The storage failed at offer of key "key"');

    const refused = settling(storage.invalidate?.('key'));
    await clock.advance(500);
    expect(await refused).toBe(
      'The storage failed at invalidate of key "key": The storage did not answer invalidate within its deadline of 500 ms.',
    );
    expect(store.asked).toEqual(['set key']);
    expect(await storage.get('key')).toBe(undefined);
    expect(await storage.invalidate?.('another key')).toBe(undefined);

    const invalidated = settling(storage.invalidate?.('key'));
    await store.answer();
    expect(await invalidated).toBe(Infinity);
    expect(store.kept.size).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not carry out later what was given up before it was asked for', async () => {
    store.held = ['set'];
    const first = settling(storage.offer('key', entry));
    await clock.advance(100);
    const second = settling(storage.offer('key', other));
    await clock.advance(499);
    expect(store.asked).toEqual(['set key']);
    await clock.advance(1);
    expect([await first, await second].map((message) => String(message).slice(0, 30))).toEqual([
      'The storage failed at offer of',
      'The storage failed at offer of',
    ]);
    store.held = [];
    await store.answer();
    expect(store.asked).toEqual(['set key']);
    expect((await storage.get('key'))?.value).toBe('v');
    expect(clock.pendingTimers).toBe(0);
  });

  it('holds a key for half a minute at most', async () => {
    store.held = ['set'];
    const offered = settling(storage.offer('key', entry));
    await clock.advance(500);
    await offered;
    expect(clock.pendingTimers - clock.pendingBackgroundTimers).toBe(0);
    await clock.advance('30 seconds');
    expect(await storage.invalidate?.('key')).toBe(undefined);
    expect(clock.pendingTimers).toBe(0);
  });

  it('hangs up on nobody who goes through its list', async () => {
    const endless = {
      ...plainStore(),
      async *entries(): AsyncGenerator<[string, unknown]> {
        yield ['key', { memo: 1, key: 'key', created: 1 }];
        await new Promise(() => {});
      },
    };
    const listing = storageOver(endless, { clock });
    const listed: string[] = [];
    const going = settling(
      (async () => {
        for await (const [key] of listing.entries?.() ?? []) listed.push(key);
      })(),
    );
    await clock.advance(500);
    expect(await going).toBe(
      'The storage failed at entries: The storage did not answer entries within its deadline of 500 ms.',
    );
    expect(listed).toEqual(['key']);
  });
});

describe('what is done to one key at the same time', () => {
  let store: HeldStore;
  let storage: CacheStorage;

  beforeEach(async () => {
    store = new HeldStore();
    storage = storageOver(store);
    await storage.offer('key', entry);
    store.asked.length = 0;
  });

  const later = { updateAfter: 5_000, expiresAfter: 6_000 };

  it('does not let other moments bring back what was replaced meanwhile', async () => {
    store.held = ['get'];
    const changed = storage.changeMoments?.('key', entry, later, 1_500);
    const offered = storage.offer('key', other);
    await turn();
    await store.answer();
    expect([await changed, await offered]).toEqual([true, 'stored']);
    expect(store.asked).toEqual(['get key', 'set key', 'set key']);
    store.held = [];
    expect(await storage.get('key')).toStrictEqual(other);
  });

  it('does not let other moments bring back what was invalidated or cleared meanwhile', async () => {
    for (const takeAway of [() => storage.invalidate?.('key'), () => storage.clear?.('k'), () => storage.clear?.('')]) {
      await storage.offer('key', entry);
      store.held = ['get'];
      const changed = storage.changeMoments?.('key', entry, later, 1_500);
      await turn();
      const taken = takeAway();
      await turn();
      store.held = [];
      await store.answer();
      await Promise.all([changed, taken]);
      expect(store.kept.size).toBe(0);
    }
  });

  it('does not let what was being written when it was cleared stay', async () => {
    for (const scope of ['n', '']) {
      store.held = ['set', 'keys', 'clear'];
      const offered = storage.offer('new', entry);
      await turn();
      const cleared = storage.clear?.(scope);
      await turn();
      store.held = [];
      await store.answer();
      await store.answer();
      await Promise.all([offered, cleared]);
      expect(store.kept.has('new')).toBe(false);
    }
  });

  it('does not let what was read before a clear be written after it', async () => {
    store.held = ['clear', 'get'];
    const cleared = storage.clear?.('');
    await turn();
    const changed = storage.changeMoments?.('key', entry, later, 1_500);
    await turn();
    await store.answer();
    store.held = [];
    store.kept.set('key', { memo: 1, key: 'key', created: 1_000 });
    await store.answer();
    await Promise.all([cleared, changed]);
    expect(store.kept.size).toBe(0);
  });

  it('is answered in the order in which it was asked for', async () => {
    const answers = await Promise.all([
      storage.invalidate?.('key'),
      storage.offer('key', other),
      storage.changeMoments?.('key', other, later, 1_500),
      storage.invalidate?.('key'),
      storage.invalidate?.('key'),
    ]);
    expect(answers).toEqual([Infinity, 'stored', true, 6_000, undefined]);
  });

  it('goes on after something has failed', async () => {
    const failing = storageOver({
      ...plainStore(),
      set: (key) => (key === 'key' ? raise(new Error('disk full')) : undefined),
    });
    const answers = await Promise.all([settling(failing.offer('key', entry)), settling(failing.invalidate?.('key'))]);
    expect(answers).toEqual(['The storage failed at offer of key "key": disk full', undefined]);
  });
});

function plainStore(): MapLike {
  const kept = new Map<string, unknown>();
  return {
    get: (key) => kept.get(key),
    set: (key, record) => kept.set(key, record),
    delete: (key) => kept.delete(key),
  };
}

/** The messages with which all operations of a storage reject. */
async function failuresOf(storage: CacheStorage): Promise<Readonly<Record<string, unknown>>> {
  const operations: Readonly<Record<string, () => unknown>> = {
    get: () => storage.get('key'),
    offer: () => storage.offer('key', entry),
    invalidate: () => storage.invalidate?.('key'),
    changeMoments: () => storage.changeMoments?.('key', entry, entry, 1_500),
    ttl: () => storage.ttl?.('key'),
    entries: () => storage.entries?.()[Symbol.asyncIterator]().next(),
    clear: () => storage.clear?.(''),
  };
  const failures: Record<string, unknown> = {};
  for (const [name, operation] of Object.entries(operations)) failures[name] = await settling(operation());
  return failures;
}

/** What it resolves to, or the message of what it rejects with. */
function settling(promise: unknown): Promise<unknown> {
  return Promise.resolve(promise).catch((error: unknown) => (error as Error).message);
}

function raise(error: Error): never {
  throw error;
}
