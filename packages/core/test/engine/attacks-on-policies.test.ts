import {
  type CacheEntry,
  CachedMethodFailedError,
  clearAll,
  type CacheEvent,
  type CacheStorage,
  type LeaseRest,
  LocalInMemoryCacheStorage,
  memoize,
  memoizeSync,
  Memoizer,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';

const clock = new ManualClock(1_000_000);
let events: CacheEvent[] = [];
const onEvent = (event: CacheEvent): void => void events.push(event);
const faults = (): readonly string[] =>
  events.flatMap((event) => (event.type === 'policy-failed' ? [`${event.policy}: ${String(event.error.cause)}`] : []));

let unhandled: unknown[] = [];
const hear = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  [events, unhandled] = [[], []];
  process.on('unhandledRejection', hear);
});
afterEach(async () => {
  await turn();
  await turn();
  process.off('unhandledRejection', hear);
  expect(unhandled).toEqual([]);
});

const no = (): Promise<never> => Promise.reject(new Error('nobody asked for a promise'));
const failing = (): never => {
  throw new Error('down');
};

describe('a promise where true or false is expected', () => {
  it.each([
    ['enabled', { enabled: no as never }],
    ['negative', { negative: { when: no as never } }],
    ['retry', { retry: { count: 1, when: no as never } }],
  ])('is a fault of %s, and its rejection is left to nobody', async (policy, options) => {
    const cached = memoize(async () => failing(), { clock, onEvent, ...options });
    const sync = memoizeSync(failing, { clock, onEvent, ...options });
    await expect(cached()).rejects.toThrow('down');
    expect(() => sync()).toThrow('down');
    expect(faults()).toHaveLength(2);
    for (const fault of faults()) {
      expect(fault).toMatch(
        new RegExp(`^${policy}: .*expected true or false from it, at once, got an object of class`),
      );
    }
  });

  it.each([
    ['maxAge', { maxAge: no as never }],
    ['key', { key: no }],
    ['normalize', { normalize: no as never }],
  ])('is a mistake in the call at %s, and its rejection is left to nobody', async (_option, options) => {
    await expect(memoize(async () => 1, { clock, ...options })()).rejects.toThrow();
  });
});

describe('a cache that is off', () => {
  it('asks for no etag and no age, and does not sweep', async () => {
    const asked: string[] = [];
    const options = {
      clock,
      onEvent,
      enabled: false,
      etag: () => void asked.push('etag'),
      maxAge: () => void asked.push('maxAge') as never,
      removeExpiredEvery: 0,
    };
    expect(await memoize(async () => 1, options)()).toBe(1);
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), options);
    expect(await memo.get('a', () => 2)).toBe(2);
    expect(await memo.get('a')).toBeUndefined();
    expect(await memo.getMany(['a', 'b'], (keys) => [...keys])).toEqual(new Map(Object.entries({ a: 'a', b: 'b' })));
    expect(await memo.refresh('a', () => 3)).toBe(3);
    await turn();
    expect([asked, events.filter(({ type }) => type === 'expired-removed')]).toEqual([[], []]);
  });
});

describe('a storage that memo makes', () => {
  it('measures the rests of keys by the clock that is given', async () => {
    let isDown = true;
    const cached = memoize(async () => (isDown ? failing() : 'up'), { clock, retry: 1 });
    await expect(cached()).rejects.toThrow('down');
    isDown = false;
    await clock.advance('1 hour');
    expect(await cached()).toBe('up');
  });
});

describe('a remembered failure', () => {
  it('does not take the place of an entry that will do for others', async () => {
    let isDown = false;
    const cached = memoize(async () => (isDown ? failing() : 'up'), {
      clock,
      expireAfter: '1 hour',
      negative: { expireAfter: '30 minutes' },
    });
    await cached();
    isDown = true;
    await clock.advance('10 minutes');
    await expect(cached.with({ maxAge: '5 minutes' })()).rejects.toThrow('down');
    await expect(cached.with({ etag: 'B' })()).rejects.toThrow('down');
    expect(await cached()).toBe('up');
  });

  it('is judged once in a shared storage, where only a record of it is', async () => {
    class Refused extends Error {
      readonly retryAfter = 60;
    }
    const inner = new LocalInMemoryCacheStorage({ clock });
    const storage: CacheStorage = {
      get: async (key) => structuredClone(await inner.get(key)),
      offer: (key, entry, lease) => inner.offer(key, structuredClone(entry), lease),
      release: (key) => inner.release(key),
      invalidate: (key) => inner.invalidate(key),
    };
    let loads = 0;
    const load = async (): Promise<never> => {
      loads++;
      throw new Refused('later');
    };
    const cached = memoize(load, {
      name: 'refused',
      storage,
      clock,
      onEvent,
      jitter: 0,
      negative: { expireAfter: ({ value }) => (value as Refused).retryAfter * 1_000 },
    });
    for (let call = 0; call < 3; call++) await expect(cached()).rejects.toThrow('later');
    expect([loads, faults()]).toEqual([1, []]);
    await clock.advance('1 minute');
    await expect(cached()).rejects.toThrow('later');
    expect(loads).toBe(2);
  });

  it('of one of many keys leaves that key out, also where nothing is loaded', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock, negative: {} });
    const found = new Map([['b', 'b']]);
    expect(await memo.getMany(['a', 'b'], () => [new Error('no a'), 'b'])).toEqual(found);
    expect(await memo.getMany(['a', 'b'])).toEqual(found);
    await expect(memo.get('a')).rejects.toThrow('no a');
  });

  it.each([
    ['a revoked proxy', revokedProxy()],
    ['an object with a trap', Object.defineProperty({}, 'failure', { get: failing })],
    ['what looks like a record', { failure: { memo: 1, thrown: { value: 'another' } } }],
  ])('may be anything: %s', async (_title, thrown) => {
    let isDown = true;
    const load = async (): Promise<string> => {
      if (!isDown) return 'up';

      throw thrown;
    };
    const cached = memoize(load, { clock, retry: 1, negative: { expireAfter: '1 minute' }, staleIfError: '1 minute' });
    for (let call = 0; call < 2; call++) {
      const error: unknown = await cached().catch((caught: unknown) => caught);
      expect(CachedMethodFailedError.isInstance(error) && Object.is(error.cause, thrown)).toBe(true);
    }
    isDown = false;
    await clock.advance('2 minutes');
    expect(await cached()).toBe('up');
  });
});

