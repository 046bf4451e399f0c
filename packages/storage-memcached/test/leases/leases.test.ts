import { systemClock, UnstorableValueError, type CacheEntry, type Lease, type SerDe } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { envelopeLayout, open as openEnvelope } from '@memo/serde';
import { askMemcached, lacks, startMemcached, type Server } from '@memo/test-servers';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entryOf, failureOf } from '../../../serde/test/support/stored-entry.js';
import { MemcachedServer } from '../../src/client/memcached-server.js';
import { JsonSerDe, MemcachedCacheStorage, MsgpackSerDe, type MemcachedCacheStorageOptions } from '../../src/index.js';
import { acquire, ask, long, stateOf } from '../support/asking.js';

describe.skipIf(lacks('memcached'))('leases in Memcached', () => {
  let server: Server;
  /** What looks into the server beside the storages. */
  let client: MemcachedServer;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await startMemcached();
  });

  beforeEach(() => {
    client = new MemcachedServer(server, { clock: systemClock, requestPatience: 2_000 });
    opened.push({ [Symbol.asyncDispose]: () => client.close() });
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    await askMemcached(server.port, 'flush_all');
  });

  afterAll(() => server.stop());

  const open = (options: MemcachedCacheStorageOptions = {}, url = server.url): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(url, { deadline: '2 seconds', ...options });
    opened.push(storage);
    return storage;
  };
  const bytesOf = async (key = 'key'): Promise<Buffer | undefined> => (await client.get(`memo:${key}`))?.value;
  /** Seconds that the server still keeps the item. */
  const secondsLeft = async (key = 'key'): Promise<number> => {
    const [answer] = await askMemcached(server.port, `mg memo:${key} t`);
    return Number(/^HD t(-?\d+)$/.exec(answer ?? '')?.[1]);
  };
  const valueOf = async (storage: MemcachedCacheStorage, key = 'key'): Promise<unknown> => {
    return (await storage.get(key))?.value;
  };
  const earlier = (value: unknown, parts: Partial<CacheEntry> = {}): CacheEntry => {
    return entryOf(value, { created: Date.now() - 60_000, ...parts });
  };
  /** Puts an entry there. */
  const kept = async (storage: MemcachedCacheStorage, entry: CacheEntry): Promise<CacheEntry> => {
    expect(await storage.offer('key', entry)).toBe('stored');
    return entry;
  };

  describe('what is kept', () => {
    it('a lease without a value is a placeholder that outlives it by thirty seconds', async () => {
      const storage = open();
      const holder = '0123456789abcdef0123';
      await acquire(storage, 'key', { holder, time: 3_000.5 });
      const frame = openEnvelope((await bytesOf())!);
      expect(frame).toMatchObject({ key: 'key', placeholder: true, lease: { time: 3_001, failures: 0 } });
      expect(Buffer.from(frame.lease!.holder).toString('hex')).toBe(holder);
      expect(Math.abs(frame.lease!.end - (Date.now() + 3_000))).toBeLessThan(2_000);
      expect(await secondsLeft()).toBeGreaterThanOrEqual(33);
      expect(await secondsLeft()).toBeLessThanOrEqual(36);
    });

    it('a lease over a value changes nothing but its lease, and keeps its lifetime', async () => {
      const storage = open();
      const seen = await kept(storage, earlier({ id: 1 }, { expiresAfter: Date.now() + 600_000, etag: 'etag' }));
      const before = (await bytesOf())!;
      const lease = await acquire(storage, 'key', { seen });
      const during = (await bytesOf())!;
      expect(Buffer.concat([during.subarray(0, 4), during.subarray(28)])).toStrictEqual(
        Buffer.concat([before.subarray(0, 4), before.subarray(28)]),
      );
      expect(await storage.get('key')).toStrictEqual(seen);
      for (const step of [() => lease.renew(long), () => lease.giveBack()]) {
        expect(await secondsLeft()).toBeGreaterThanOrEqual(598);
        expect(await secondsLeft()).toBeLessThanOrEqual(604);
        expect(await step()).toBe(true);
      }
      expect(await bytesOf()).toStrictEqual(before);
      expect(await secondsLeft()).toBeLessThanOrEqual(604);
    });

    it('a value that is about to end is kept as long as its lease, and no longer once that is given back', async () => {
      const storage = open();
      const seen = await kept(storage, earlier('value', { expiresAfter: Date.now() + 2_000 }));
      const lease = await acquire(storage, 'key', { seen, time: 3_000 });
      expect(await secondsLeft()).toBeGreaterThanOrEqual(33);
      await lease.giveBack();
      expect(await secondsLeft()).toBeLessThanOrEqual(5);
    });

    it('a value whose life is made shorter during a lease is kept as long as that', async () => {
      const storage = open();
      const seen = await kept(storage, earlier('value'));
      const lease = await acquire(storage, 'key', { seen, time: 3_000 });
      const moments = { updateAfter: seen.created, expiresAfter: Date.now() + 100 };
      expect(await storage.changeMoments('key', seen, moments, Date.now())).toBe(true);
      expect(await secondsLeft()).toBeGreaterThanOrEqual(33);
      expect(await storage.offer('key', entryOf('loaded'), lease)).toBe('stored');
    });

    it.each([
      { time: 1_000, remembered: 30_000 },
      { time: 60_000, remembered: 60_000 },
    ])('the failures of a rest of $time ms are remembered for $remembered ms more', async ({ time, remembered }) => {
      const storage = open();
      const lease = await acquire(storage, 'key');
      await lease.giveBack({ failures: 3, milliseconds: time });
      const seconds = (time + remembered) / 1_000;
      expect(await secondsLeft()).toBeGreaterThanOrEqual(seconds);
      expect(await secondsLeft()).toBeLessThanOrEqual(seconds + 4);
      expect(openEnvelope((await bytesOf())!).lease).toMatchObject({ time, failures: 3 });
    });

    it('nothing is left of a lease without a value that is given back', async () => {
      const storage = open();
      const lease = await acquire(storage, 'key');
      await lease.giveBack();
      expect(await bytesOf()).toBeUndefined();
    });
  });

  it.each(['cold', 'kept'])('of fifty that ask through ten storages at once one is granted: %s', async (kind) => {
    const storages = Array.from({ length: 10 }, () => open());
    await Promise.all(storages.map((storage) => storage.get('key')));
    const seen = kind === 'kept' ? await kept(storages[0]!, earlier('value')) : undefined;
    const asked = Array.from({ length: 50 }, (_, index) => stateOf(ask(storages[index % 10]!, 'key', { seen })));
    const states = await Promise.all(asked);
    expect(states.filter((state) => state === 'granted')).toHaveLength(1);
    expect(states.filter((state) => state === 'held')).toHaveLength(49);
  });

  it('large values are refreshed, renewed and replaced', async () => {
    const [storage, other] = [open(), open()];
    const seen = await kept(storage, earlier('x'.repeat(1_000_000)));
    const lease = await acquire(storage, 'key', { seen });
    for (let round = 0; round < 3; round++) {
      expect(await lease.renew(long)).toBe(true);
      expect(await valueOf(other)).toBe(seen.value);
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
    }
    expect(await storage.offer('key', entryOf('y'.repeat(1_000_000)), lease)).toBe('stored');
    expect(await valueOf(other)).toBe('y'.repeat(1_000_000));
  });

  describe('what cannot be kept is not sent, and the lease stays', () => {
    it.each([
      ['larger than the server takes', {}],
      ['larger than maxEntryBytes', { maxEntryBytes: 10_000 }],
    ])('%s', async (_why, options) => {
      const storage = open(options);
      const seen = await kept(storage, earlier('value'));
      const lease = await acquire(storage, 'key', { seen });
      expect(await storage.offer('key', entryOf('x'.repeat(1_100_000)), lease)).toBe('declined');
      expect(await valueOf(storage)).toBe('value');
      expect(await stateOf(ask(open(), 'key', { seen }))).toBe('held');
      expect(await lease.giveBack()).toBe(true);
    });

    it('what the SerDe refuses', async () => {
      const storage = open({ serde: new JsonSerDe() });
      const lease = await acquire(storage, 'key');
      const error = await failureOf(storage.offer('key', entryOf(new Map()), lease));
      expect(UnstorableValueError.isInstance(error)).toBe(true);
      expect(await lease.giveBack()).toBe(true);
    });
  });

  describe('what is cleared between the grant and the publication counts for nobody', () => {
    const clearings: readonly (readonly [string, (other: MemcachedCacheStorage) => Promise<unknown>])[] = [
      ['all of it', (other) => other.clear('')],
      ['its scope', (other) => other.clear('ke')],
      ['the item of the namespace was lost', () => client.delete('memo%~generation')],
      ['everything was flushed', () => askMemcached(server.port, 'flush_all')],
    ];

    it.each(clearings)('without a value: %s', async (_what, clear) => {
      const [storage, other] = [open(), open()];
      const lease = await acquire(storage, 'key');
      await clear(other);
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      for (const reader of [storage, other, open()]) expect(await valueOf(reader)).toBeUndefined();
      expect([await lease.renew(long), await lease.giveBack()]).toStrictEqual([false, false]);
      const next = await acquire(other, 'key');
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(await other.offer('key', entryOf('next'), next)).toBe('stored');
      expect(await valueOf(storage)).toBe('next');
    });

    it.each(clearings)('over a value that is refreshed: %s', async (_what, clear) => {
      const [storage, other] = [open(), open()];
      const seen = await kept(storage, earlier('before'));
      const lease = await acquire(storage, 'key', { seen });
      await clear(other);
      for (const reader of [storage, other]) expect(await valueOf(reader)).toBeUndefined();
      expect(await lease.renew(long)).toBe(false);
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      for (const reader of [storage, other, open()]) expect(await valueOf(reader)).toBeUndefined();
      await acquire(other, 'key');
    });

    it('also when this process has seen the clearing before it publishes', async () => {
      const [storage, other] = [open(), open()];
      const lease = await acquire(storage, 'key');
      await other.clear('');
      // From here on it would write what is not leased under the new generation.
      expect(await valueOf(storage, 'another')).toBeUndefined();
      expect(await storage.offer('another', entryOf('value'))).toBe('stored');
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(await valueOf(storage)).toBeUndefined();
    });
  });

  describe('a lease counts for what it was granted', () => {
    it('not for another key, in another storage, or as a copy', async () => {
      const [storage, other] = [open(), open()];
      const lease = await acquire(storage, 'key');
      const copy: Lease = { ...lease, holder: lease.holder, failures: 0 };
      expect(await storage.offer('another', entryOf('value'), lease)).toBe('declined');
      expect(await other.offer('key', entryOf('value'), lease)).toBe('declined');
      expect(await storage.offer('key', entryOf('value'), copy)).toBe('declined');
      expect([await valueOf(storage, 'another'), await valueOf(storage)]).toStrictEqual([undefined, undefined]);
      expect(await storage.offer('key', entryOf('value'), lease)).toBe('stored');
    });
  });

  describe('what is there and cannot be read is as good as nothing', () => {
    it('bytes of somebody else', async () => {
      const storage = open();
      await client.set('memo:key', Buffer.from('not by memo'), { expires: 0 });
      const lease = await acquire(storage, 'key');
      expect(await stateOf(ask(open(), 'key'))).toBe('held');
      expect(await storage.offer('key', entryOf('loaded'), lease)).toBe('stored');
    });

    it('a value of another SerDe, which is left to those who can read it', async () => {
      const [json, msgpack] = [open({ serde: new JsonSerDe() }), open({ serde: new MsgpackSerDe() })];
      const seen = await kept(json, earlier('by JSON'));
      const lease = await acquire(msgpack, 'key');
      expect(await valueOf(json)).toBe('by JSON');
      expect(await stateOf(ask(msgpack, 'key'))).toBe('held');
      expect(await stateOf(ask(json, 'key', { seen }))).toBe('held');
      expect(await msgpack.offer('key', entryOf('by MessagePack'), lease)).toBe('stored');
      expect(await valueOf(msgpack)).toBe('by MessagePack');
    });
  });

  it.each(['cold', 'kept'])('a lease that was damaged keeps nobody waiting for long: %s', async (kind) => {
    const storage = open();
    const seen = kind === 'kept' ? await kept(storage, earlier('value')) : undefined;
    await acquire(storage, 'key', { seen, time: 3_000 });
    const whole = (await bytesOf())!;
    const damage = fc.uint8Array({ minLength: 1, maxLength: envelopeLayout.leaseLength });
    const place = fc.nat(envelopeLayout.leaseLength - 1);
    const property = fc.asyncProperty(damage, place, async (bytes, at) => {
      const damaged = Buffer.from(whole);
      damaged.set(bytes.subarray(0, envelopeLayout.leaseLength - at), envelopeLayout.lease + at);
      await client.set('memo:key', damaged, { expires: 0 });
      const answer = await ask(storage, 'key', { seen });
      expect('remaining' in answer ? answer.remaining : 0).toBeLessThan(15_000);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('who is overtaken again and again asks once more in a moment', async () => {
    const json = new JsonSerDe();
    let touched = 0;
    const serde: SerDe = {
      format: 'json',
      serialize: (entry) => json.serialize(entry),
      // It cannot read what is there, and whenever it looks somebody writes the same again.
      deserialize: async () => {
        touched++;
        await client.set('memo:key', (await bytesOf())!, { expires: 0 });
        throw new Error('unreadable');
      },
    };
    await kept(open({ serde: json }), earlier('value'));
    expect(await ask(open({ serde }), 'key')).toStrictEqual({ state: 'held', remaining: 20 });
    expect(touched).toBe(5);
  });

  it('goes by an injected clock alone', async () => {
    const clock = new ManualClock();
    const [storage, other] = [open({ clock }), open({ clock })];
    const lease = await acquire(storage, 'key', { time: 3_000 });
    expect(await ask(other, 'key')).toStrictEqual({ state: 'held', remaining: 3_000 });
    await clock.advance(2_999);
    expect(await ask(other, 'key')).toStrictEqual({ state: 'held', remaining: 1 });
    await clock.advance(1);
    expect(await stateOf(ask(other, 'key', { time: 1_000 }))).toBe('granted');
    expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
    await clock.advance(5_000);
    // Who looks for the first time goes by the end that stands there.
    expect(await stateOf(ask(open({ clock }), 'key'))).toBe('granted');
  });

  it.each(['cold', 'kept'])('a server that numbers nothing grants no lease, and says why: %s', async (kind) => {
    await using numberless = await startMemcached({ args: ['-C'] });
    await using storage = new MemcachedCacheStorage(numberless.url);
    if (kind === 'kept') await kept(storage, earlier('value'));
    const name = `127.0.0.1:${numberless.port}`;
    expect((await failureOf(ask(storage, 'key', { seen: 'any' }))).message).toBe(
      `The storage failed at lease of key "key": The memcached server ${name} gives items no CAS numbers, so that a ` +
        'lease could overwrite what others wrote meanwhile; it was not done. Start the server without -C (--disable-cas).',
    );
    expect((await failureOf(storage.set('key', entryOf('set')))).message).toBe(
      `The storage failed at set of key "key": The memcached server ${name} gives items no CAS numbers, so that set ` +
        'could overwrite what others wrote meanwhile; it was not done. Start the server without -C (--disable-cas).',
    );
    expect(await valueOf(storage)).toBe(kind === 'kept' ? 'value' : undefined);
    const [answer] = await askMemcached(numberless.port, 'mg memo:key t');
    expect(answer).toMatch(kind === 'kept' ? /^HD/ : /^EN$/);
  });
});
