import {
  clearAll,
  ClearAllFailedError,
  clearAllSync,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  Memoizer,
  memoizeSync,
  MutableCacheConfiguration,
  DefaultInMemoryCacheConfiguration,
  StorageFailedError,
} from '@memo/core';
import { ChaosStorage } from '@memo/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClearableCache, register } from '../src/registry.js';
import { runInOwnProcess } from './support/own-process.js';
import { turn } from './support/deferred.js';
import { counter, slowSource } from './support/source.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

/** Held until the end of a test, as whoever calls them would. */
let held: unknown[] = [];

function hold<T>(cache: T): T {
  held.push(cache);
  return cache;
}

/** A synchronous cache with so much in it. */
function synchronous(entries: number) {
  return hold({
    entries,
    clearAllSync() {
      this.entries = 0;
    },
  });
}

function failing(error: unknown): ClearableCache {
  return hold({
    clearAllSync() {
      throw error;
    },
  });
}

/** The caches that the registry knows. */
const known = (globalThis as { [name: symbol]: Set<unknown> | undefined })[Symbol.for('@memo/caches/1')]!;

beforeEach(() => {
  held = [];
  known.clear();
});

afterEach(() => void vi.unstubAllGlobals());

describe('clearAll', () => {
  it('takes away the entries of all functions, synchronous ones too (aquiche Q10)', async () => {
    const [first, second] = [memoize(counter().call), memoize(counter().call)];
    let calls = 0;
    const third = memoizeSync(() => ++calls);
    expect([await first(), await second(), third()]).toEqual(['value 1', 'value 1', 1]);
    await clearAll();
    expect([first, second, third].map((cached) => cached.cacheInfo().size)).toEqual([0, 0, 0]);
    expect([await first(), await second(), third()]).toEqual(['value 2', 'value 2', 2]);
  });

  it('takes away those of decorated methods', async () => {
    let calls = 0;
    class Users {
      @memoized()
      async find(): Promise<number> {
        return ++calls;
      }

      @memoized({ per: 'class' })
      async count(): Promise<number> {
        return ++calls;
      }
    }
    const users = new Users();
    expect([await users.find(), await users.count()]).toEqual([1, 2]);
    await clearAll();
    expect([await users.find(), await users.count()]).toEqual([3, 4]);
  });

  it('takes away those of Memoizers: by key and of functions, in all regions, namespaces and storages', async () => {
    const others = new LocalInMemoryCacheStorage();
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), {
      namespace: 'pages',
      regions: { long: { expireAfter: '1 day' }, elsewhere: { storage: others } },
    });
    let calls = 0;
    const load = async (): Promise<number> => ++calls;
    const cached = memo.memoize(load, { name: 'load', namespace: 'functions' });
    const ask = async (): Promise<readonly number[]> => [
      await memo.get('home', load),
      await memo.get('home 2', load, { region: 'long' }),
      await memo.get('home', load, { region: 'elsewhere' }),
      await memo.get('home', load, { namespace: 'images' }),
      await cached(),
      await cached.with({ region: 'elsewhere' })(),
    ];
    expect(await ask()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ask()).toEqual([1, 2, 3, 4, 5, 6]);
    await clearAll();
    expect([others.size, await ask()]).toEqual([0, [7, 8, 9, 10, 11, 12]]);
  });

  it('finds a function as long as somebody can call it, though only one of its operations is held', async () => {
    const { refresh, exists } = memoize(counter().call);
    await refresh();
    expect(await exists([])).toBe(true);
    await clearAll();
    expect(await exists([])).toBe(false);
  });

  it('leaves shared storages alone, unless asked', async () => {
    const storage = new SharedStorage();
    const cached = memoize(counter().call, { storage, name: 'counted' });
    const memo = new Memoizer(storage, { namespace: 'pages' });
    await Promise.all([cached(), memo.get('home', () => 'value')]);
    await clearAll();
    await clearAll({});
    await clearAll({ shared: false });
    expect(storage.size).toBe(2);
    await clearAll({ shared: true });
    expect(storage.size).toBe(0);
  });

  it('asks for the storage that a function has now', async () => {
    const [inProcess, shared] = [new LocalInMemoryCacheStorage(), new SharedStorage()];
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration()).setStorage(
      inProcess,
    );
    const cached = memoize(counter().call, { name: 'counted', configuration });
    await cached();
    configuration.setStorage(shared);
    await cached();
    await clearAll();
    expect([inProcess.size, shared.size]).toEqual([1, 1]);
    configuration.setStorage(inProcess);
    await clearAll();
    expect([inProcess.size, shared.size]).toEqual([0, 1]);
  });

  it('keeps out what was being loaded (mends aquiche Q76)', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const loading = cached();
    await turn();
    await clearAll();
    source.answer('old');
    expect(await loading).toBe('old');
    const again = cached();
    await turn();
    source.answer('new');
    expect(await again).toBe('new');
  });

  it('tries all, and fails with what the one cache failed with', async () => {
    const chaos = new ChaosStorage(new LocalInMemoryCacheStorage(), { clear: 'fail' });
    const broken = memoize(counter().call, { name: 'broken', storage: chaos, onEvent: () => undefined });
    const sound = memoize(counter().call);
    await Promise.all([broken(), sound()]);
    const error: unknown = await clearAll().catch((reason: unknown) => reason);
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(sound.cacheInfo().size).toBe(0);
    // What could not be taken away counts as absent in this process.
    expect(await broken()).toBe('value 2');
  });

  it('tells how many failed where several did', async () => {
    const before = synchronous(1);
    register(before);
    const [first, second] = [new Error('down'), 'no error at all'];
    register(failing(first));
    register(failing(second));
    const after = synchronous(1);
    register(after);
    const error = (await clearAll().catch((reason: unknown) => reason)) as ClearAllFailedError;
    expect(ClearAllFailedError.isInstance(error)).toBe(true);
    expect([error.code, error.errors, error.cause]).toEqual(['CLEAR_ALL_FAILED', [first, second], first]);
    expect(error.message).toBe('2 of 4 caches could not be cleared, the others are. The first failed so: down');
    expect([before.entries, after.entries]).toEqual([0, 0]);
  });

  it.each([
    ['all', 'clearAll: expected an object of options, got "all".'],
    [{ shared: 1 }, "clearAll: option 'shared' should be true or false, got 1."],
    [
      { share: true },
      "clearAll: option 'share' should be left out, since there is no such option, got true. Did you mean 'shared'?",
    ],
  ])('refuses %o', async (options, message) => {
    const cached = memoize(counter().call);
    await cached();
    await expect(clearAll(options as object)).rejects.toThrow(message);
    expect(cached.cacheInfo().size).toBe(1);
  });
});

