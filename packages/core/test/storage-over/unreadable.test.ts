import {
  memoize,
  storageOver,
  UnreadableEntryError,
  type CacheEntry,
  type CacheEvent,
  type CacheStorage,
  type SerDe,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { counter } from '../support/source.js';
import { Backend, byJson, DistantStore, ListingStore } from './stores.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };
const right = { memo: 1, key: 'key', created: 1_000 };
const forever = 8e15;

/** A store in which `found` is what is there. */
function storeWith(found: unknown) {
  const kept = new Map([['key', found]]);
  return {
    kept,
    get: (key: string) => kept.get(key),
    set: (key: string, record: unknown) => void kept.set(key, record),
    delete: (key: string) => kept.delete(key),
    entries: () => kept.entries(),
  };
}

function serdeNamed(format: string | undefined): SerDe {
  return {
    ...(format !== undefined && { format }),
    serialize: () => new TextEncoder().encode('x'),
    deserialize: () => entry,
  };
}

describe('what a storage did not write', () => {
  it.each<[found: unknown, why: string]>([
    ['text', 'it is "text", no record of memo.'],
    [42, 'it is 42, no record of memo.'],
    [{ value: 1 }, 'it is an object of class Object, no record of memo.'],
    [['1', 1_000, null, null, 'value'], 'it is an object of class Array, no record of memo.'],
    [{ ...right, memo: 2 }, 'it is a record of version 2, and this version of memo reads version 1.'],
    [{ ...right, memo: '1' }, 'it is a record of version "1", and this version of memo reads version 1.'],
    [{ ...right, key: 'KEY' }, 'it is the record of another key.'],
    [{ memo: 1, key: 'key' }, 'in its record created is undefined.'],
    [{ ...right, created: null }, 'in its record created is null.'],
    [{ ...right, started: 'now' }, 'in its record started is "now".'],
    [{ ...right, updateAfter: null }, 'in its record updateAfter is null.'],
    [{ ...right, expiresAfter: NaN }, 'in its record expiresAfter is NaN.'],
    [{ ...right, keepUntil: 'later' }, 'in its record keepUntil is "later".'],
    [{ ...right, keepUntil: NaN }, 'in its record keepUntil is NaN.'],
    [{ ...right, etag: 1 }, 'in its record etag is 1.'],
    [{ ...right, failed: false }, 'in its record failed is false.'],
    [{ ...right, payload: 'x' }, 'in its record payload is "x".'],
    [
      { ...right, payload: { format: '', text: 'x', base64: 'eA==' } },
      'in its record payload is an object of class Object.',
    ],
    [{ ...right, payload: { format: '', text: 'x' } }, 'it was written with a SerDe, and this storage has none.'],
  ])('is an UnreadableEntryError: %o', async (found, why) => {
    await expectUnreadable(storageOver(storeWith(found)), why);
  });

  it.each<[found: unknown, why: string]>([
    ['text', 'it is "text", no record of memo.'],
    ['"text"', 'it is "text", no record of memo.'],
    ['{"memo":2}', 'it is a record of version 2, and this version of memo reads version 1.'],
    [right, 'it was written without a SerDe.'],
    [JSON.stringify(right), 'it was written without a SerDe.'],
    [
      JSON.stringify({ ...right, payload: { format: 'msgpack', base64: 'eA==' } }),
      'it was written as "msgpack", and the SerDe of this storage reads "json".',
    ],
    [JSON.stringify({ ...right, payload: { format: 'json', base64: '%' } }), 'its payload is no base64.'],
  ])('is one with a serde as well: %o', async (found, why) => {
    await expectUnreadable(storageOver(storeWith(found), { serde: serdeNamed('json') }), why);
  });

  it('is one where the serde makes no entry of it', async () => {
    const found = JSON.stringify({ ...right, payload: { format: '', text: 'x' } });
    const lying = { ...serdeNamed(undefined), deserialize: () => 'a lie' as unknown as CacheEntry };
    await expectUnreadable(storageOver(storeWith(found), { serde: lying }), 'the SerDe made "a lie" of it, no entry.');
    const failing = { ...serdeNamed(undefined), deserialize: () => Promise.reject(new Error('cut short')) };
    await expectUnreadable(storageOver(storeWith(found), { serde: failing }), 'cut short');
  });

  it('is one where the store itself cannot read it', async () => {
    const backend = new Backend();
    backend.kept.set('key', { written: '{"cut', until: forever });
    const storage = storageOver(new DistantStore(byJson, backend));
    await expectUnreadable(storage, /^the store says: /);
    expect(await storage.changeMoments?.('key', entry, entry, 1_500)).toBe(false);
    expect(await storage.invalidate?.('key')).toBe(undefined);
    expect(backend.kept.size).toBe(0);
  });

  it('is one in a Map, where it is neither seen, listed nor changed, and in the way of nothing', async () => {
    const map = new Map<unknown, unknown>([
      ['key', { value: 1 }],
      [1, entry],
    ]);
    const storage = storageOver(map);
    await expectUnreadable(storage, 'it is an object of class Object, no entry.');
    expect(storage.peek?.('key')).toBe(undefined);
    expect(await listed(storage)).toEqual([]);
    expect(await storage.changeMoments?.('key', entry, entry, 1_500)).toBe(false);
    expect(storage.lease?.('key', { holder: 'a', seen: undefined, time: 1_000 })).toMatchObject({ state: 'granted' });
    await storage.clear?.('');
    expect([...map.keys()]).toEqual([1]);
  });

  it('is a miss, an event, and replaced', async () => {
    const store = storeWith(undefined);
    store.kept.set('f:a', { ...right, memo: 2 });
    const events: CacheEvent[] = [];
    const source = counter();
    const cached = memoize(source.call, {
      name: 'f',
      storage: storageOver(store),
      onEvent: (event) => events.push(event),
    });
    expect([await cached('a'), await cached('a')]).toEqual(['value 1', 'value 1']);
    const unreadable = events.filter(({ type }) => type === 'unreadable');
    expect(unreadable).toMatchObject([{ key: 'f:a', error: { code: 'UNREADABLE_ENTRY' } }]);
    expect(events.map(({ type }) => type)).toEqual(['unreadable', 'miss', 'load-started', 'load-ended', 'hit']);
  });

  it('is not listed; all else is', async () => {
    const store = storeWith('foreign');
    const storage = storageOver(store);
    await storage.offer('other', entry);
    expect(await listed(storage)).toEqual([['other', entry]]);
  });

  it('is cleared, also where reading it would fail', async () => {
    class ListingTwice extends ListingStore {
      keys(): Iterable<string> {
        return this.backend.kept.keys();
      }
    }
    const backend = new Backend();
    const storage = storageOver(new ListingTwice(byJson, backend));
    backend.kept.set('key', { written: '{"cut', until: forever });
    await storage.clear?.('k');
    expect(backend.kept.size).toBe(0);
  });
});

describe('a store that takes two keys for one', () => {
  it('answers neither with the entry of the other', async () => {
    const kept = new Map<string, unknown>();
    const carefree = {
      get: (key: string) => kept.get(key.toLowerCase()),
      set: (key: string, record: unknown) => kept.set(key.toLowerCase(), record),
      delete: (key: string) => kept.delete(key.toLowerCase()),
    };
    const storage = storageOver(carefree);
    await storage.offer('key', entry);
    await storage.offer('KEY', { ...entry, value: 'other' });
    await expectUnreadable(storage, 'it is the record of another key.');
    expect((await storage.get('KEY'))?.value).toBe('other');
  });

  it('lists its records by their own keys, whatever it calls them', async () => {
    class Prefixing extends ListingStore {
      override async *entries(): AsyncGenerator<[string, unknown], void> {
        for await (const [key, record] of super.entries()) yield [`prefix:${key}`, record];
      }
    }
    const storage = storageOver(new Prefixing(byJson));
    for (const key of ['a:1', 'a:2', 'b']) await storage.offer(key, { ...entry, expiresAfter: Infinity });
    await storage.clear?.('a:');
    expect((await listed(storage)).map(([key]) => key)).toEqual(['b']);
  });
});

async function expectUnreadable(storage: CacheStorage, why: string | RegExp): Promise<void> {
  const error: unknown = await storage.get('key').catch((failure: unknown) => failure);
  if (!UnreadableEntryError.isInstance(error)) throw new Error(`It is no UnreadableEntryError: ${String(error)}`);
  const beginning = 'What is stored under key "key" cannot be read: ';
  expect(error.message.slice(0, beginning.length)).toBe(beginning);
  const found = error.message.slice(beginning.length);
  if (typeof why === 'string') expect(found).toBe(why);
  else expect(found).toMatch(why);
}

async function listed(storage: CacheStorage): Promise<(readonly [string, CacheEntry])[]> {
  const found: (readonly [string, CacheEntry])[] = [];
  for await (const pair of storage.entries?.() ?? []) found.push(pair);
  return found;
}
