import {
  LocalInMemoryCacheStorage,
  memoize,
  type CacheEntry,
  type CacheEvent,
  type CacheStorage,
  type EvictionStrategy,
  type KeyExtractor,
  type LeaseAnswer,
  type OfferResult,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

function heard() {
  const events: CacheEvent[] = [];
  return {
    events,
    onEvent: (event: CacheEvent) => void events.push(event),
    types: () => events.map(({ type }) => type),
  };
}

class LyingStorage extends LocalInMemoryCacheStorage {
  readonly #answer: unknown;

  constructor(answer: unknown) {
    super();
    this.#answer = answer;
  }

  override peek(): CacheEntry | undefined {
    return this.#answer as CacheEntry;
  }

  override async get(): Promise<CacheEntry | undefined> {
    return this.#answer as CacheEntry;
  }

  override lease(): LeaseAnswer {
    return { state: 'present', entry: this.#answer as CacheEntry };
  }
}

describe('a storage that answers what is no entry', () => {
  it.each([
    null,
    'OK',
    42,
    {},
    { value: 'undated' },
    { value: 'x', created: NaN, updateAfter: NaN, expiresAfter: NaN },
  ])('makes a miss of %j', async (answer) => {
    const cached = memoize(counter().call, { name: 'f', storage: new LyingStorage(answer), onEvent: () => {} });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 2']);
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 2 });
  });

  it('is told as unreadable where it comes from get', async () => {
    const { onEvent, events } = heard();
    const storage: CacheStorage = {
      shared: false,
      get: async () => 'OK' as unknown as CacheEntry,
      offer: async () => 'stored',
      release: async () => {},
    };
    await memoize(counter().call, { name: 'f', storage, onEvent })('a');
    expect(events.find((event) => event.type === 'unreadable')?.error.message).toBe(
      'What is stored under key "f:a" cannot be read: the storage answered "OK", no entry.',
    );
  });

  it('that answers an offer with nothing has kept it', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const silent: CacheStorage = {
      shared: false,
      get: (key) => storage.get(key),
      offer: async (key, entry) => {
        await storage.offer(key, entry);
        return undefined as unknown as OfferResult;
      },
      release: (key) => storage.release(key),
    };
    const cached = memoize(counter().call, { name: 'f', storage: silent });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 1']);
  });

  it('that cannot tell the time is judged by the clock of this process', async () => {
    class Timeless extends LocalInMemoryCacheStorage {
      now(): number {
        throw new Error('what is time');
      }
    }
    const cached = memoize(counter().call, { name: 'f', storage: new Timeless() });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 1']);
  });
});

describe('a storage with a clock of its own', () => {
  class OtherTime extends LocalInMemoryCacheStorage {
    time = 1_000_000;
    now(): number {
      return this.time;
    }
  }

  it('is what entries are dated and judged by (I5)', async () => {
    const storage = new OtherTime();
    const cached = memoize(counter().call, { name: 'f', storage, expireAfter: '1 minute' });
    await cached();
    expect((await storage.get('f:()'))?.created).toBe(1_000_000);
    storage.time += 59_999;
    expect([await cached(), await cached.ttl([])]).toEqual(['value 1', 1]);
    storage.time += 1;
    expect(await cached()).toBe('value 2');
  });

  it('gives way to a clock that was injected', async () => {
    const storage = new OtherTime();
    const clock = new ManualClock(5);
    const cached = memoize(counter().call, { name: 'f', storage, expireAfter: '1 minute', clock });
    await cached();
    expect((await storage.get('f:()'))?.created).toBe(5);
  });
});

describe('an entry builder', () => {
  it('may transform the value and date every entry by itself (M81)', async () => {
    const clock = new ManualClock(1_000);
    const { memoizeWith } = withBuilder(clock, (value, now) => ({
      value: `built ${String(value)}`,
      created: now,
      updateAfter: Infinity,
      expiresAfter: now + 5,
    }));
    const cached = memoizeWith(counter().call);
    expect(await Promise.all([cached(), cached()])).toEqual(['built value 1', 'built value 1']);
    expect(await cached.ttl([])).toBe(5);
  });

  it('that fails, or builds no entry, fails the load for everyone, and nothing is kept (M43)', async () => {
    for (const [build, message] of [
      [
        () => {
          throw new Error('cannot build');
        },
        'cannot build',
      ],
      [
        () => undefined,
        'CacheEntryBuilder.build: expected an entry with created, updateAfter and expiresAfter, got undefined.',
      ],
    ] as const) {
      const { memoizeWith } = withBuilder(new ManualClock(), build as unknown as () => CacheEntry);
      const cached = memoizeWith(counter().call);
      for (const outcome of await Promise.allSettled([cached(), cached()])) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CACHED_METHOD_FAILED', key: 'f' } });
        expect(String(((outcome as PromiseRejectedResult).reason as Error).cause)).toContain(message);
      }
      expect(await cached.exists([])).toBe(false);
    }
  });

  function withBuilder(clock: ManualClock, build: (value: unknown, now: number) => CacheEntry) {
    const keyExtractor: KeyExtractor = { formatKey: () => 'f' };
    const nothing: EvictionStrategy = {
      markRead: () => {},
      markWritten: () => {},
      markReleased: () => {},
      nextToRelease: () => undefined,
    };
    const configuration = {
      configured: true,
      storage: new LocalInMemoryCacheStorage(),
      keyExtractor,
      evictionStrategy: nothing,
      entryBuilder: { build: (_: string, value: unknown, now: number) => build(value, now) },
      postprocessing: { apply: <V>(value: V): V => value },
      methodTimeout: 1_000,
    };
    return {
      memoizeWith: (fn: () => Promise<string>) => memoize(fn, { configuration, clock, onEvent: () => {} }),
    };
  }
});

