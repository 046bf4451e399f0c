import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { CacheStorage } from '../../src/storage/cache-storage.js';
import type { Lease, LeaseAnswer } from '../../src/storage/lease.js';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import type { Lock } from '../../src/storage/lock.js';
import { cacheStorageContract, ChaosStorage, ManualClock } from '../../src/testing/index.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };
const moments = { updateAfter: 4_000, expiresAfter: 5_000 };
const request = { holder: '00112233445566778899', seen: undefined, time: 3_000 };

const abilities = ['getMany', 'peek', 'invalidate', 'set', 'changeMoments', 'clear', 'entries', 'lease'] as const;
/** The asynchronous operations of the storage itself. */
const operationNames = [
  'get',
  'getMany',
  'offer',
  'release',
  'invalidate',
  'set',
  'changeMoments',
  'clear',
  'entries',
  'lease',
] as const;

function chaos(): { storage: ChaosStorage; inner: LocalInMemoryCacheStorage; clock: ManualClock } {
  const clock = new ManualClock();
  const inner = new LocalInMemoryCacheStorage();
  return { storage: new ChaosStorage(inner, {}, clock), inner, clock };
}

/** Every asynchronous operation, by its name. */
function operationsOf(storage: ChaosStorage): Record<string, () => Promise<unknown>> {
  return {
    get: () => storage.get('key'),
    getMany: async () => storage.getMany?.(['key', 'other']),
    offer: () => storage.offer('key', entry),
    release: () => storage.release('key'),
    invalidate: async () => storage.invalidate?.('key'),
    set: async () => storage.set?.('key', entry),
    lease: async () => storage.lease?.('other', request),
    changeMoments: async () => storage.changeMoments?.('key', entry, moments, 0),
    clear: async () => storage.clear?.(''),
    entries: () => listed(storage),
  };
}

function leaseIn(answer: LeaseAnswer | undefined): Lease {
  if (answer?.state !== 'granted') throw new Error(`The lease is ${answer?.state}.`);
  return answer.lease;
}

async function listed(storage: CacheStorage): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const one of storage.entries?.() ?? []) all.push(one);
  return all;
}

describe('ChaosStorage without a plan is a storage like the one behind it', () => {
  cacheStorageContract({ describe, it, expect }, () => new ChaosStorage(new LocalInMemoryCacheStorage()), {
    sameEntry: true,
    values: 'any',
  });
});

