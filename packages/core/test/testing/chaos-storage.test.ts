import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { CacheStorage } from '../../src/storage/cache-storage.js';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import { cacheStorageContract, ChaosStorage, ManualClock } from '../../src/testing/index.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };
const moments = { updateAfter: 4_000, expiresAfter: 5_000 };

function chaos(): { storage: ChaosStorage; inner: LocalInMemoryCacheStorage; clock: ManualClock } {
  const clock = new ManualClock();
  const inner = new LocalInMemoryCacheStorage();
  return { storage: new ChaosStorage(inner, {}, clock), inner, clock };
}

/** Every asynchronous operation, by its name. */
function operationsOf(storage: ChaosStorage): Record<string, () => Promise<unknown>> {
  return {
    get: () => storage.get('key'),
    offer: () => storage.offer('key', entry),
    release: () => storage.release('key'),
    invalidate: async () => storage.invalidate?.('key'),
    changeMoments: async () => storage.changeMoments?.('key', entry, moments, 0),
    clear: async () => storage.clear?.(''),
    entries: () => listed(storage),
  };
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
    const abilities = ['shared', 'deadline', 'peek', 'invalidate', 'changeMoments', 'clear', 'entries'] as const;
    for (const ability of [...abilities, Symbol.asyncDispose] as const) expect(storage[ability]).toBe(undefined);
    const { storage: full } = chaos();
    for (const ability of abilities) expect(full[ability]).toBeDefined();
    let closed = 0;
    const closing = new ChaosStorage({ ...plain, [Symbol.asyncDispose]: () => Promise.resolve(void closed++) });
    await closing[Symbol.asyncDispose]?.();
    expect(closed).toBe(1);
  });

  it.each(['get', 'offer', 'release', 'invalidate', 'changeMoments', 'clear', 'entries'] as const)(
    'fails at %s as told, without reaching the storage',
    async (operation) => {
      const { storage, inner } = chaos();
      await inner.offer('key', entry);
      const operate = operationsOf(storage)[operation]!;
      storage.plan = { [operation]: 'fail' };
      await expect(operate()).rejects.toThrow(new Error(`ChaosStorage was told to fail at ${operation}.`));
      storage.plan = { [operation]: { fail: new RangeError('own') } };
      await expect(operate()).rejects.toThrow(new RangeError('own'));
      expect(inner.peek('key')).toBe(entry);
      expect(storage.calls(operation)).toBe(2);
    },
  );

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
    const dropped = ['get', 'peek', 'offer', 'release', 'invalidate', 'changeMoments', 'clear', 'entries'] as const;
    storage.plan = Object.fromEntries(dropped.map((operation) => [operation, 'drop']));
    const answers: Record<string, unknown> = {};
    for (const [name, operate] of Object.entries(operationsOf(storage))) answers[name] = await operate();
    expect(answers).toEqual({
      get: undefined,
      offer: 'stored',
      release: undefined,
      invalidate: undefined,
      changeMoments: true,
      clear: undefined,
      entries: [],
    });
    expect(storage.peek?.('key')).toBe(undefined);
    expect(inner.peek('key')).toBe(entry);
  });

  it('answers what no storage may answer, or what it is told', async () => {
    const { storage, inner } = chaos();
    storage.plan = { get: 'lie', peek: 'lie', offer: 'lie', invalidate: 'lie', entries: 'lie' };
    expect(await storage.get('key')).toBe('a lie');
    expect(storage.peek?.('key')).toBe('a lie');
    expect(await storage.offer('key', entry)).toBe('a lie');
    expect(await storage.invalidate?.('key')).toBe(NaN);
    expect(await listed(storage)).toEqual([['a lie', 'a lie']]);
    storage.plan = { get: { answer: { value: 'old' } }, peek: { answer: null } };
    expect(await storage.get('key')).toEqual({ value: 'old' });
    expect(storage.peek?.('key')).toBe(null);
    expect(inner.size).toBe(0);
  });
});
