import {
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  StorageFailedError,
  UnreadableEntryError,
  UnstorableValueError,
  type CacheEntry,
  type CacheEvent,
  type CacheStorage,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

/** A storage in this process without `peek`, whose methods the test replaces. */
function storageWith(broken: Partial<CacheStorage>): CacheStorage {
  const entries = new Map<string, CacheEntry>();
  return {
    shared: false,
    get: async (key) => entries.get(key),
    offer: async (key, entry) => {
      entries.set(key, entry);
      return 'stored';
    },
    release: async (key) => void entries.delete(key),
    ...broken,
  };
}

const down = () => Promise.reject(new Error('connection refused'));
const hangs = () => new Promise<never>(() => {});

function heard() {
  const events: CacheEvent[] = [];
  return {
    events,
    onEvent: (event: CacheEvent) => void events.push(event),
    types: () => events.map(({ type }) => type),
  };
}

describe('a failing storage', () => {
  it('never fails a call: the loaded value is answered, events tell', async () => {
    const { onEvent, events } = heard();
    const source = counter();
    const cached = memoize(source.call, { name: 'f', storage: storageWith({ get: down, offer: down }), onEvent });
    expect(await cached('a')).toBe('value 1');
    expect(await cached('a')).toBe('value 2');
    const faults = events.filter((event) => event.type === 'storage-failed');
    expect(faults.map(({ operation, error }) => [operation, error.message])).toEqual([
      ['get', 'The storage failed at get of key "f:a": connection refused'],
      ['get', 'The storage failed at get of key "f:a": connection refused'],
    ]);
  });

  it('is left alone for the rest of the call after it has failed once', async () => {
    let offers = 0;
    const storage = storageWith({
      get: down,
      offer: async () => {
        offers++;
        return 'stored';
      },
    });
    await memoize(counter().call, { name: 'f', storage, onEvent: () => {} })();
    expect(offers).toBe(0);
  });

  it('that throws instead of rejecting is no different', async () => {
    const throws = () => {
      throw new TypeError('not even a promise');
    };
    const storage = storageWith({ peek: throws, get: throws, offer: throws, release: throws });
    const cached = memoize(counter().call, { name: 'f', storage, onEvent: () => {} });
    expect(await cached()).toBe('value 1');
  });

  it('that hangs costs a call one deadline in all', async () => {
    const clock = new ManualClock();
    const storage = storageWith({ deadline: 300, get: hangs, offer: hangs });
    const { onEvent, events } = heard();
    const cached = memoize(counter().call, { name: 'f', storage, clock, onEvent });
    const call = cached('a');
    await clock.advance(299);
    expect(events).toEqual([]);
    await clock.advance(1);
    expect(await call).toBe('value 1');
    expect(events.find((event) => event.type === 'storage-failed')?.error.message).toBe(
      'The storage failed at get of key "f:a": The storage did not answer get within its deadline of 300 ms.',
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it('has one deadline for reading and writing together', async () => {
    const clock = new ManualClock();
    const slow = <R>(answer: R) => new Promise<R>((resolve) => clock.setTimer(() => resolve(answer), 200));
    const storage = storageWith({ deadline: 300, get: () => slow(undefined), offer: () => slow('stored' as const) });
    const { onEvent, types } = heard();
    const call = memoize(counter().call, { name: 'f', storage, clock, onEvent })('a');
    let answered = false;
    void call.then(() => (answered = true));
    await clock.advance(299);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(answered).toBe(true);
    expect(types()).toEqual(['miss', 'load-started', 'load-ended', 'storage-failed']);
  });

  it('has 500 ms where it does not say', async () => {
    const clock = new ManualClock();
    const call = memoize(counter().call, {
      name: 'f',
      storage: storageWith({ get: hangs }),
      clock,
      onEvent: () => {},
    })();
    let answered = false;
    void call.then(() => (answered = true));
    await clock.advance(499);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect(answered).toBe(true);
  });

  it('fails the call of those who want it', async () => {
    const options = { name: 'f', onStorageError: 'throw', onEvent: () => {} } as const;
    const reading = memoize(counter().call, { ...options, storage: storageWith({ get: down }) });
    await expect(reading('a')).rejects.toSatisfy((error) => StorageFailedError.isInstance(error));
    const writing = memoize(counter().call, { ...options, storage: storageWith({ offer: down }) });
    expect(reading.cacheInfo()).toMatchObject({ hits: 0, misses: 1, joins: 0, storageFailures: 1 });
    const outcomes = await Promise.allSettled([writing('a'), writing('a')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('makes an explicit operation reject with an error of our own, and still detaches the load', async () => {
    const storage = storageWith({ get: down });
    const cached = memoize(counter().call, { name: 'f', storage, onEvent: () => {} });
    for (const operation of [cached.delete(['a']), cached.exists(['a']), cached.ttl(['a'])]) {
      await expect(operation).rejects.toSatisfy((error) => StorageFailedError.isInstance(error));
    }
    await expect(cached.delete(['a'])).rejects.toThrow(
      'The storage failed at invalidate of key "f:a": connection refused',
    );
  });

  it('bounds an explicit operation by its deadline', async () => {
    const clock = new ManualClock();
    const cached = memoize(counter().call, { name: 'f', storage: storageWith({ get: hangs, deadline: 50 }), clock });
    const deleting = expect(cached.delete(['a'])).rejects.toThrow(
      'did not answer invalidate within its deadline of 50 ms',
    );
    await clock.advance(50);
    await deleting;
  });

  it('is left alone by a call that it has failed, also after that has waited for a load that could not answer it', async () => {
    const clock = new ManualClock(1_000_000);
    let looks = 0;
    const storage = storageWith({
      get: () => {
        looks++;
        return down();
      },
    });
    const memo = new Memoizer(storage, { clock, onEvent: () => undefined });
    const source = slowSource();
    const first = memo.get('k', source.call, { etag: 'a' });
    const second = memo.get('k', source.call, { etag: 'b' });
    await turn();
    expect(looks).toBe(2);
    source.answer('of a');
    await turn();
    source.answer('of b');
    expect([await first, await second, looks]).toEqual(['of a', 'of b', 2]);
  });
});

describe('what cannot be read or stored', () => {
  it('unreadable bytes are a miss and an event, and the storage is still offered the new entry', async () => {
    let readable = false;
    const entries = new LocalInMemoryCacheStorage();
    const storage = storageWith({
      get: async (key) => {
        if (!readable) throw new UnreadableEntryError(key, 'a checksum does not fit');
        return entries.get(key);
      },
      offer: (key, entry) => entries.offer(key, entry),
    });
    const { onEvent, types } = heard();
    const cached = memoize(counter().call, { name: 'f', storage, onEvent });
    expect(await cached()).toBe('value 1');
    readable = true;
    expect(await cached()).toBe('value 1');
    expect(types()).toEqual(['unreadable', 'miss', 'load-started', 'load-ended', 'hit']);
    expect(cached.cacheInfo()).toMatchObject({ unreadable: 1, storageFailures: 0 });
  });

  it('unreadable bytes can be deleted', async () => {
    const released: string[] = [];
    const storage = storageWith({
      get: (key) => Promise.reject(new UnreadableEntryError(key, 'a checksum does not fit')),
      release: async (key) => void released.push(key),
    });
    const cached = memoize(counter().call, { name: 'f', storage });
    expect(await cached.delete(['a'])).toBe(false);
    expect(released).toEqual(['f:a']);
  });

  it('a value that the storage would change is answered and not kept', async () => {
    const { onEvent, events } = heard();
    const refused = (key: string) => Promise.reject(new UnstorableValueError(key, new Error('a Date is no JSON')));
    const cached = memoize(counter().call, { name: 'f', storage: storageWith({ offer: refused }), onEvent });
    expect(await cached()).toBe('value 1');
    const declined = events.find((event) => event.type === 'declined');
    expect(declined).toMatchObject({ why: 'unstorable' });
    expect(declined?.error?.message).toBe('The value for key "f:()" cannot be stored: a Date is no JSON');
  });

  it('an entry that the storage declines is answered and not counted as written', async () => {
    const written: string[] = [];
    const cached = memoize(counter().call, {
      name: 'f',
      storage: storageWith({ offer: async () => 'declined' }),
      evictionStrategy: {
        markRead: () => {},
        markWritten: (key) => void written.push(key),
        markReleased: () => {},
        nextToRelease: () => undefined,
      },
    });
    expect(await cached()).toBe('value 1');
    expect(await cached()).toBe('value 2');
    expect(written).toEqual([]);
    expect(cached.cacheInfo().declined).toBe(2);
  });
});

describe('counting', () => {
  it('adds up under faults: hits + misses + joins = calls', async () => {
    let turnOf = 0;
    const flaky = <R>(answer: () => Promise<R>) => (turnOf++ % 3 === 0 ? down() : answer());
    const entries = new LocalInMemoryCacheStorage();
    const storage = storageWith({
      get: (key) => flaky(() => entries.get(key)),
      offer: (key, entry) => flaky(() => entries.offer(key, entry)),
    });
    let loads = 0;
    const cached = memoize(
      async (id: number) => {
        await turn();
        if (loads++ % 4 === 0) throw new Error('down');
        return id;
      },
      { name: 'f', storage, onEvent: () => {} },
    );
    let calls = 0;
    for (let round = 0; round < 50; round++) {
      const ids = [1, 1, 2, 3, round % 5];
      calls += ids.length;
      await Promise.allSettled(ids.map((id) => cached(id)));
    }
    const { hits, misses, joins, loads: counted } = cached.cacheInfo();
    expect(hits + misses + joins).toBe(calls);
    expect(counted).toBe(misses);
    expect(Math.min(hits, misses, joins)).toBeGreaterThan(0);
  });
});