describe('an eviction strategy', () => {
  const throws = (): never => {
    throw new Error('no books');
  };

  it('that throws is an event, and every call is answered and kept (mends M44)', async () => {
    const { onEvent, types } = heard();
    const evictionStrategy = { markRead: throws, markWritten: throws, markReleased: throws, nextToRelease: throws };
    const cached = memoize(counter().call, { evictionStrategy, onEvent });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 1']);
    expect(await cached.delete([])).toBe(true);
    expect(types().filter((type) => type === 'policy-failed').length).toBe(3);
  });

  it('that always wants more gone holds nothing up', async () => {
    let asked = 0;
    const cached = memoize(counter().call, {
      evictionStrategy: {
        markRead: () => {},
        markWritten: () => {},
        markReleased: () => {},
        nextToRelease: () => `victim ${++asked}`,
      },
    });
    await cached();
    await turn();
    expect(asked).toBe(64);
  });
});

describe('a key extractor', () => {
  it.each([undefined, 42, '', null])('that answers %j is a mistake in the call', async (key) => {
    const extractor: KeyExtractor = { formatKey: () => key as string };
    const cached = memoize(counter().call, { key: extractor });
    await expect(cached()).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it('that throws reaches the caller as it is (M13)', async () => {
    const error = new Error('no key');
    const extractor: KeyExtractor = {
      formatKey: () => {
        throw error;
      },
    };
    await expect(memoize(counter().call, { key: extractor })()).rejects.toBe(error);
  });
});

describe('postprocessing', () => {
  it('that fails rejects with an error of our own, and the entry stays', async () => {
    const cached = memoize((_: string) => 'value', {
      postprocessing: {
        apply: () => {
          throw new TypeError('cannot be copied');
        },
      },
    });
    await expect(cached('a')).rejects.toMatchObject({
      code: 'POSTPROCESSING_FAILED',
      message: 'Postprocessing of the value for key "a" failed: cannot be copied',
    });
  });
});

describe('what is shared over one storage', () => {
  it('is the load in flight, also between functions of one name (I2)', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const source = slowSource();
    const first = memoize(source.call, { storage, name: 'shared' });
    const second = memoize(source.call, { storage, name: 'shared' });
    const both = Promise.all([first('a'), second('a')]);
    await turn();
    expect(source.calls.length).toBe(1);
    source.answer('one');
    expect(await both).toEqual(['one', 'one']);
    expect([first.cacheInfo().misses, second.cacheInfo().joins]).toEqual([1, 1]);
  });

  it('is looked at again after the storage has answered (mends M48)', async () => {
    const gets: (() => void)[] = [];
    const entries = new LocalInMemoryCacheStorage();
    const slow: CacheStorage = {
      shared: false,
      get: async (key) => {
        const entry = await entries.get(key);
        await new Promise<void>((resolve) => gets.push(resolve));
        return entry;
      },
      offer: (key, entry) => entries.offer(key, entry),
      release: (key) => entries.release(key),
    };
    const source = slowSource();
    const cached = memoize(source.call, { name: 'f', storage: slow });
    const calls = [cached('a'), cached('a')];
    await turn();
    gets[0]?.();
    await turn();
    gets[1]?.();
    await turn();
    expect(source.calls.length).toBe(1);
    source.answer('one');
    expect(await Promise.all(calls)).toEqual(['one', 'one']);
  });
});

describe('a write that outlives its deadline', () => {
  it('is waited for by a delete, which takes it away, too', async () => {
    const clock = new ManualClock();
    const landed = deferred<undefined>();
    class LateWrites extends LocalInMemoryCacheStorage {
      override readonly deadline = 500;
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        await landed.promise;
        return super.offer(key, entry);
      }
    }
    const cached = memoize(counter().call, { name: 'f', storage: new LateWrites(), clock, onEvent: () => {} });
    const first = cached('a');
    await clock.advance(500);
    expect(await first).toBe('value 1');
    const deleting = cached.delete(['a']);
    landed.resolve(undefined);
    await deleting;
    expect(await cached.exists(['a'])).toBe(false);
  });

  it('makes a delete reject that cannot be certain', async () => {
    const clock = new ManualClock();
    class HangingWrites extends LocalInMemoryCacheStorage {
      override readonly deadline = 500;
      override offer(): Promise<OfferResult> {
        return new Promise(() => {});
      }
    }
    const cached = memoize(counter().call, { name: 'f', storage: new HangingWrites(), clock, onEvent: () => {} });
    const first = cached('a');
    await clock.advance(500);
    await first;
    const deleting = expect(cached.delete(['a'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await clock.advance(500);
    await deleting;
  });
});