describe('clearAll', () => {
  it('reaches whatever calls by key have put into storages of this process', async () => {
    const storages = Array.from({ length: 20 }, () => new LocalInMemoryCacheStorage({ clock }));
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock });
    for (const [index, storage] of storages.entries()) {
      await memo.get('k', () => index, { namespace: `tenant ${index}` });
      await memo.get('k', () => index, { storage });
    }
    await clearAll();
    expect(storages.map(({ size }) => size)).toEqual(storages.map(() => 0));
    expect(memo.cacheInfo().size).toBe(0);
  });
});

describe('a rest', () => {
  it('does not outlive an invalidation that comes while the lease is given back', async () => {
    const inner = new LocalInMemoryCacheStorage({ clock });
    let giveBack: (() => void) | undefined;
    const storage: CacheStorage = {
      get: (key) => inner.get(key),
      offer: (key, entry, lease) => inner.offer(key, entry, lease),
      release: (key) => inner.release(key),
      invalidate: (key) => inner.invalidate(key),
      lease: (key, request) => {
        const answer = inner.lease(key, request);
        if (answer.state !== 'granted') return answer;
        const { lease } = answer;
        const slow = async (rest?: LeaseRest): Promise<boolean> => {
          const held = await lease.giveBack(rest);
          await new Promise<void>((resolve) => (giveBack = resolve));
          return held;
        };
        return { state: 'granted', lease: { ...lease, giveBack: slow } };
      },
    };
    let isDown = true;
    const cached = memoize(async () => (isDown ? failing() : 'up'), { name: 'rests', storage, clock });
    const failed = cached().catch((error: unknown) => error);
    await turn();
    await cached.delete([]);
    giveBack?.();
    await failed;
    isDown = false;
    expect(await cached()).toBe('up');
  });
});

describe('a sweep', () => {
  it('of one region leaves what another serves, or keeps for failures', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), {
      clock,
      onEvent,
      regions: {
        token: { expireAfter: '$.expiresAt', removeExpiredEvery: 0 },
        plain: { expireAfter: '1 hour' },
        bridged: { expireAfter: '1 minute', staleIfError: '1 hour' },
      },
    });
    await memo.get('plain', () => 'plain', { region: 'plain' });
    await memo.get('bridged', () => 'bridged', { region: 'bridged' });
    await clock.advance('2 minutes');
    await memo.get('token', () => ({ expiresAt: new Date(clock.now() + 60_000) }), { region: 'token' });
    await clock.advance('2 minutes');
    expect(await memo.removeExpired({ region: 'token' })).toBe(1);
    expect(faults()).toEqual([]);
    expect(await memo.get('plain', failing, { region: 'plain' })).toBe('plain');
    expect(await memo.get('bridged', failing, { region: 'bridged' })).toBe('bridged');
  });

  it('comes when it is due, though the clock was set back', async () => {
    const cached = memoize(async (key: number) => key, { clock, onEvent, removeExpiredEvery: '1 minute' });
    await cached(1);
    await clock.advance('61 seconds');
    clock.set(clock.now() - 3_600_000);
    await cached(1);
    await turn();
    expect(events.filter(({ type }) => type === 'expired-removed')).toHaveLength(2);
  });
});

