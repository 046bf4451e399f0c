/** aquiche's tests of its caches, by their names, over both doors. */
import {
  CachedMethodFailedError,
  clearAll,
  clearAllSync,
  InvalidOptionError,
  Key,
  memoize,
  memoizeSync,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { askFor, type Door, subjectAt } from './cache-under-test.js';

const lengthOf = (value: string): number => value.length;

const doom = (): never => {
  throw new Error('Doom has fallen upon us');
};

function repeated(text: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => text);
}

describe.each<[module: string, door: Door]>([
  ['test_async_cache', 'memoize'],
  ['test_sync_cache', 'memoizeSync'],
])('aquiche %s', (_, door) => {
  const values = ['a', 'bb', 'ccc', 'ddd', 'a', 'ddd', 'bb'];

  it('default_params: seven calls, four misses, three hits', async () => {
    const subject = subjectAt(door, lengthOf);
    expect(await askFor(subject, values)).toEqual([1, 2, 3, 3, 1, 3, 2]);
    expect(subject.calls()).toBe(4);
    expect(subject.info()).toMatchObject({ hits: 3, misses: 4, capacity: undefined, size: 4 });
  });

  it('default_params_decorator_variation: without options, and with none of them', async () => {
    const wrap = door === 'memoize' ? memoize : memoizeSync;
    for (const cached of [wrap(lengthOf), wrap(lengthOf, {})]) {
      for (const value of values) await cached(value);
      expect(cached.cacheInfo()).toMatchObject({ hits: 3, misses: 4, capacity: 4096, size: 4 });
    }
  });

  it('key_decorator_variation: five misses, two hits', async () => {
    const key = 'env:{environment}:id:{user[id]}';
    const subject = subjectAt(door, (_environment: string, user: { readonly username: string }) => user.username, {
      key,
      params: ['environment', 'user'],
    });
    const peter = { id: 'id1', username: 'file.peter' };
    const john = { id: 'id3', username: 'smith.john' };
    const calls = [
      ['dev', peter],
      ['prod', { id: 'id2', username: 'doe.jane' }],
      ['dev', peter],
      ['prod', peter],
      ['prod', john],
      ['dev', { id: 'id5', username: 'brave.richard' }],
      ['prod', john],
    ];
    const results: unknown[] = [];
    for (const args of calls) results.push(await subject.call(...args));
    expect(results).toEqual(calls.map(([, user]) => (user as { readonly username: string }).username));
    expect(subject.calls()).toBe(5);
    expect(subject.info()).toMatchObject({ hits: 2, misses: 5, size: 5 });
  });

  it('single_key: four calls, one load', async () => {
    const subject = subjectAt(door, lengthOf, { key: Key.single });
    expect(await askFor(subject, ['prod', 'dev', 'system', 'random_stage'])).toEqual([4, 4, 4, 4]);
    expect(subject.calls()).toBe(1);
    expect(subject.info()).toMatchObject({ hits: 3, misses: 1, size: 1 });
  });

  it('maxsize: thirteen calls, five entries', async () => {
    const subject = subjectAt(door, lengthOf, { maxsize: 5 });
    const asked = [...values, 'g', 'z', 'l', 'o', 'p', 'r'];
    expect(await askFor(subject, asked)).toEqual([1, 2, 3, 3, 1, 3, 2, 1, 1, 1, 1, 1, 1]);
    expect(subject.info()).toMatchObject({ capacity: 5, size: 5 });
  });

  it('enabled: three calls, one load', async () => {
    const subject = subjectAt(door, lengthOf, { enabled: true });
    await askFor(subject, repeated('a', 3));
    expect([subject.calls(), subject.info().size]).toEqual([1, 1]);
  });

  it('disabled: three calls, three loads, and nothing kept', async () => {
    const subject = subjectAt(door, lengthOf, { enabled: false });
    await askFor(subject, repeated('a', 3));
    expect([subject.calls(), subject.info().size, subject.info().misses]).toEqual([3, 0, 3]);
  });

  it('clear_cache: nothing is kept, and it is loaded anew', async () => {
    const subject = subjectAt(door, lengthOf);
    await askFor(subject, repeated('a', 2));
    expect(subject.calls()).toBe(1);
    await subject.clear();
    expect(subject.info().size).toBe(0);
    await subject.call('a');
    expect(subject.calls()).toBe(2);
  });

  it('clear_all: all caches are emptied', async () => {
    const subjects = [subjectAt(door, lengthOf), subjectAt(door, lengthOf)];
    for (const subject of subjects) await askFor(subject, repeated('a', 2));
    expect(subjects.map(({ calls }) => calls())).toEqual([1, 1]);
    await clearAll();
    expect(subjects.map(({ info }) => info().size)).toEqual([0, 0]);
    for (const subject of subjects) await askFor(subject, repeated('a', 2));
    expect(subjects.map(({ calls }) => calls())).toEqual([2, 2]);
  });

  it('clear_all_sync: only synchronous functions are cleared', async () => {
    const subjects = [subjectAt(door, lengthOf), subjectAt(door, lengthOf)];
    for (const subject of subjects) await askFor(subject, repeated('a', 2));
    clearAllSync();
    const isCleared = door === 'memoizeSync';
    expect(subjects.map(({ info }) => info().size)).toEqual(isCleared ? [0, 0] : [1, 1]);
    for (const subject of subjects) await askFor(subject, repeated('a', 2));
    expect(subjects.map(({ calls }) => calls())).toEqual(isCleared ? [2, 2] : [1, 1]);
  });

  it('function_expiry: eleven loads', async () => {
    const subject = subjectAt(door, lengthOf, { expireAfter: ({ value }) => (value as number) > 1 });
    expect(await askFor(subject, [...repeated('a', 10), ...repeated('bb', 10)])).toEqual([
      ...Array.from({ length: 10 }, () => 1),
      ...Array.from({ length: 10 }, () => 2),
    ]);
    expect(subject.calls()).toBe(11);
  });

  it('data_pointer_expiry: one load, and ten', async () => {
    const loaded: string[] = [];
    const subject = subjectAt(
      door,
      (value: string) => {
        loaded.push(value);
        const expiration = value.length > 1 ? '2021-01-30T00:00:00+0000' : '2022-10-30T00:00:00+0000';
        return { token: { expiration } };
      },
      { expireAfter: '$.token.expiration' },
    );
    await askFor(subject, [...repeated('a', 10), ...repeated('bb', 10)]);
    expect(loaded).toEqual(['a', ...repeated('bb', 10)]);
  });

  const halfDay = { expireAfter: '12h' };

  it('auto_expired_items_removal: a call on the next day leaves one entry', async () => {
    const subject = subjectAt(door, lengthOf, { ...halfDay, removeExpiredEvery: '12h' });
    await askFor(subject, repeated('a', 2));
    expect([subject.calls(), subject.info().size]).toEqual([1, 1]);
    await subject.clock.advance('1 day');
    await subject.call('b');
    expect(subject.info().size).toBe(1);
  });

  it('expired_items_removal_manual: nothing is left', async () => {
    const subject = subjectAt(door, lengthOf, { ...halfDay, removeExpiredEvery: '10d' });
    await askFor(subject, repeated('a', 2));
    expect(subject.info().size).toBe(1);
    await subject.clock.advance('1 day');
    expect(await subject.removeExpired()).toBe(1);
    expect(subject.info().size).toBe(0);
  });

  it('disabled_auto_expired_items_removal: two entries are left', async () => {
    const subject = subjectAt(door, lengthOf, halfDay);
    await askFor(subject, repeated('a', 2));
    await subject.clock.advance('1 day');
    await subject.call('b');
    expect(subject.info().size).toBe(2);
  });

  it('negative_cache_disabled, which is the default: the failure is thrown', async () => {
    const subject = subjectAt(door, doom, { errors: 'original' });
    await expect(subject.call()).rejects.toThrow('Doom has fallen upon us');
    expect(subject.info().size).toBe(0);
  });

  it('negative_cache_enabled: the failure is handed over as the value', async () => {
    const subject = subjectAt(door, doom, { negative: { as: 'value' } });
    const [first, second] = await askFor(subject, ['a', 'a']);
    expect(second).toBeInstanceOf(Error);
    expect(second).toMatchObject({ message: 'Doom has fallen upon us' });
    expect(second).toBe(first);
    expect(subject.calls()).toBe(1);
  });

  it('negative_cache_expiry: after a day only the value is left', async () => {
    const subject = subjectAt(door, (value: string) => (value === 'a' ? doom() : value.length), {
      negative: { expireAfter: '10m', as: 'value' },
      expireAfter: '3d',
    });
    await askFor(subject, ['a', 'b']);
    expect([subject.calls(), subject.info().size]).toEqual([2, 2]);
    await subject.clock.advance('1 day');
    expect(await subject.removeExpired()).toBe(1);
    expect(subject.info().size).toBe(1);
  });

  it('retry_cache: three retries are four calls', async () => {
    const subject = subjectAt(door, doom, { negative: { as: 'value' }, retry: { count: 3 } });
    await subject.call('a');
    expect(subject.calls()).toBe(4);
  });
});

