import { setTimeout as pause } from 'node:timers/promises';
import { memoize, Memoizer, type CacheStorage, type SerDe } from '@memo/core';
import { eventually, startMember, type Member, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  failingMember,
  ServiceError,
  toldFailure,
  type FailureAnswer,
  type FailureOrder,
  type ToldError,
} from './failing-member.js';
import { serdeOf } from './serde-of.js';

const hour = 3_600_000;

/** Which processes share which server. */
export interface FailuresTraits {
  /** The program of a member: it calls `serveFailuresInFleet` over the namespace `failures`. */
  readonly program: URL;
  readonly startServer: () => Promise<Server>;
  /** Where a member finds the server. */
  readonly environmentFor: (server: Server) => NodeJS.ProcessEnv;
  /** Opens what a member opens, with another SerDe. */
  readonly open: (server: Server, serde: SerDe) => CacheStorage & AsyncDisposable;
  /** For how many milliseconds the server keeps the entry of `id`; -1 for ever. */
  readonly keptFor: (server: Server, key: string) => Promise<number>;
  /** How well every process knows the server's clock, and how late the server lets go, in milliseconds. */
  readonly exactness: number;
}

/** What becomes of loads that fail, where processes share a storage: to be called within `describe`. */
export function failuresSuite(traits: FailuresTraits): void {
  const { exactness } = traits;
  let server: Server;
  let storage: CacheStorage & AsyncDisposable;
  let there: Member<FailureOrder>;
  let here: (order: FailureOrder) => Promise<FailureAnswer>;
  let names = 0;

  const startOther = (): Promise<Member<FailureOrder>> =>
    startMember(traits.program, { ...traits.environmentFor(server), NAME: 'there' });
  const tell = async (member: Member<FailureOrder>, order: FailureOrder): Promise<FailureAnswer> =>
    (await member.tell(order)) as FailureAnswer;
  /** A function of a new name, in this process and in the other, with the same options. */
  const functionWith = (options: FailureOrder['options'] = {}) => {
    const name = `load${++names}`;
    const order = (more: Partial<FailureOrder>): FailureOrder => ({ action: 'call', name, options, ...more });
    return {
      name,
      key: `${name}:id`,
      here: (more: Partial<FailureOrder> = {}) => here(order(more)),
      there: (more: Partial<FailureOrder> = {}) => tell(there, order(more)),
      order,
    };
  };
  type Shared = ReturnType<typeof functionWith>;
  const expectKeptFor = async ({ key }: Shared, milliseconds: number): Promise<void> => {
    const kept = await traits.keptFor(server, key);
    expect([kept, kept > milliseconds - 30_000, kept < milliseconds + exactness + 3_000]).toEqual([
      ...[kept, true, true],
    ]);
  };
  /** Waits until an entry has expired for every process, also for one that is yet to start. */
  const untilExpired = async (shared: Shared): Promise<void> => {
    await eventually('expiry', async () => (await shared.there({ action: 'exists' })).value === false);
    await pause(exactness);
  };

  beforeAll(async () => {
    server = await traits.startServer();
    storage = traits.open(server, serdeOf('msgpack'));
    here = failingMember(storage, 'here');
    there = await startOther();
  }, 30_000);

  afterAll(async () => {
    await there.end();
    await storage[Symbol.asyncDispose]();
    await server.stop();
  });

  describe('a failure that is remembered', () => {
    it('is thrown again in the other process, with name, message, code and cause, and nothing is loaded', async () => {
      const shared = functionWith({ negative: { expireAfter: '1 minute' } });
      const thrown = toldFailure(shared.name, 'down');
      expect(await shared.here({ failure: 'down' })).toMatchObject({ thrown, loads: 1 });
      for (const call of [shared.there, shared.here]) {
        expect(await call({ failure: 'not asked' })).toEqual({ thrown, loads: 0, events: ['hit'] });
      }
      await expectKeptFor(shared, 60_000);
    });

    it('is an Error again that says where it comes from', async () => {
      const load = async (_id: string): Promise<never> => {
        throw new ServiceError('down', { cause: new TypeError('inner') });
      };
      const name = `load${++names}`;
      await using another = traits.open(server, serdeOf('msgpack'));
      const cachedIn = (over: CacheStorage) => memoize(load, { name, storage: over, errors: 'original', negative: {} });
      const [writer, reader] = [cachedIn(storage), cachedIn(another)];
      await expect(writer('id')).rejects.toBeInstanceOf(ServiceError);
      const error: Error = await reader('id').catch((caught: unknown) => caught as Error);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name: 'ServiceError', message: 'down', code: 'E_SERVICE' });
      expect(error.cause).toBeInstanceOf(TypeError);
      expect(error.stack).toBe(
        `ServiceError: down\n    from the cache, under key "${name}:id": where it was thrown is not kept`,
      );
    });

    it.each(['json', 'msgpack', 'v8', 'json+gzip', 'msgpack+zip'])('comes back from %s', async (format) => {
      await using writer = traits.open(server, serdeOf(format));
      await using reader = traits.open(server, serdeOf(format));
      const [write, read] = [failingMember(writer, 'writer'), failingMember(reader, 'reader')];
      const order: FailureOrder = { action: 'call', name: `load${++names}`, options: { negative: {} } };
      const thrown = toldFailure(order.name, 'päper 🔑');
      expect(await write({ ...order, failure: 'päper 🔑' })).toMatchObject({ thrown, loads: 1 });
      expect(await read(order)).toEqual({ thrown, loads: 0, events: ['hit'] });
    });

    it('is returned where failures are values', async () => {
      const shared = functionWith({ negative: { as: 'value' } });
      const { cause } = toldFailure(shared.name, 'down') as Required<ToldError>;
      expect(await shared.here({ failure: 'down' })).toMatchObject({ value: cause, loads: 1 });
      expect(await shared.there()).toEqual({ value: cause, loads: 0, events: ['hit'] });
    });

    it('is forgotten when its time is over', async () => {
      const shared = functionWith({ negative: { expireAfter: '1 second' } });
      const began = performance.now();
      await shared.here({ failure: 'down' });
      await eventually('a load', async () => (await shared.there()).value === 'there');
      expect(performance.now() - began).toBeGreaterThan(1_000 - exactness);
      expect(await shared.here()).toEqual({ value: 'there', loads: 0, events: ['hit'] });
    });

    it('is remembered of one key among many, and the others are served', async () => {
      await using another = traits.open(server, serdeOf('msgpack'));
      const namespace = `many${++names}`;
      const memoOver = (over: CacheStorage) => new Memoizer(over, { namespace, negative: {} });
      const [writer, reader] = [memoOver(storage), memoOver(another)];
      const load = async (keys: readonly string[]) =>
        new Map(keys.map((key) => [key, key === 'bad' ? new ServiceError('down') : `of ${key}`]));
      expect(await writer.getMany(['good', 'bad'], load)).toEqual(new Map([['good', 'of good']]));
      const asked: (readonly string[])[] = [];
      const loadElsewhere = (keys: readonly string[]) => {
        asked.push(keys);
        return load(keys);
      };
      expect(await reader.getMany(['bad', 'new', 'good'], loadElsewhere)).toEqual(
        new Map([
          ['new', 'of new'],
          ['good', 'of good'],
        ]),
      );
      expect(asked).toEqual([['new']]);
    });

    it('never takes the place of an entry that is still served', async () => {
      const shared = functionWith({ negative: { expireAfter: '1 minute' }, updateAfter: 0 });
      expect((await shared.there()).value).toBe('there');
      expect(await shared.here({ failure: 'down' })).toMatchObject({ value: 'there' });
      const thrown = toldFailure(shared.name, 'down');
      expect(await shared.here({ action: 'refresh', failure: 'down' })).toMatchObject({ thrown });
      expect(await shared.there({ failure: 'down' })).toMatchObject({ value: 'there' });
      expect((await storage.get(shared.key))?.failed).toBe(undefined);
      await expectKeptFor(shared, hour);
    });

    it('gives way to the next load that goes well', async () => {
      const shared = functionWith({ negative: { expireAfter: '1 minute' } });
      await shared.here({ failure: 'down' });
      expect(await shared.there({ action: 'refresh' })).toMatchObject({ value: 'there', loads: 1 });
      expect(await shared.here()).toEqual({ value: 'there', loads: 0, events: ['hit'] });
      await expectKeptFor(shared, hour);
    });

    it('answers who waits for it in the other process', async () => {
      const shared = functionWith({ negative: { expireAfter: '1 minute' } });
      const leading = shared.there({ failure: 'down', slowness: 500 });
      await untilLeased(storage, shared.key);
      const thrown = toldFailure(shared.name, 'down');
      expect(await shared.here()).toMatchObject({ thrown, loads: 0 });
      expect(await leading).toMatchObject({ thrown, loads: 1 });
    });
  });

  describe.concurrent('an expired entry', () => {
    const staleIfError = '1 hour';
    /** As long as it takes until every process knows that an entry has expired, and longer. */
    const short = 1_000 + 2 * exactness;

    it('is served in both processes where the load fails, and is kept on the server until then', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError });
      expect((await shared.there()).value).toBe('there');
      await expectKeptFor(shared, hour);
      await untilExpired(shared);
      const served = await shared.here({ failure: 'down' });
      expect(served).toMatchObject({ value: 'there', loads: 1 });
      expect(served.events).toContain('stale-if-error');
      for (const call of [shared.here, shared.there, shared.there]) {
        expect(await call({ failure: 'down' })).toMatchObject({ value: 'there' });
      }
      await expectKeptFor(shared, hour);
      const { keepUntil = 0, expiresAfter = 0 } = (await storage.get(shared.key)) ?? {};
      expect(keepUntil - expiresAfter).toBe(hour);
    });

    it('is served by a process that starts later and has never seen it', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError });
      await shared.there();
      await untilExpired(shared);
      await shared.there({ failure: 'down' });
      const late = await startOther();
      try {
        const answer = await tell(late, shared.order({ failure: 'down' }));
        expect(answer).toMatchObject({ value: 'there' });
        expect(answer.events).toContain('stale-if-error');
      } finally {
        await late.end();
      }
    });

    it('is served to who waits for a load in the other process that fails', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError });
      await shared.there();
      await untilExpired(shared);
      const leading = shared.there({ failure: 'down', slowness: 500 });
      await untilLeased(storage, shared.key);
      expect(await shared.here({ failure: 'down' })).toMatchObject({ value: 'there' });
      expect(await leading).toMatchObject({ value: 'there', loads: 1 });
    });

    it('outlives a process that dies while it loads anew', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError, leaseTime: '1 second' });
      await shared.here();
      await untilExpired(shared);
      const mortal = await startOther();
      const dying = tell(mortal, shared.order({ slowness: 60_000 })).catch((error: unknown) => error);
      await untilLeased(storage, shared.key);
      await mortal.end();
      expect(String(await dying)).toContain('SIGKILL');
      expect(await shared.there({ failure: 'down' })).toMatchObject({ value: 'here', loads: 1 });
      await expectKeptFor(shared, hour);
    });

    it('gives way to the next load that goes well', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError });
      await shared.there();
      await untilExpired(shared);
      expect(await shared.there({ failure: 'down' })).toMatchObject({ value: 'there' });
      await eventually('a load', async () => (await shared.here()).value === 'here');
    });

    it('is not served any more when that is over', async () => {
      const shared = functionWith({ expireAfter: '300 ms', staleIfError: short });
      const began = performance.now();
      await shared.here();
      await untilExpired(shared);
      await eventually('its end', async () => !('value' in (await shared.there({ failure: 'down' }))));
      expect(performance.now() - began).toBeGreaterThan(300 + short - exactness);
    });

    it('is served in place of a failure, which is remembered once it is not served any more', async () => {
      const shared = functionWith({
        ...{ expireAfter: '300 ms', staleIfError: short },
        negative: { expireAfter: '1 minute' },
      });
      await shared.here();
      await untilExpired(shared);
      expect(await shared.there({ failure: 'down' })).toMatchObject({ value: 'here' });
      expect((await storage.get(shared.key))?.failed).toBe(undefined);
      await eventually('a failure', async () => {
        await shared.there({ failure: 'down' });
        return (await storage.get(shared.key))?.failed === true;
      });
      const thrown = toldFailure(shared.name, 'down');
      expect(await shared.here()).toEqual({ thrown, loads: 0, events: ['hit'] });
    });
  });
}

/** Waits until somebody loads a key. */
async function untilLeased(storage: CacheStorage, key: string): Promise<void> {
  const isHeld = async (): Promise<boolean> => {
    const seen = await storage.get(key);
    const answer = await storage.lease?.(key, { holder: 'f'.repeat(20), seen, time: 1 });
    if (answer?.state === 'held') answer.watch?.stop();
    if (answer?.state === 'granted') await answer.lease.giveBack();
    return answer?.state === 'held';
  };
  await eventually('a load', isHeld);
}
