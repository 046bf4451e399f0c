import {
  InvalidCallError,
  InvalidOptionError,
  LocalInMemoryCacheStorage,
  storageOver,
  type CacheEntry,
  type CacheStorage,
  type MapLike,
  type StorageOverOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { AbleStore, Backend, byJson, DistantStore, ListingStore } from './stores.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };

/** A store that keeps the very objects it is given, and notes how long. */
class NotingStore {
  readonly kept = new Map<string, unknown>();
  readonly lifetimes: (number | undefined)[] = [];

  get(key: string): unknown {
    return this.kept.get(key);
  }

  set(key: string, record: unknown, milliseconds: number | undefined): this {
    this.kept.set(key, record);
    this.lifetimes.push(milliseconds);
    return this;
  }

  delete(key: string): boolean {
    return this.kept.delete(key);
  }
}

describe('storageOver', () => {
  it.each<[store: unknown, message: string]>([
    [undefined, 'storageOver: expected a Map, or an object with get, set and delete, got undefined.'],
    [
      'redis://localhost',
      'storageOver: expected a Map, or an object with get, set and delete, got "redis://localhost".',
    ],
    [
      new Set(),
      'storageOver: expected a Map, or an object with get, set and delete, got an object of class Set. It lacks get and set.',
    ],
    [
      { get: () => 1, set: () => 1, del: () => 1 },
      'storageOver: expected a Map, or an object with get, set and delete, got an object of class Object. It lacks delete.',
    ],
    [
      new LocalInMemoryCacheStorage(),
      'storageOver: expected a Map, or an object with get, set and delete, got an object of class LocalInMemoryCacheStorage. It is a storage already.',
    ],
  ])('refuses what is no store: %o', (store, message) => {
    const wrong = (): CacheStorage => storageOver(store as MapLike);
    expect(wrong).toThrow(InvalidCallError);
    expect(wrong).toThrow(message);
    expect(messageOf(wrong)).toBe(message);
  });

  it.each<[options: unknown, message: string]>([
    [{ shared: 'no' }, `storageOver: option 'shared' should be true or false, got "no".`],
    [
      { serde: JSON },
      `storageOver: option 'serde' should be a SerDe with serialize, deserialize, got an object of class Object.`,
    ],
    [{ values: 'all' }, `storageOver: option 'values' should be 'json' or 'any', got "all".`],
    [{ deadline: 0 }, `storageOver: option 'deadline' should be longer than 0, got 0.`],
    [{ clock: Date }, `storageOver: option 'clock' should be a Clock with now, setTimer, got function Date.`],
    [
      { namespace: 'a' },
      `storageOver: option 'namespace' should be left out, since there is no such option, got "a". ` +
        `The options are shared, serde, values, deadline, clock.`,
    ],
    [
      { serde: { serialize: () => 1, deserialize: () => 1 }, values: 'json' },
      `storageOver: option 'values' should be left out where there is a 'serde', which says itself what it keeps, got "json".`,
    ],
  ])('refuses options that it cannot use: %o', (options, message) => {
    const wrong = (): CacheStorage => storageOver(new NotingStore(), options as StorageOverOptions);
    expect(wrong).toThrow(InvalidOptionError);
    expect(messageOf(wrong)).toBe(message);
  });

  it('refuses options that are none', () => {
    expect(messageOf(() => storageOver(new Map(), 'shared' as StorageOverOptions))).toBe(
      'storageOver: expected an object of options, got "shared".',
    );
  });

  it('counts a Map as of this process and every other store as shared, unless it is told otherwise', () => {
    const sharedOver = (store: MapLike, options?: StorageOverOptions): boolean | undefined =>
      storageOver(store, options).shared;
    expect([sharedOver(new Map()), sharedOver(new (class extends Map<string, unknown> {})())]).toEqual([false, false]);
    expect(sharedOver(new NotingStore())).toBe(true);
    expect(sharedOver(new NotingStore(), { shared: false })).toBe(false);
    expect(sharedOver(new Map(), { shared: true })).toBe(true);
  });

  it('has a deadline, except over a Map', () => {
    expect(storageOver(new Map()).deadline).toBe(Infinity);
    expect(storageOver(new Map(), { deadline: '1 second' }).deadline).toBe(1_000);
    expect(storageOver(new NotingStore()).deadline).toBe(500);
    expect(storageOver(new NotingStore(), { deadline: '1 second' }).deadline).toBe(1_000);
  });

  it.each<[what: string, store: MapLike, abilities: readonly string[]]>([
    ['a Map', new Map(), ['changeMoments', 'clear', 'entries', 'invalidate', 'lease', 'peek', 'set']],
    [
      'a Map with locks and lifetimes',
      Object.assign(new Map<string, unknown>(), { lock: new Backend().locks.of, ttl: () => 1 }),
      ['changeMoments', 'clear', 'entries', 'invalidate', 'lock', 'peek', 'set', 'ttl'],
    ],
    ['a store that can nothing else', new DistantStore(byJson), ['changeMoments', 'invalidate']],
    ['a store that lists its records', new ListingStore(byJson), ['changeMoments', 'clear', 'entries', 'invalidate']],
    [
      'a store that can be iterated over',
      Object.assign(storeOf(new Map()), { [Symbol.iterator]: () => [][Symbol.iterator]() }),
      ['changeMoments', 'clear', 'entries', 'invalidate'],
    ],
    [
      'a store with properties of those names that are no methods',
      {
        ...storeOf(new Map()),
        ...{ ttl: 60_000, lock: true, entries: 5, keys: [], iterator: undefined },
      } as unknown as MapLike,
      ['changeMoments', 'invalidate'],
    ],
    ['a store that can only take all away', { ...storeOf(new Map()), clear: () => 1 }, ['changeMoments', 'invalidate']],
    [
      'a store that can whatever a store can do',
      new AbleStore(byJson),
      ['changeMoments', 'clear', 'entries', 'invalidate', 'lock', 'ttl'],
    ],
  ])('over %s has the abilities that it has, and no others', (_, store, expected) => {
    const storage = storageOver(store);
    const abilities = [
      ...['changeMoments', 'clear', 'entries', 'getMany', 'invalidate', 'lease', 'lock', 'now', 'peek', 'set', 'ttl'],
      Symbol.asyncDispose,
    ] as (keyof CacheStorage)[];
    expect(abilities.filter((ability) => storage[ability] !== undefined)).toEqual(expected);
  });

  it('keeps resources in a Map that lets go of nothing by itself, and nowhere else', () => {
    class LeakyMap extends Map {}
    expect(storageOver(new Map()).keepsResources).toBe(true);
    expect(storageOver(new LeakyMap()).keepsResources).toBe(false);
    expect(storageOver(storeOf(new Map()), { shared: false, values: 'any' }).keepsResources).toBe(undefined);
  });

  it('calls the methods of a store as its own', async () => {
    class Proud extends NotingStore {
      override get(key: string): unknown {
        return this.kept.get(key);
      }
      lock(key: string): { key: string; of: unknown } {
        return { key, of: this };
      }
      ttl(): number {
        return this.kept.size;
      }
      *keys(): Iterable<string> {
        yield* this.kept.keys();
      }
    }
    const store = new Proud();
    const storage = storageOver(store as unknown as MapLike);
    await storage.offer('key', entry);
    expect([await storage.ttl?.('key'), storage.lock?.('key')]).toEqual([1, { key: 'key', of: store }]);
    expect(await listed(storage)).toEqual([['key', entry]]);
    await storage.clear?.('k');
    expect(store.kept.size).toBe(0);
  });
});

describe('what a store is given', () => {
  it('is plain data with the full key and a version; a moment that never comes and undefined are left out', async () => {
    const store = new NotingStore();
    const storage = storageOver(store, { clock: new ManualClock(1_000) });
    await storage.offer('plain', { value: { id: 1 }, created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 });
    await storage.offer('whole', { ...entry, started: 900.5, etag: '', failed: true, value: null });
    await storage.offer('bare', { value: undefined, created: 0, updateAfter: Infinity, expiresAfter: Infinity });
    expect(Object.fromEntries(store.kept)).toStrictEqual({
      plain: { memo: 1, key: 'plain', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000, value: { id: 1 } },
      whole: {
        ...{ memo: 1, key: 'whole', created: 1_000, started: 900.5, updateAfter: 2_000, expiresAfter: 3_000 },
        ...{ etag: '', failed: true, value: null },
      },
      bare: { memo: 1, key: 'bare', created: 0 },
    });
  });

  it('is worth keeping until it expires, in whole milliseconds rounded up, at least one; for ever is undefined', async () => {
    const store = new NotingStore();
    const clock = new ManualClock(1_000.25);
    const storage = storageOver(store, { clock });
    const offered: CacheEntry = { ...entry, expiresAfter: 3_000.5 };
    for (const expiresAfter of [3_000.5, 3_000.25, 1_000.25, 0, Infinity]) {
      await storage.offer('key', { ...offered, expiresAfter });
    }
    await storage.offer('key', offered);
    await clock.advance(500);
    await storage.changeMoments?.('key', offered, { updateAfter: 2_000, expiresAfter: 9_000 }, 1_500);
    expect(store.lifetimes).toEqual([2_001, 2_000, 1, 1, undefined, 2_001, 7_500]);
  });

  it('says until when it is kept, where that is longer than it is served: null for ever', async () => {
    const store = new NotingStore();
    const storage = storageOver(store, { clock: new ManualClock(1_000) });
    const record = { memo: 1, key: 'key', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000, value: 'v' };
    const cases = [
      [{ keepUntil: 4_000.5 }, { keepUntil: 4_000.5 }, 3_001],
      [{ keepUntil: Infinity }, { keepUntil: null }, undefined],
      [{ keepUntil: 3_000 }, {}, 2_000],
      [{ keepUntil: 2_000 }, {}, 2_000],
      [{}, {}, 2_000],
    ] as const;
    for (const [moments, written, lifetime] of cases) {
      await storage.offer('key', { ...entry, ...moments });
      expect(store.kept.get('key')).toStrictEqual({ ...record, ...written });
      expect(store.lifetimes.at(-1)).toBe(lifetime);
      expect(await storage.get('key')).toStrictEqual('keepUntil' in written ? { ...entry, ...moments } : entry);
    }
    await storage.offer('key', { ...entry, expiresAfter: Infinity, keepUntil: Infinity });
    expect(store.kept.get('key')).toStrictEqual({
      memo: 1,
      key: 'key',
      created: 1_000,
      updateAfter: 2_000,
      value: 'v',
    });
  });

  it('is kept as long as new moments say, whatever those before said', async () => {
    const store = new NotingStore();
    const storage = storageOver(store, { clock: new ManualClock(1_000) });
    await storage.offer('key', { ...entry, keepUntil: Infinity });
    const moments = { updateAfter: 2_000, expiresAfter: 5_000 };
    for (const [changed, lifetime] of [
      [moments, 4_000],
      [{ ...moments, keepUntil: 6_000 }, 5_000],
      [{ ...moments, keepUntil: Infinity }, undefined],
    ] as const) {
      expect(await storage.changeMoments?.('key', entry, changed, 2_500)).toBe(true);
      expect(await storage.get('key')).toStrictEqual({ ...entry, ...changed });
      expect(store.lifetimes.at(-1)).toBe(lifetime);
    }
    expect(await storage.invalidate?.('key')).toBe(5_000);
  });

  it('keeps its other parts when its moments change', async () => {
    const store = new NotingStore();
    const storage = storageOver(store);
    await storage.offer('key', { ...entry, started: 900, etag: 'r1', failed: true });
    const change = { updateAfter: Infinity, expiresAfter: Infinity };
    expect(await storage.changeMoments?.('key', entry, change, 2_999)).toBe(true);
    expect(store.kept.get('key')).toStrictEqual({
      ...{ memo: 1, key: 'key', created: 1_000, started: 900, etag: 'r1', failed: true, value: 'v' },
    });
    expect(await storage.get('key')).toStrictEqual({ ...entry, ...change, started: 900, etag: 'r1', failed: true });
  });

  it('is the entry itself where it is a Map', async () => {
    const map = new Map<string, unknown>();
    await storageOver(map).offer('key', entry);
    expect(map.get('key')).toBe(entry);
  });

  it('is plain data also where a Map counts as shared, or is to keep JSON only', async () => {
    for (const options of [{ shared: true }, { shared: true, values: 'any' }, { values: 'json' }] as const) {
      const map = new Map<string, unknown>();
      const storage = storageOver(map, options);
      await storage.offer('key', entry);
      expect(map.get('key')).toStrictEqual({
        ...{ memo: 1, key: 'key', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000, value: 'v' },
      });
      expect(storage.peek).toBe(undefined);
    }
  });

  it('keeps a value of any kind in a store of this process that keeps the objects themselves', async () => {
    const storage = storageOver(new NotingStore(), { shared: false, values: 'any' });
    const value = new WeakMap();
    await storage.offer('key', { ...entry, value });
    expect((await storage.get('key'))?.value).toBe(value);
    await storage.release('key');
    expect(await storage.get('key')).toBe(undefined);
  });
});

describe('with a serde', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('is one text: JSON around what the serde wrote, in clear if that is text', async () => {
    const store = new NotingStore();
    const serde = { format: 'json', serialize: () => bytes('{"ä":1}'), deserialize: () => ({ ...entry, value: 2 }) };
    const storage = storageOver(store, { serde });
    await storage.offer('key', { ...entry, etag: 'r1' });
    expect(store.kept.get('key')).toBe(
      '{"memo":1,"key":"key","created":1000,"updateAfter":2000,"expiresAfter":3000,"etag":"r1",' +
        '"payload":{"format":"json","text":"{\\"ä\\":1}"}}',
    );
    expect(await storage.get('key')).toStrictEqual({ ...entry, etag: 'r1', value: 2 });
  });

  it('has in base64 what is no text, and hands the same bytes back', async () => {
    const store = new NotingStore();
    const written = [
      Uint8Array.of(0xff, 0, 1),
      Uint8Array.from({ length: 20_000 }, (_, at) => at),
      Uint8Array.of(0xef, 0xbb, 0xbf, 65),
    ];
    const read: Uint8Array[] = [];
    const deserialize = (data: Uint8Array): CacheEntry => (read.push(data), entry);
    for (const data of written) {
      const storage = storageOver(store, { serde: { serialize: () => data, deserialize } });
      await storage.offer('key', entry);
      await storage.get('key');
    }
    expect(read.map((data) => [...data])).toEqual(written.map((data) => [...data]));
    const storage = storageOver(store, { serde: { serialize: () => written[0]!, deserialize } });
    await storage.offer('key', entry);
    expect(store.kept.get('key')).toContain('"payload":{"format":"","base64":"/wAB"}');
  });

  it('gives an entry other moments without asking the serde', async () => {
    const serde = { serialize: () => bytes('x'), deserialize: () => Promise.reject(new Error('not asked')) };
    const storage = storageOver(new NotingStore(), { serde });
    await storage.offer('key', entry);
    expect(await storage.changeMoments?.('key', entry, { updateAfter: 1, expiresAfter: 5_000 }, 2_000)).toBe(true);
    expect(await storage.invalidate?.('key')).toBe(5_000);
  });

  it('refuses a value when the serde does, or gives no bytes', async () => {
    const refusing = { serialize: () => Promise.reject(new Error('no such value')), deserialize: () => entry };
    await expect(storageOver(new NotingStore(), { serde: refusing }).offer('key', entry)).rejects.toThrow(
      'The value for key "key" cannot be stored: no such value',
    );
    const wordy = { serialize: () => 'text' as unknown as Uint8Array, deserialize: () => entry };
    await expect(storageOver(new NotingStore(), { serde: wordy }).offer('key', entry)).rejects.toThrow(
      'The value for key "key" cannot be stored: SerDe.serialize: expected a Uint8Array, got "text".',
    );
  });

  it('does not wait for a serde for ever', async () => {
    const clock = new ManualClock();
    const serde = { serialize: () => new Promise<never>(() => {}), deserialize: () => entry };
    const storage = storageOver(new NotingStore(), { serde, clock });
    const offered = expect(storage.offer('key', entry)).rejects.toThrow(
      'The value for key "key" cannot be stored: The SerDe did not serialize within the 500 ms that the storage allows.',
    );
    await clock.advance(500);
    await offered;
    expect(clock.pendingTimers).toBe(0);
  });
});

function storeOf(kept: Map<string, unknown>): Pick<MapLike, 'get' | 'set' | 'delete'> {
  return {
    get: (key) => kept.get(key),
    set: (key, record) => kept.set(key, record),
    delete: (key) => kept.delete(key),
  };
}

async function listed(storage: CacheStorage): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const pair of storage.entries?.() ?? []) found.push(pair);
  return found;
}

function messageOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message;
  }
}
