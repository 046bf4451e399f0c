import { memoize, storageOver, type Lock, type MapLike } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { InProcessLocks } from '../originals/in-process-locks.js';
import { turn } from '../support/deferred.js';
import { memberOver } from '../support/fleet.js';
import { counter } from '../support/source.js';

const start = Date.UTC(2026, 0, 1);

/** A store that forgets by itself, to the millisecond that it was told. */
class ForgettingStore {
  readonly #clock: ManualClock;
  readonly #kept = new Map<string, { readonly record: unknown; readonly until: number }>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get(key: string): unknown {
    const kept = this.#kept.get(key);
    return kept !== undefined && this.#clock.now() < kept.until ? kept.record : null;
  }

  set(key: string, record: unknown, milliseconds = Infinity): void {
    this.#kept.set(key, { record: structuredClone(record), until: this.#clock.now() + milliseconds });
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  ttl(key: string): number {
    return Math.max(0, (this.#kept.get(key)?.until ?? 0) - this.#clock.now());
  }
}

describe('the locks of a store', () => {
  /** Two processes over one store. */
  function fleetOver(store: MapLike, clock: ManualClock) {
    return [0, 1].map(() => memberOver(storageOver(store, { clock }), clock));
  }

  it('let one process load for all that share it', async () => {
    const clock = new ManualClock(start);
    const store = Object.assign(new ForgettingStore(clock), { lock: new InProcessLocks(clock).of });
    const [one, two] = fleetOver(store, clock) as [ReturnType<typeof memberOver>, ReturnType<typeof memberOver>];
    const answers = Promise.all([one.call('a'), two.call('a')]);
    await turn();
    one.source.answer('loaded once');
    expect(await answers).toEqual(['loaded once', 'loaded once']);
    expect([one.source.calls.length, two.source.calls.length]).toEqual([1, 0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are what it takes: without them each process loads for itself', async () => {
    const clock = new ManualClock(start);
    const members = fleetOver(new ForgettingStore(clock), clock);
    const answers = Promise.all(members.map(({ call }) => call('a')));
    await turn();
    for (const { source } of members) source.answer('loaded');
    await answers;
    expect(members.map(({ source }) => source.calls.length)).toEqual([1, 1]);
  });

  it('are asked by the key of the entry, also those of a Map', async () => {
    const clock = new ManualClock(start);
    const asked: string[] = [];
    const locks = new InProcessLocks(clock);
    const lock = (key: string): Lock => (asked.push(key), locks.of(key));
    for (const store of [new ForgettingStore(clock), new Map<string, unknown>()]) {
      const { call, source } = memberOver(storageOver(Object.assign(store, { lock }), { clock }), clock);
      const answer = call('a');
      await turn();
      source.answer('loaded');
      await answer;
    }
    expect(asked).toEqual(['f:a', 'f:a']);
  });
});

describe('the lifetimes of a store', () => {
  it('end as the entry expires: what the store has forgotten is loaded anew', async () => {
    const clock = new ManualClock(start);
    const store = new ForgettingStore(clock);
    const storage = storageOver(store, { clock });
    const source = counter();
    const cached = memoize(source.call, { name: 'f', storage, clock, expireAfter: '1 minute', jitter: 0 });
    await cached('a');
    expect([await storage.ttl?.('f:a'), await storage.ttl?.('f:b')]).toEqual([60_000, 0]);
    await clock.advance('59 seconds');
    expect(await cached('a')).toBe('value 1');
    await cached.expire(['a'], '2 minutes');
    expect(await storage.ttl?.('f:a')).toBe(120_000);
    await clock.advance('119 seconds');
    expect(await cached('a')).toBe('value 1');
    await clock.advance('1 second');
    expect(store.get('f:a')).toBe(null);
    expect(await cached.exists(['a'])).toBe(false);
    expect(await cached('a')).toBe('value 2');
    await cached.expire(['a'], null);
    expect(await storage.ttl?.('f:a')).toBe(Infinity);
  });
});

describe('a Map', () => {
  it('answers hits without waiting, and holds what functions over it remember', async () => {
    const map = new Map<string, unknown>();
    const storage = storageOver(map);
    const source = counter();
    const cached = memoize(source.call, { name: 'f', storage });
    expect([await cached('a'), await cached('a'), await cached('b')]).toEqual(['value 1', 'value 1', 'value 2']);
    expect(storage.peek?.('f:a')).toBe(map.get('f:a'));
    expect([...map.keys()]).toEqual(['f:a', 'f:b']);
    expect(await cached.delete(['a'])).toBe(true);
    await cached.clear();
    expect(map.size).toBe(0);
  });

  it('leaves in place what is none of its entries', async () => {
    const map = new Map<unknown, unknown>([['config', { theme: 'dark' }]]);
    const cached = memoize(counter().call, { name: 'f', storage: storageOver(map) });
    await cached('a');
    await cached.removeExpired();
    await cached.clear();
    expect([...map]).toEqual([['config', { theme: 'dark' }]]);
  });

  it('lets a failure rest, as every storage of this process does', async () => {
    const clock = new ManualClock(start);
    const storage = storageOver(new Map(), { clock });
    const answer = storage.lease?.('key', { holder: 'a', seen: undefined, time: 3_000 });
    expect(answer).toMatchObject({ state: 'granted' });
    await clock.advance(2_999);
    expect(storage.lease?.('key', { holder: 'b', seen: undefined, time: 3_000 })).toMatchObject({ state: 'held' });
    await clock.advance(1);
    expect(storage.lease?.('key', { holder: 'b', seen: undefined, time: 3_000 })).toMatchObject({ state: 'granted' });
  });
});
