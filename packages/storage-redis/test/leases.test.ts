import { Buffer } from 'node:buffer';
import { InvalidCallError, StorageFailedError, type Lease } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { envelopeLayout, open as openEnvelope, type Frame } from '@memo/serde';
import { askRedis, lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JsonSerDe, RedisCacheStorage, type RedisCacheStorageOptions } from '../src/index.js';
import { acquire, ask, held } from './support/asking.js';
import { majors, type StandaloneClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

const minute = 60_000;
/** For how long a key outlives its lease, so that a holder that was held up may still publish. */
const grace = 30_000;

describe.skipIf(lacks('redis-server')).each(majors)('leases of RedisCacheStorage with $name', (major) => {
  let server: Server;
  let client: StandaloneClient;

  const open = (options: RedisCacheStorageOptions = {}, on = client): RedisCacheStorage =>
    new RedisCacheStorage(on, { deadline: '2 seconds', ...options });
  const lifetime = async (name: string | Buffer): Promise<number> => Number(await client.call('PTTL', name));
  const frameOf = async (name: string): Promise<Frame> => openEnvelope((await client.getBuffer(name))!);
  const serverTime = async (): Promise<number> => {
    const [seconds, microseconds] = await client.time();
    return Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  };
  const write = (at: number, bytes: Buffer): Promise<unknown> => client.call('SETRANGE', 'memo:key', at, bytes);
  const doubleOf = (value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  };

  beforeAll(async () => {
    server = await startRedis();
    client = major.standalone({ port: server.port });
  });

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  beforeEach(() => client.call('FLUSHALL'));

  describe('what is on the server', () => {
    it('is an envelope without a value where nothing was: no entry, and gone half a minute after the lease', async () => {
      const lease = await acquire(open(), 'key', { time: minute });
      const { placeholder, key, lease: inside } = await frameOf('memo:key');
      expect({ placeholder, key }).toEqual({ placeholder: true, key: 'key' });
      expect(Buffer.from(inside!.holder).toString('hex')).toBe(lease.holder);
      expect(inside).toMatchObject({ time: minute, failures: 0, awaited: false });
      expect(inside!.end - (await serverTime())).toBeGreaterThan(minute - 5_000);
      expect(inside!.end - (await serverTime())).toBeLessThanOrEqual(minute);
      expect(await lifetime('memo:key')).toBeGreaterThan(minute + grace - 5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(minute + grace);
      expect(await open().get('key')).toBeUndefined();
      expect(await open().invalidate('key')).toBeUndefined();
      expect(await client.call('EXISTS', 'memo:key')).toBe(0);
    });

    it('is the entry as it was but for the lease, and it is there for long enough', async () => {
      const storage = open();
      const now = await serverTime();
      const entry = { ...entryOf('value'), expiresAfter: now + 10_000 };
      await storage.offer('key', entry);
      const { lease: _none, ...before } = await frameOf('memo:key');
      await acquire(storage, 'key', { seen: entry, time: minute });
      const { lease, ...after } = await frameOf('memo:key');
      expect(after).toEqual(before);
      expect(lease).toMatchObject({ time: minute, failures: 0, awaited: false });
      expect((await storage.get('key'))?.value).toBe('value');
      expect(await lifetime('memo:key')).toBeGreaterThan(minute + grace - 5_000);
    });

    it('is never there for a shorter time than before', async () => {
      const storage = open();
      const [hour, forEver] = [entryOf('hour'), entryOf('for ever', { expiresAfter: Infinity })];
      await storage.offer('hour', hour);
      await storage.offer('for ever', forEver);
      for (const [key, seen] of [
        ['hour', hour],
        ['for ever', forEver],
      ] as const) {
        const lease = await acquire(storage, key, { seen });
        await lease.renew(1_000);
        await lease.giveBack({ failures: 1, milliseconds: 10 });
      }
      expect(await lifetime('memo:hour')).toBeGreaterThan(3_500_000);
      expect(await lifetime('memo:for ever')).toBe(-1);
    });

    it('is there for longer after each renewal', async () => {
      const lease = await acquire(open(), 'key', { time: 1_000 });
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(1_000 + grace);
      expect(await lease.renew(minute)).toBe(true);
      expect(await lifetime('memo:key')).toBeGreaterThan(minute + grace - 5_000);
      expect((await held(open(), 'key')).remaining).toBeGreaterThan(minute - 5_000);
    });

    it('is nothing after a lease was given back where nothing was, and the entry alone where one was', async () => {
      const storage = open();
      const entry = entryOf('value');
      await storage.offer('there', entry);
      const before = await client.getBuffer('memo:there');
      await (await acquire(storage, 'key')).giveBack();
      await (await acquire(storage, 'there', { seen: entry })).giveBack();
      expect(await client.call('KEYS', '*')).toEqual(['memo:there']);
      expect(await client.getBuffer('memo:there')).toEqual(before);
    });

    it.each([255, 256, 1_000])('counts no more than 255 failures: %i', async (failures) => {
      const lease = await acquire(open(), 'key');
      await lease.giveBack({ failures, milliseconds: minute });
      expect(await ask(open(), 'key')).toMatchObject({ state: 'resting', failures: 255 });
    });

    it('is there for long enough when the entry is to expire earlier', async () => {
      const storage = open();
      const soon = { updateAfter: 1, expiresAfter: 0 };
      const entry = entryOf('value');
      await storage.offer('key', entry);
      const change = async (): Promise<void> => {
        const moments = { ...soon, expiresAfter: storage.now() + 1_000 };
        expect(await storage.changeMoments('key', entry, moments, entry.created)).toBe(true);
      };
      const lease = await acquire(storage, 'key', { seen: entry, time: minute });
      await change();
      expect(await lifetime('memo:key')).toBeGreaterThan(minute + grace - 5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(minute + grace);
      await lease.giveBack({ failures: 1, milliseconds: minute });
      await client.call('PERSIST', 'memo:key');
      await change();
      expect(await lifetime('memo:key')).toBeGreaterThan(2 * minute - 5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(2 * minute);
      await (await acquire(storage, 'key', { seen: 'any' })).giveBack();
      await change();
      expect(await lifetime('memo:key')).toBeLessThan(5_000);
    });

    it.each([
      { time: 5_000, remembered: grace },
      { time: minute, remembered: minute },
    ])('is a rest of $time ms where nothing was, and its failures for $remembered ms more', async (rest) => {
      const { time, remembered } = rest;
      const lease = await acquire(open(), 'key', { time: minute });
      await lease.giveBack({ failures: 3, milliseconds: time });
      const { lease: block } = await frameOf('memo:key');
      expect(block).toMatchObject({ holder: Buffer.alloc(10), time, failures: 3, awaited: false });
      expect(await lifetime('memo:key')).toBeGreaterThan(time + remembered - 5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(time + remembered);
    });

    it('is a rest and its failures for as long also beside an entry that would be gone before', async () => {
      const storage = open();
      const entry = { ...entryOf('value'), expiresAfter: storage.now() + 10_000 };
      await storage.offer('key', entry);
      const lease = await acquire(storage, 'key', { seen: entry, time: 1_000 });
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(1_000 + grace);
      await lease.giveBack({ failures: 3, milliseconds: minute });
      expect(await lifetime('memo:key')).toBeGreaterThan(2 * minute - 5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(2 * minute);
    });

    it('is an entry without a lease once it is published, with its own lifetime', async () => {
      const storage = open();
      const lease = await acquire(storage, 'key');
      const entry = { ...entryOf('value'), expiresAfter: storage.now() + 10_000 };
      expect(await storage.offer('key', entry, lease)).toBe('stored');
      expect((await frameOf('memo:key')).lease).toBeUndefined();
      expect(await lifetime('memo:key')).toBeGreaterThan(5_000);
      expect(await lifetime('memo:key')).toBeLessThanOrEqual(10_001);
    });
  });

  describe('a holder', () => {
    it('publishes, renews and gives back also where the server forgets its scripts each time', async () => {
      const storage = open();
      for (const end of [
        (lease: Lease) => storage.offer('key', entryOf('value'), lease),
        (lease: Lease) => lease.giveBack(),
        (lease: Lease) => lease.giveBack({ failures: 1, milliseconds: 1 }),
      ]) {
        await client.call('SCRIPT', 'FLUSH');
        const lease = await acquire(storage, 'key', { seen: 'any' });
        await client.call('SCRIPT', 'FLUSH');
        expect(await lease.renew(minute)).toBe(true);
        await client.call('SCRIPT', 'FLUSH');
        expect(await end(lease)).toBeTruthy();
      }
      await client.call('SCRIPT', 'FLUSH');
      expect(await storage.set('key', entryOf('set'))).toBe('stored');
      await client.call('SCRIPT', 'FLUSH');
      expect(await storage.invalidate('key')).toBeGreaterThan(0);
    });

    it.each([
      ['forgot everything', () => client.call('FLUSHALL')],
      ['has something else there', () => client.set('memo:key', Buffer.from('not by memo'))],
      ['has an entry there that was written by hand', () => client.set('memo:key', Buffer.alloc(200))],
      [
        'has a list there',
        async () => (await client.call('DEL', 'memo:key'), client.call('RPUSH', 'memo:key', 'element')),
      ],
      ['has an envelope of a newer version there', () => write(envelopeLayout.formatVersion, Buffer.of(2))],
    ])('is declined when the server %s by then', async (_, happen) => {
      const storage = open();
      const lease = await acquire(storage, 'key');
      await happen();
      const there = await client.call('DUMP', 'memo:key');
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(await lease.renew(minute)).toBe(false);
      expect(await lease.giveBack()).toBe(false);
      expect(await lease.giveBack({ failures: 1, milliseconds: minute })).toBe(false);
      expect(await client.call('DUMP', 'memo:key')).toEqual(there);
      expect((await acquire(storage, 'key')).failures).toBe(0);
    });

    it('that is none of this storage is declined, without asking the server for what cannot be', async () => {
      const storage = open();
      await acquire(storage, 'key');
      await acquire(storage, 'rests').then((lease) => lease.giveBack({ failures: 1, milliseconds: minute }));
      const foreign = (holder: string): Lease => ({
        ...{ holder, failures: 0 },
        ...{ renew: () => Promise.resolve(true), giveBack: () => Promise.resolve(true) },
      });
      await client.call('CONFIG', 'RESETSTAT');
      for (const holder of ['', 'holder', '0'.repeat(20), 'x'.repeat(20), 'a'.repeat(22)]) {
        expect(await storage.offer('key', entryOf(1), foreign(holder))).toBe('declined');
        expect(await storage.offer('rests', entryOf(1), foreign(holder))).toBe('declined');
      }
      expect(String(await client.call('INFO', 'commandstats'))).not.toContain('cmdstat_eval');
      expect(await storage.offer('key', entryOf(1), foreign('a'.repeat(20)))).toBe('declined');
      expect(await storage.get('key')).toBeUndefined();
    });

    it.each(['', 'holder', '0'.repeat(20), 'g'.repeat(20), 'a'.repeat(21)])('cannot be %j', async (holder) => {
      const error = await failureOf(ask(open(), 'key', { holder }));
      expect(InvalidCallError.isInstance(error)).toBe(true);
      expect(error.message).toBe(
        `lease: expected 20 hexadecimal digits, not all of them 0, as its 'holder', got ${JSON.stringify(holder)}.`,
      );
    });

    it('still has the lease when its entry was too large', async () => {
      const storage = open({ maxEntryBytes: 1_000 });
      const lease = await acquire(storage, 'key');
      expect(await storage.offer('key', entryOf('x'.repeat(1_000)), lease)).toBe('declined');
      expect(await lease.giveBack()).toBe(true);
    });

    it('has the lease for as long as the header can say, and no longer', async () => {
      await acquire(open(), 'key', { time: Infinity });
      expect((await held(open(), 'key')).remaining).toBeLessThanOrEqual(0xffff_ffff);
      expect((await held(open(), 'key')).remaining).toBeGreaterThan(0xffff_ffff - minute);
      await acquire(open(), 'other', { time: 0.5 });
      expect((await frameOf('memo:other')).lease?.time).toBe(1);
    });
  });

  describe('names', () => {
    it.each(['app:', 'a*b[c]?\\', '鍵:'])('with the keyPrefix %j of the client', async (keyPrefix) => {
      const prefixed = major.standalone({ port: server.port, keyPrefix });
      const storage = open({}, prefixed);
      for (const key of ['key', 'k'.repeat(600)]) {
        const lease = await acquire(storage, key);
        await acquire(open(), key);
        expect((await held(storage, key)).remaining).toBeGreaterThan(0);
        expect(await lease.renew(minute)).toBe(true);
        expect(await storage.offer(key, entryOf('value'), lease)).toBe('stored');
      }
      await acquire(storage, 'placeholder');
      await acquire(storage, 'p'.repeat(600));
      expect(((await client.call('KEYS', '*')) as string[]).length).toBe(6);
      await storage.clear('p');
      await storage.clear('k');
      const left = ((await client.call('KEYS', '*')) as string[]).sort();
      expect(left.map((name) => name.slice(0, 8))).toEqual(['memo:key', 'memo:kkk']);
      prefixed.disconnect();
    });

    it('of keys that are long, or no well-formed Unicode, are cleared while there is only a lease', async () => {
      const storage = open();
      for (const key of ['k'.repeat(600), '\ud800', '鍵'.repeat(300)]) {
        const lease = await acquire(storage, key);
        await storage.clear(key);
        expect(await client.call('DBSIZE')).toBe(0);
        expect(await storage.offer(key, entryOf('late'), lease)).toBe('declined');
      }
    });
  });

  describe('what cannot be read', () => {
    it.each([
      ['foreign bytes', () => client.set('memo:key', Buffer.from('not by memo'))],
      ['longer foreign bytes', () => client.set('memo:key', Buffer.alloc(200))],
      ['a list', () => client.call('RPUSH', 'memo:key', 'element')],
    ])('is as good as nothing: %s', async (_, put) => {
      await put();
      const storage = open();
      const lease = await acquire(storage, 'key');
      expect(await storage.get('key')).toBeUndefined();
      expect(await storage.offer('key', entryOf('value'), lease)).toBe('stored');
      expect((await storage.get('key'))?.value).toBe('value');
    });

    it('is a damaged entry, or one of another SerDe: whoever asks may load it', async () => {
      const storage = open();
      await open({ serde: new JsonSerDe() }).offer('key', entryOf('json'));
      const lease = await acquire(storage, 'key');
      expect((await held(storage, 'key')).remaining).toBeGreaterThan(0);
      expect(await storage.offer('key', entryOf('value'), lease)).toBe('stored');
      await write(envelopeLayout.headerLength, Buffer.of(0));
      expect(await storage.offer('key', entryOf('mended'), await acquire(storage, 'key'))).toBe('stored');
      expect((await storage.get('key'))?.value).toBe('mended');
    });

    it('rests after failed loads like anything else', async () => {
      const storage = open();
      await open({ serde: new JsonSerDe() }).offer('key', entryOf('json'));
      const lease = await acquire(storage, 'key');
      await lease.giveBack({ failures: 2, milliseconds: minute });
      expect(await ask(storage, 'key')).toMatchObject({ state: 'resting', failures: 2 });
    });
  });

  describe('time', () => {
    it('is not waited for that cannot be right: a bit has flipped, or the clock was set back', async () => {
      const storage = open();
      await acquire(storage, 'key', { time: 1_000 });
      const { end } = (await frameOf('memo:key')).lease!;
      await write(envelopeLayout.leaseEnd, doubleOf(end + 3_600_000));
      await acquire(storage, 'key');
      await write(envelopeLayout.leaseEnd, doubleOf(Infinity));
      await acquire(storage, 'key');
      await write(envelopeLayout.leaseEnd, doubleOf(NaN));
      await acquire(storage, 'key');
    });

    it('of an injected clock replaces that of the server', async () => {
      const clock = new ManualClock(1_000_000);
      const storage = open({ clock });
      const lease = await acquire(storage, 'key', { time: 3_000 });
      expect((await held(storage, 'key')).remaining).toBe(3_000);
      await clock.advance(2_000);
      expect((await held(storage, 'key')).remaining).toBe(1_000);
      await clock.advance(1_000);
      const next = await acquire(storage, 'key');
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      await next.giveBack({ failures: 1, milliseconds: 500 });
      expect(await ask(storage, 'key')).toEqual({ state: 'resting', failures: 1, remaining: 500 });
      expect(await storage.set('key', entryOf('set'))).toBe('stored');
    });

    it.each([
      { time: 30, remembered: grace },
      { time: minute, remembered: minute },
    ])(
      'of a rest of $time ms is forgotten after $remembered ms more, where an entry is kept for longer',
      async (rest) => {
        const { time, remembered } = rest;
        const clock = new ManualClock(1_000_000);
        const storage = open({ clock });
        const entry = entryOf('value', { created: 1, updateAfter: 1, expiresAfter: 1e9 });
        await storage.offer('key', entry);
        const lease = await acquire(storage, 'key', { seen: entry });
        await lease.giveBack({ failures: 4, milliseconds: time });
        await clock.advance(time + remembered - 1);
        const again = await acquire(storage, 'key', { seen: entry });
        expect(again.failures).toBe(4);
        await again.giveBack({ failures: 5, milliseconds: time });
        await clock.advance(time + remembered);
        expect((await acquire(storage, 'key', { seen: entry })).failures).toBe(0);
      },
    );
  });

  describe('users of the server', () => {
    let port = 0;
    const as = async (user: string, ...rules: string[]): Promise<StandaloneClient> => {
      await client.call('ACL', 'SETUSER', user, 'reset', 'on', '>secret', '~*', '&*', ...rules);
      const restricted = major.standalone({ port, username: user, password: 'secret' });
      await expect.poll(() => restricted.status).toBe('ready');
      return restricted;
    };
    beforeAll(() => {
      port = server.port;
    });

    it('need no more than the README says', async () => {
      const { port } = server;
      const rights =
        '-@all +get +mget +set +unlink +getrange +setrange +pttl +pexpire +persist +eval +evalsha +time +scan';
      const connecting = '+hello +info +client';
      const names = ['~app:memo:*', '~app:memo%~lock:*', 'resetchannels', '&app:memo%~leases'];
      const rules = [...names, ...`${rights} +publish +subscribe ${connecting}`.split(' ')];
      await askRedis(port, 'ACL', 'SETUSER', 'narrow', 'reset', 'on', '>secret', ...rules);
      await askRedis(port, 'ACL', 'LOG', 'RESET');
      const narrow = major.standalone({ port, username: 'narrow', password: 'secret', keyPrefix: 'app:' });
      const storage = open({}, narrow);
      const entry = entryOf('value');
      const lease = await acquire(storage, 'key');
      await (
        await held(storage, 'key')
      ).watch?.changed;
      const { watch } = await held(storage, 'key');
      expect(await lease.renew(minute)).toBe(true);
      expect(await storage.offer('key', entry, lease)).toBe('stored');
      await watch?.changed;
      expect((await storage.get('key'))?.value).toBe('value');
      expect(await storage.getMany(['key', 'absent'])).toMatchObject([{ value: 'value' }, undefined]);
      const forEver = { updateAfter: 1, expiresAfter: Infinity };
      expect(await storage.changeMoments('key', entry, forEver, entry.created)).toBe(true);
      expect(await storage.changeMoments('key', entry, entry, entry.created)).toBe(true);
      await (await acquire(storage, 'key', { seen: 'any' })).giveBack({ failures: 1, milliseconds: 1 });
      expect(await storage.offer('key', entry)).toBe('stored');
      expect(await storage.set('key', entry)).toBe('stored');
      expect(await storage.invalidate('key')).toBe(entry.expiresAfter);
      const lock = storage.lock('key');
      expect(await lock.acquire(0)).toBe(true);
      await lock.release();
      await storage.clear('');
      expect(await askRedis(port, 'ACL', 'LOG')).toEqual([]);
      await storage[Symbol.asyncDispose]();
      narrow.disconnect();
    });

    it('who may not ask for the time lease by the clocks of their machines', async () => {
      const restricted = await as('timeless', '+@all', '-time');
      const storage = open({}, restricted);
      const lease = await acquire(storage, 'key');
      expect((await held(storage, 'key')).remaining).toBeGreaterThan(minute - 5_000);
      expect(await storage.offer('key', entryOf('value'), lease)).toBe('stored');
      restricted.disconnect();
    });

    it('who may not look at headers are refused, and not told that nothing is there', async () => {
      const restricted = await as('blind', '+@all', '-getrange');
      const storage = open({}, restricted);
      await open().offer('key', entryOf('value'));
      for (const refused of [
        () => ask(storage, 'key'),
        () => storage.offer('key', entryOf('new')),
        () => storage.set('key', entryOf('new')),
        () => storage.invalidate('key'),
      ]) {
        const error = await failureOf(refused());
        expect(StorageFailedError.isInstance(error)).toBe(true);
        expect(error.message).toMatch(/permission|can't run this command/);
      }
      expect((await open().get('key'))?.value).toBe('value');
      restricted.disconnect();
    });

    it('who may not publish write all the same', async () => {
      const restricted = await as('silent', '+@all', '-publish');
      const storage = open({}, restricted);
      for (const end of [
        (lease: Lease) => storage.offer('key', entryOf('value'), lease),
        (lease: Lease) => lease.giveBack(),
        () => storage.set('key', entryOf('set')),
        () => storage.offer('key', entryOf('offered')),
        () => storage.invalidate('key').then(() => 'invalidated'),
        () => storage.clear('').then(() => 'cleared'),
      ]) {
        const lease = await acquire(storage, 'key', { seen: 'any' });
        (await held(storage, 'key', { seen: 'any' })).watch?.stop();
        expect(await end(lease)).toBeTruthy();
      }
      await storage[Symbol.asyncDispose]();
      restricted.disconnect();
    });
  });

  describe('a server without memory left', () => {
    it('refuses entries, not those who wait, and lets leases go', async () => {
      const full = await startRedis();
      const other = major.standalone({ port: full.port });
      const storage = open({}, other);
      const [lease, second, third] = [
        await acquire(storage, 'key'),
        await acquire(storage, 'second'),
        await acquire(storage, 'third'),
      ];
      await askRedis(full.port, 'CONFIG', 'SET', 'maxmemory', '1');
      expect((await held(storage, 'key')).remaining).toBeGreaterThan(0);
      for (const failure of [
        failureOf(storage.offer('key', entryOf('value'), lease)),
        failureOf(storage.set('key', entryOf('value'))),
        failureOf(ask(storage, 'other')),
      ]) {
        expect(StorageFailedError.isInstance(await failure)).toBe(true);
        expect((await failure).message).toContain('OOM command not allowed');
      }
      expect(await lease.giveBack()).toBe(true);
      expect(await storage.invalidate('second')).toBeUndefined();
      await askRedis(full.port, 'CONFIG', 'SET', 'maxmemory', '0');
      expect(await storage.offer('second', entryOf('late'), second)).toBe('declined');
      expect(await storage.offer('third', entryOf('value'), third)).toBe('stored');
      await storage[Symbol.asyncDispose]();
      other.disconnect();
      await full.stop();
    });
  });
});