describe('removeExpired', () => {
  class FailingStorage extends LocalInMemoryCacheStorage {
    releasing: () => Promise<void> = () => Promise.reject(new Error('no release'));
    override readonly deadline = 100 as never;

    override release(): Promise<void> {
      return this.releasing();
    }

    override async *entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
      for await (const listed of super.entries()) {
        yield listed;
        // What fails meanwhile is nobody's for a while.
        await turn();
      }
    }
  }

  it('says it as the others do when the storage fails at what is judged, and ends when that hangs', async () => {
    const storage = new FailingStorage({ clock });
    const cached = memoize(async () => 1, { name: 'swept', storage, clock, expireAfter: () => '1 minute' });
    await cached();
    await clock.advance('2 minutes');
    await expect(cached.removeExpired()).rejects.toThrow('The storage failed at release of key "swept:()": no release');
    storage.releasing = () => new Promise(() => undefined);
    const removing = cached.removeExpired().catch((error: unknown) => String(error));
    await turn();
    await clock.advance(100);
    expect(await removing).toContain('did not answer release within its deadline of 100 ms');
  });
});

describe('what is judged at each read', () => {
  it('is live or not for delete and expire as it is for calls', async () => {
    let lifetime = '1 minute';
    const cached = memoize(async (key: string) => key, { clock, expireAfter: () => lifetime });
    await cached('longer');
    lifetime = '1 hour';
    await clock.advance('2 minutes');
    expect([await cached.exists(['longer']), await cached.expire(['longer'], '10 minutes')]).toEqual([true, true]);
    expect(await cached.ttl(['longer'])).toBe(600_000);
    expect(await cached.delete(['longer'])).toBe(true);
    await cached('shorter');
    lifetime = '1 second';
    await clock.advance('2 seconds');
    expect([await cached.exists(['shorter']), await cached.delete(['shorter'])]).toEqual([false, false]);
  });

  it('waits for itself no longer than a load may take, where it asks for itself', async () => {
    let asks = 0;
    const cached: () => Promise<number> = memoize(async () => 1, {
      clock,
      onEvent,
      timeout: '5 seconds',
      expireAfter: async () => {
        asks++;
        if (asks > 1) await cached();
        return '1 minute';
      },
    });
    await cached();
    const answer = cached();
    await turn();
    await clock.advance('5 seconds');
    await turn();
    await clock.advance('5 seconds');
    expect(await answer).toBe(1);
    expect(asks).toBeLessThan(10);
    expect(faults().every((fault) => fault.includes('did not end within 5000 ms'))).toBe(true);
  });

  it('is a mistake where it asks for itself, and nobody can wait', () => {
    let isAsking = false;
    const cached: (key: number) => number = memoizeSync((key: number) => key, {
      clock,
      onEvent,
      removeExpiredEvery: 0,
      expireAfter: () => {
        if (isAsking) cached(1);
        return '1 minute';
      },
    });
    cached(1);
    cached(2);
    isAsking = true;
    expect(cached(1)).toBe(1);
    expect(faults().length).toBeGreaterThan(0);
    expect(faults().every((fault) => fault.includes('in the midst of its own load'))).toBe(true);
  });
});

describe('what is kept open', () => {
  const connect = (): { isOpen: boolean; [Symbol.asyncDispose](): Promise<void> } => {
    const client = {
      isOpen: true,
      [Symbol.asyncDispose]: async () => {
        client.isOpen = false;
      },
    };
    return client;
  };

  it('does not bridge a failure when it has been closed meanwhile', async () => {
    let fail: ((reason: Error) => void) | undefined;
    const cached = memoize(
      () =>
        fail === undefined ? Promise.resolve(connect()) : new Promise<never>((_resolve, reject) => (fail = reject)),
      { clock, dispose: true, expireAfter: '1 minute', staleIfError: '1 hour' },
    );
    await cached();
    fail = () => undefined;
    await clock.advance('2 minutes');
    const answer = cached();
    await turn();
    await cached.delete([]);
    await clock.advance(1);
    fail(new Error('down'));
    await expect(answer).rejects.toThrow('down');
  });

  it('is held by one call, which is counted once', async () => {
    const cached = memoize(async () => connect(), { clock, dispose: true });
    const holding = cached.lease();
    const clearing = cached.clear();
    const held = await holding;
    await clearing;
    expect(held.value.isOpen).toBe(true);
    const { hits, misses, joins } = cached.cacheInfo();
    expect(hits + misses + joins).toBe(1);
    await held[Symbol.asyncDispose]();
  });

  it('is closed in the end: a delay for ever is refused', () => {
    expect(() => memoize(async () => connect(), { dispose: true, closeDelay: Infinity })).toThrow(
      `memoize: option 'closeDelay' should be a duration that ends, or nothing would be closed, got Infinity.`,
    );
    expect(() => memoize(async () => connect(), { dispose: true, closeDelay: null as never })).toThrow(
      /^memoize: option 'closeDelay' should be a duration such as/,
    );
  });
});

it.each([[[]], [new Date(0)], [new Map()], [Promise.resolve()]])('options of failures are no %o', (negative) => {
  expect(() => memoize(async () => 1, { negative: negative as never })).toThrow(
    /^memoize: option 'negative' should be an object of options, such as \{ expireAfter: '10 seconds' \}, got /,
  );
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