describe('clearAllSync', () => {
  it('takes away the entries of synchronous functions at once, and of no others (aquiche test_clear_all_sync)', async () => {
    const cached = memoize(counter().call);
    await cached();
    const calls: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => memoizeSync(() => calls.push(name)));
    first!();
    second!();
    clearAllSync();
    expect([first!, second!, cached].map(({ cacheInfo }) => cacheInfo().size)).toEqual([0, 0, 1]);
    first!();
    second!();
    expect(calls).toEqual(['first', 'second', 'first', 'second']);
  });

  it('tries all, though some fail', () => {
    const down = new Error('down');
    register(failing(down));
    const after = synchronous(1);
    register(after);
    expect(() => clearAllSync()).toThrow(down);
    expect(after.entries).toBe(0);
    after.entries = 1;
    register(failing(undefined));
    expect(() => clearAllSync()).toThrow(ClearAllFailedError);
    expect(after.entries).toBe(0);
  });
});

/** Another copy of the package, as a program has one when two of its dependencies bring their own. */
async function anotherCopy() {
  vi.resetModules();
  return import('../src/registry.js');
}

describe('the registry of caches', () => {
  it('is one for all copies of the package in the process', async () => {
    const cache = synchronous(1);
    const other = await anotherCopy();
    expect(other.register).not.toBe(register);
    other.register(cache);
    clearAllSync();
    expect(cache.entries).toBe(0);
    cache.entries = 1;
    register(cache);
    other.clearAllSync();
    expect(cache.entries).toBe(0);
  });

  it('finds nothing where there are no weak references, and says so', async () => {
    vi.stubGlobal('WeakRef', undefined);
    vi.stubGlobal('FinalizationRegistry', undefined);
    const other = await anotherCopy();
    other.register(synchronous(1));
    await expect(other.clearAll()).rejects.toThrow(
      'clearAll() needs a runtime with WeakRef. Clear each function by itself.',
    );
    expect(() => other.clearAllSync()).toThrow(
      'clearAllSync() needs a runtime with WeakRef. Clear each function by itself.',
    );
  });

  it('forgets in passing what has gone, where nobody tells it', async () => {
    vi.stubGlobal('FinalizationRegistry', undefined);
    vi.stubGlobal(
      'WeakRef',
      class {
        readonly #target: { readonly gone?: boolean };

        constructor(target: object) {
          this.#target = target;
        }

        deref(): object | undefined {
          return this.#target.gone === true ? undefined : this.#target;
        }
      },
    );
    const other = await anotherCopy();
    const gone = (): ClearableCache & { gone: true } => ({ gone: true, clearAllSync: () => undefined });
    const stays = synchronous(1);
    other.register(stays);
    for (let index = 0; index < 10_000; index++) other.register(gone());
    expect(known.size).toBeLessThanOrEqual(1_000);
    other.clearAllSync();
    expect([known.size, stays.entries]).toEqual([1, 0]);
  });

  it('keeps nothing alive, and forgets what has gone', { timeout: 60_000 }, async () => {
    const program = new URL('process/collected.ts', import.meta.url);
    const { stdout } = await runInOwnProcess(program, ['--expose-gc', '--unhandled-rejections=strict'], 50_000);
    expect(JSON.parse(stdout)).toEqual({ made: 4_000, alive: 0, known: 1, sizeOfHeld: 0 });
  });
});