describe('ChaosStorage', () => {
  it('has the abilities and properties of the storage behind it, and no others', async () => {
    const plain: CacheStorage = {
      get: () => Promise.resolve(undefined),
      offer: () => Promise.resolve('declined'),
      release: () => Promise.resolve(),
    };
    const storage = new ChaosStorage(plain);
    for (const ability of [
      'shared',
      'deadline',
      'keepsResources',
      ...abilities,
      'lock',
      'ttl',
      Symbol.asyncDispose,
    ] as const) {
      expect(storage[ability]).toBe(undefined);
    }
    const { storage: full } = chaos();
    for (const ability of ['shared', 'deadline', 'keepsResources', ...abilities] as const) {
      expect(full[ability]).toBeDefined();
    }
    let closed = 0;
    const closing = new ChaosStorage({ ...plain, [Symbol.asyncDispose]: () => Promise.resolve(void closed++) });
    await closing[Symbol.asyncDispose]?.();
    expect(closed).toBe(1);
  });

  it.each(operationNames)('fails at %s as told, without reaching the storage', async (operation) => {
    const { storage, inner } = chaos();
    await inner.offer('key', entry);
    const operate = operationsOf(storage)[operation]!;
    storage.plan = { [operation]: 'fail' };
    await expect(operate()).rejects.toThrow(new Error(`ChaosStorage was told to fail at ${operation}.`));
    storage.plan = { [operation]: { fail: new RangeError('own') } };
    await expect(operate()).rejects.toThrow(new RangeError('own'));
    expect(inner.peek('key')).toBe(entry);
    expect(inner.lease('other', request)).toMatchObject({ state: 'granted' });
    expect(storage.calls(operation)).toBe(2);
  });

  it('fails to peek by throwing', () => {
    const { storage } = chaos();
    storage.plan = { peek: 'fail' };
    expect(() => storage.peek?.('key')).toThrow(new Error('ChaosStorage was told to fail at peek.'));
    storage.plan = { peek: { fail: new RangeError('own') } };
    expect(() => storage.peek?.('key')).toThrow(new RangeError('own'));
    expect(storage.calls('peek')).toBe(2);
  });

  it('hangs as told', async () => {
    const { storage, clock } = chaos();
    await storage.offer('key', entry);
    storage.plan = { get: 'hang', peek: 'hang' };
    let settled = false;
    void storage.get('key').finally(() => (settled = true));
    await clock.advance('1 day');
    expect(settled).toBe(false);
    expect(storage.peek?.('key')).toBe(undefined);
  });

  it('lets go at once what it only claims to have stored, and of nothing that it refuses', async () => {
    const { storage } = chaos();
    const heard: string[] = [];
    const open = { ...entry, resource: { left: (why: string) => void heard.push(why), hold: () => () => {} } };
    for (const claim of ['drop', { answer: 'stored' }] as const) {
      storage.plan = { offer: claim, set: claim };
      expect([await storage.offer('key', open), await storage.set?.('key', open)]).toEqual(['stored', 'stored']);
    }
    expect(heard).toEqual(['released', 'released', 'released', 'released']);
    storage.plan = { offer: 'lie', set: { answer: 'declined' } };
    await Promise.all([storage.offer('key', open), storage.set?.('key', open)]);
    storage.plan = {};
    await storage.offer('key', open);
    expect(heard).toHaveLength(4);
  });

  it('works again as soon as the plan says so', async () => {
    const { storage } = chaos();
    storage.plan = { offer: 'fail' };
    await expect(storage.offer('key', entry)).rejects.toThrow();
    storage.plan = {};
    expect(await storage.offer('key', entry)).toBe('stored');
    expect(await storage.get('key')).toBe(entry);
  });

  it('carries out an operation later, by the clock it was given', async () => {
    const { storage, inner, clock } = chaos();
    storage.plan = { offer: { delay: '2 seconds' }, peek: { delay: 1 } };
    const offered = storage.offer('key', entry);
    await clock.advance(1_999);
    expect(inner.size).toBe(0);
    await clock.advance(1);
    expect(await offered).toBe('stored');
    expect(inner.size).toBe(1);
    expect(storage.peek?.('key')).toBe(undefined);
  });

  it('only claims to have done what it was told to drop', async () => {
    const { storage, inner } = chaos();
    await storage.offer('key', entry);
    const dropped = [...operationNames, 'peek'] as const;
    storage.plan = Object.fromEntries(dropped.map((operation) => [operation, 'drop']));
    const answers: Record<string, unknown> = {};
    for (const [name, operate] of Object.entries(operationsOf(storage))) answers[name] = await operate();
    expect(answers).toEqual({
      get: undefined,
      getMany: [undefined, undefined],
      offer: 'stored',
      release: undefined,
      invalidate: undefined,
      set: 'stored',
      lease: { state: 'granted', lease: expect.objectContaining({ holder: request.holder, failures: 0 }) as unknown },
      changeMoments: true,
      clear: undefined,
      entries: [],
    });
    expect(storage.peek?.('key')).toBe(undefined);
    expect(inner.peek('key')).toBe(entry);
  });

  it('answers what no storage may answer, or what it is told', async () => {
    const { storage, inner } = chaos();
    storage.plan = { get: 'lie', getMany: 'lie', peek: 'lie', offer: 'lie', invalidate: 'lie', entries: 'lie' };
    expect(await storage.get('key')).toBe('a lie');
    expect(await storage.getMany?.(['key'])).toBe('a lie');
    expect(storage.peek?.('key')).toBe('a lie');
    expect(await storage.offer('key', entry)).toBe('a lie');
    expect(await storage.invalidate?.('key')).toBe(NaN);
    expect(await listed(storage)).toEqual([['a lie', 'a lie']]);
    storage.plan = { get: { answer: { value: 'old' } }, peek: { answer: null } };
    expect(await storage.get('key')).toEqual({ value: 'old' });
    expect(storage.peek?.('key')).toBe(null);
    expect(inner.size).toBe(0);
  });

  it('answers for a lease at once where the storage behind it does', () => {
    const { storage } = chaos();
    expect(storage.lease?.('key', request)).toMatchObject({ state: 'granted' });
    expect(storage.calls('lease')).toBe(1);
  });

  it('hands out leases under which entries are kept, and hands on those of the storage behind it', async () => {
    const { storage, inner } = chaos();
    const leases: unknown[] = [];
    inner.lease = (...args) => {
      const answer = LocalInMemoryCacheStorage.prototype.lease.apply(inner, args);
      leases.push(leaseIn(answer));
      return answer;
    };
    inner.offer = (...args) => {
      leases.push(args[2]);
      return LocalInMemoryCacheStorage.prototype.offer.apply(inner, args);
    };
    const lease = leaseIn(await storage.lease?.('key', request));
    expect(await storage.offer('key', entry, lease)).toBe('stored');
    expect(inner.peek('key')).toBe(entry);
    expect(leases[1]).toBe(leases[0]);
    expect(await storage.offer('key', entry, lease)).toBe('declined');
  });

  it('lets renewing and giving back misbehave, also of leases that were granted before', async () => {
    const { storage, inner, clock } = chaos();
    const lease = leaseIn(await storage.lease?.('key', request));
    const held = { ...request, holder: 'another' };
    storage.plan = { renew: 'fail', giveBack: { fail: new RangeError('own') } };
    await expect(lease.renew(1)).rejects.toThrow(new Error('ChaosStorage was told to fail at renew.'));
    await expect(lease.giveBack()).rejects.toThrow(new RangeError('own'));
    storage.plan = { renew: { answer: false }, giveBack: 'drop' };
    expect([await lease.renew(1), await lease.giveBack()]).toEqual([false, true]);
    expect(inner.lease('key', held)).toMatchObject({ state: 'held' });
    storage.plan = { giveBack: { delay: 10 } };
    const rest = { failures: 2, milliseconds: 60_000 };
    const givenBack = lease.giveBack(rest);
    await clock.advance(9);
    expect(inner.lease('key', held)).toMatchObject({ state: 'held' });
    await clock.advance(1);
    expect(await givenBack).toBe(true);
    expect(inner.lease('key', held)).toMatchObject({ state: 'resting', failures: 2 });
    expect([storage.calls('renew'), storage.calls('giveBack')]).toEqual([2, 3]);
  });

  it('grants leases later, or leases that nobody holds', async () => {
    const { storage, inner, clock } = chaos();
    storage.plan = { lease: { delay: 10 } };
    const asked = storage.lease?.('key', request);
    await clock.advance(10);
    expect(await storage.offer('key', entry, leaseIn(await asked))).toBe('stored');
    storage.plan = { lease: 'drop' };
    const dropped = leaseIn(await storage.lease?.('other', request));
    expect(await storage.offer('other', entry, dropped)).toBe('declined');
    expect([await dropped.renew(1), await dropped.giveBack()]).toEqual([false, false]);
    expect(inner.lease('other', { ...request, holder: 'another' })).toMatchObject({ state: 'granted' });
    storage.plan = { lease: 'lie', set: 'lie' };
    expect([await storage.lease?.('other', request), await storage.set?.('other', entry)]).toEqual(['a lie', 'a lie']);
  });

  it('lets a storage misbehave that says how long it keeps a key', async () => {
    const storage = new ChaosStorage(Object.assign(new LocalInMemoryCacheStorage(), { ttl: () => 1_000 }));
    expect(await storage.ttl?.('key')).toBe(1_000);
    storage.plan = { ttl: 'drop' };
    expect(await storage.ttl?.('key')).toBe(undefined);
    storage.plan = { ttl: 'lie' };
    expect(await storage.ttl?.('key')).toBe(NaN);
    storage.plan = { ttl: 'fail' };
    await expect(storage.ttl?.('key')).rejects.toThrow(new Error('ChaosStorage was told to fail at ttl.'));
    expect(storage.calls('ttl')).toBe(4);
  });

  it('lets locks misbehave', async () => {
    const log: unknown[] = [];
    const lock: Lock = {
      acquire: (timeout) => Promise.resolve(log.push(timeout) > 0),
      release: () => Promise.resolve(void log.push('release')),
    };
    const storage = new ChaosStorage(Object.assign(new LocalInMemoryCacheStorage(), { lock: () => lock }));
    const own = storage.lock?.('key');
    expect(await own?.acquire('1 second')).toBe(true);
    await own?.release();
    expect(log).toEqual(['1 second', 'release']);
    storage.plan = { lock: 'fail', unlock: 'fail' };
    await expect(own?.acquire(0)).rejects.toThrow(new Error('ChaosStorage was told to fail at lock.'));
    await expect(own?.release()).rejects.toThrow(new Error('ChaosStorage was told to fail at unlock.'));
    storage.plan = { lock: 'drop', unlock: 'drop' };
    expect(await own?.acquire(0)).toBe(true);
    await own?.release();
    expect(log.length).toBe(2);
    expect([storage.calls('lock'), storage.calls('unlock')]).toEqual([3, 3]);
  });
});