describe('aquiche test_async_cache', () => {
  it('async_function_expiry: eleven loads', async () => {
    const subject = subjectAt('memoize', lengthOf, { expireAfter: async ({ value }) => (value as number) > 1 });
    await askFor(subject, [...repeated('a', 10), ...repeated('bb', 10)]);
    expect(subject.calls()).toBe(11);
  });
});

describe('aquiche test_sync_cache', () => {
  it('async_function_expiry_fail: refused where it is written', () => {
    const expireAfter = async (): Promise<boolean> => true;
    const wrap = (): unknown => memoizeSync(lengthOf, { expireAfter } as object);
    expect(wrap).toThrow(InvalidOptionError);
    expect(wrap).toThrow(
      `memoizeSync: option 'expireAfter' should be a function that answers at once, got function expireAfter. ` +
        `A synchronous caller cannot wait for an async function: use memoize.`,
    );
  });

  it('invalid_cache_config_wrap_async_exit_stack: refused where it is written', () => {
    expect(() => memoizeSync(lengthOf, { dispose: true } as object)).toThrow(
      `memoizeSync: option 'dispose' should be left out, because closing may take time, for which a synchronous function ` +
        `cannot wait, got true. Use memoize, also for synchronous functions: it closes what leaves.`,
    );
  });
});

describe('aquiche test_cache', () => {
  it('cache_stampede: four who ask at once are one load', async () => {
    let calls = 0;
    const cached = memoize(async () => {
      calls++;
      await Promise.resolve();
      return 42;
    });
    expect(await Promise.all([cached(), cached(), cached(), cached()])).toEqual([42, 42, 42, 42]);
    expect(calls).toBe(1);
    // There three of them are hits, of a record that has nothing yet.
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 1, joins: 3 });
  });

  it('cache_stampede: all of them are told of a failure', async () => {
    const cached = memoize(async () => doom());
    const outcomes = await Promise.allSettled([cached(), cached(), cached(), cached()]);
    for (const outcome of outcomes) {
      expect(outcome.status === 'rejected' && CachedMethodFailedError.isInstance(outcome.reason)).toBe(true);
    }
  });
});
