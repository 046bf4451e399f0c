import { LocalInMemoryCacheStorage, type Lock } from '@memo/core';
import { lockContract } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { outcomeOf } from './cache-under-test.js';
import { InProcessLocks } from './in-process-locks.js';
import { asAnotherProcess } from './another-process.js';
import { memoBehindLock } from './locking-cache.js';
import { lockDefects } from './pymemoize-lock-defects.js';
import { pyMemoize } from './pymemoize-model.js';
import { testsAgainstTheOriginal, testsOfMendedDefects } from './scenario.js';

describe('defects of PyMemoize, mended', () => {
  testsOfMendedDefects(memoBehindLock, lockDefects);
});

describe('the tests of mended defects fail against PyMemoize', () => {
  testsAgainstTheOriginal(pyMemoize, lockDefects);
});

/** The model must be wrong only where its original is, or the failures above would prove nothing. */
describe.each([
  [memoBehindLock.name, memoBehindLock],
  [pyMemoize.name, pyMemoize],
])('what PyMemoize does well: %s', (_, cache) => {
  it('has the lock of the key while the function is called, and then gives it back (P12, test_lock)', async () => {
    const told: string[] = [];
    const lock = notedLock(told);
    const load = async (id = ''): Promise<string> => {
      told.push(`call ${id}`);
      return id;
    };
    const cached = cache.wrap(load, { lock });
    expect([await cached('a'), await cached('b')]).toEqual(['a', 'b']);
    const [ofA, , , ofB] = told.map((what) => what.split(' ')[1]);
    expect(ofA).not.toBe(ofB);
    expect(told).toEqual([`had ${ofA}`, 'call a', `back ${ofA}`, `had ${ofB}`, 'call b', `back ${ofB}`]);
  });

  it('gives the lock back when the function fails (P12)', async () => {
    const told: string[] = [];
    const source = slowSource();
    const call = cache.wrap(source.call, { lock: notedLock(told) })('a');
    await turn();
    source.fail(new Error('down'));
    expect(await outcomeOf(call)).toContain('Error: down');
    expect(told.map((what) => what.split(' ')[0])).toEqual(['had', 'back']);
  });

  it('needs no lock for what is there (P10)', async () => {
    const told: string[] = [];
    const cached = cache.wrap(counter().call, { lock: notedLock(told) });
    expect([await cached('a'), await cached('a')]).toEqual(['value 1', 'value 1']);
    expect(told.length).toBe(2);
  });

  it('calls the function of one process at a time (P12)', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const lock = new InProcessLocks().of;
    const source = slowSource();
    void cache.wrap(source.call, { lock, storage })('a');
    void cache.wrap(source.call, { lock, storage: asAnotherProcess(storage) })('a');
    await turn();
    expect(source.calls.length).toBe(1);
  });
});

describe('the lock of these tests', () => {
  lockContract({ describe, it, expect }, () => {
    const locks = new InProcessLocks();
    return { first: locks.of('key'), second: locks.of('key') };
  });
});

/** A lock that nobody else wants; it tells when it was had and given back. */
function notedLock(told: string[]): (key: string) => Lock {
  return (key) => ({
    acquire: async () => told.push(`had ${key}`) > 0,
    release: async () => void told.push(`back ${key}`),
  });
}
