import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { InvalidOptionError } from '../../src/errors.js';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import { ManualClock } from '../../src/testing/index.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };

describe('LocalInMemoryCacheStorage', () => {
  it('keeps what it is given in this process, so that nothing has to be timed or named', () => {
    const storage = new LocalInMemoryCacheStorage();
    expect(storage.shared).toBe(false);
    expect(storage.deadline).toBe(Infinity);
  });

  it('gives back the very object, also where it has expired (M83, M88)', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const offered = { ...entry, value: new WeakMap(), expiresAfter: 1_000 };
    await storage.offer('key', offered);
    expect(await storage.get('key')).toBe(offered);
    expect(storage.peek('key')).toBe(offered);
  });

  it('counts the entries it keeps', async () => {
    const storage = new LocalInMemoryCacheStorage();
    expect(storage.size).toBe(0);
    await storage.offer('a', entry);
    await storage.offer('a', entry);
    await storage.offer('b', entry);
    expect(storage.size).toBe(2);
    await storage.release('a');
    expect(storage.size).toBe(1);
  });

  it('gives an entry other moments by a copy, so that nobody sees an entry change that it holds already', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const offered = Object.freeze({ ...entry, etag: 'r1' });
    await storage.offer('key', offered);
    const moments = { updateAfter: 4_000, expiresAfter: 5_000 };
    expect(await storage.changeMoments('key', { ...offered }, moments, 2_999)).toBe(true);
    expect(storage.peek('key')).toEqual({ ...offered, ...moments });
    expect(offered.expiresAfter).toBe(3_000);
  });

  it('gives no other moments at the very instant of expiry', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await storage.offer('key', entry);
    expect(await storage.changeMoments('key', entry, { updateAfter: 4_000, expiresAfter: 5_000 }, 3_000)).toBe(false);
    expect(storage.peek('key')).toBe(entry);
  });

  it('may be changed while its entries are gone through', async () => {
    const storage = new LocalInMemoryCacheStorage();
    for (const key of ['a', 'b', 'c']) await storage.offer(key, entry);
    const seen: string[] = [];
    for await (const [key] of storage.entries()) {
      seen.push(key);
      await storage.release(key);
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(storage.size).toBe(0);
  });

  it('grants leases at once, and measures them by its clock', async () => {
    const clock = new ManualClock();
    const storage = new LocalInMemoryCacheStorage({ clock });
    const request = { seen: undefined, time: 3_000 };
    expect(storage.lease('key', { ...request, holder: 'first' })).toMatchObject({ state: 'granted' });
    await clock.advance(2_999);
    expect(storage.lease('key', { ...request, holder: 'second' })).toMatchObject({ state: 'held', remaining: 1 });
    await clock.advance(1);
    expect(storage.lease('key', { ...request, holder: 'second' })).toMatchObject({ state: 'granted' });
  });

  it('leaves the lease of a key that is let go to make room, so that its refresh is kept', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await storage.offer('key', entry);
    const answer = storage.lease('key', { holder: 'refresher', seen: entry, time: 3_000 });
    await storage.release('key');
    expect(storage.size).toBe(0);
    expect(answer.state === 'granted' && (await storage.offer('key', entry, answer.lease))).toBe('stored');
  });

  it('keeps resources, lets all of them go when it is closed, and keeps nothing afterwards', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const heard: string[] = [];
    const resource = { left: (why: string) => void heard.push(why), hold: () => () => {} };
    await storage.offer('key', { ...entry, resource });
    const answer = storage.lease('other', { holder: 'loader', seen: undefined, time: 3_000 });
    const waiting = storage.lease('other', { holder: 'waiting', seen: undefined, time: 3_000 });
    expect(storage.keepsResources).toBe(true);
    await storage[Symbol.asyncDispose]();
    expect(heard).toEqual(['disposed']);
    expect(storage.size).toBe(0);
    expect(await (waiting.state === 'held' && waiting.watch?.changed)).toBe(undefined);
    expect(await storage.offer('other', entry, answer.state === 'granted' ? answer.lease : undefined)).toBe('declined');
    expect(await storage.offer('key', entry)).toBe('declined');
    expect(storage.size).toBe(0);
  });

  it('tells what is gone when another entry has taken its place already', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const seen: unknown[] = [];
    const resource = { left: () => void seen.push(storage.peek('key')), hold: () => () => {} };
    await storage.offer('key', { ...entry, resource });
    await storage.offer('key', entry);
    await storage.offer('key', { ...entry, resource });
    await storage.invalidate('key');
    expect(seen).toEqual([entry, undefined]);
  });

  it('counts until when an entry is kept among its moments', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const offered = { ...entry, keepUntil: 9_000 };
    await storage.offer('key', offered);
    await storage.changeMoments('key', offered, { updateAfter: 4_000, expiresAfter: 5_000, keepUntil: 6_000 }, 1_000);
    expect(storage.peek('key')).toEqual({ ...entry, updateAfter: 4_000, expiresAfter: 5_000, keepUntil: 6_000 });
    await storage.changeMoments('key', offered, { updateAfter: 4_000, expiresAfter: 7_000 }, 1_000);
    expect(storage.peek('key')).toEqual({ ...entry, updateAfter: 4_000, expiresAfter: 7_000 });
  });

  it('refuses options that it cannot use', () => {
    const wrong = { clock: Date } as unknown as { clock: ManualClock };
    expect(() => new LocalInMemoryCacheStorage(wrong)).toThrow(InvalidOptionError);
    expect(() => new LocalInMemoryCacheStorage(wrong)).toThrow(
      "new LocalInMemoryCacheStorage: option 'clock' should be a Clock with now, setTimer, got function Date.",
    );
  });
});
