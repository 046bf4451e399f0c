import { DefaultInMemoryCacheConfiguration, type Lock, type MemoizeOptions } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { coordinationSettingsOf, type CoordinationOptions } from '../../src/configuration/coordination-options.js';
import { checkMemoizeOptions, planFor } from '../../src/configuration/plan.js';

const settingsOf = (options: CoordinationOptions) => coordinationSettingsOf(options, 'memoize');

const openLock: Lock = { acquire: () => Promise.resolve(true), release: () => Promise.resolve() };

describe('the options of coordination', () => {
  it('are a lease of 3 seconds, waiting as long as a load may take, and computing then', () => {
    expect(settingsOf({})).toEqual({
      coordination: 'lease',
      leaseTime: 3_000,
      waitLimit: undefined,
      onWaitLimit: 'compute',
      lock: undefined,
    });
  });

  it('are in milliseconds however they are written', () => {
    expect(settingsOf({ leaseTime: '10 seconds', waitLimit: { minutes: 1 }, onWaitLimit: 'stale' })).toEqual({
      coordination: 'lease',
      leaseTime: 10_000,
      waitLimit: 60_000,
      onWaitLimit: 'stale',
      lock: undefined,
    });
  });

  it.each([
    [100, 100],
    ['100.2 ms', 101],
    ['49 days', 49 * 86_400_000],
  ])('a lease of %s lasts for %d whole milliseconds', (leaseTime, milliseconds) => {
    expect(settingsOf({ leaseTime }).leaseTime).toBe(milliseconds);
  });

  it('the longest lease has room in 32 bits', () => {
    expect(settingsOf({ leaseTime: '49 days' }).leaseTime).toBeLessThan(2 ** 32);
  });

  it.each([
    [0, 0],
    ['0 ms', 0],
    [Infinity, Infinity],
  ])('a call may wait for %s', (waitLimit, milliseconds) => {
    expect(settingsOf({ waitLimit }).waitLimit).toBe(milliseconds);
  });

  it('a lock is for every key, or made for each', () => {
    const asked: string[] = [];
    const lockFor = (key: string): Lock => {
      asked.push(key);
      return openLock;
    };
    expect(settingsOf({ lock: openLock }).lock?.('a')).toBe(openLock);
    expect(settingsOf({ lock: lockFor }).lock?.('b')).toBe(openLock);
    expect(asked).toEqual(['b']);
  });

  it('a lock may be of a class, and is then called as its method', async () => {
    class Counting implements Lock {
      #held = 0;
      acquire(): Promise<boolean> {
        return Promise.resolve(++this.#held === 1);
      }
      release(): Promise<void> {
        this.#held = 0;
        return Promise.resolve();
      }
    }
    const options: MemoizeOptions = { lock: new Counting() };
    checkMemoizeOptions('memoize', options);
    expect(await settingsOf(options).lock?.('key').acquire(0)).toBe(true);
  });

  it.each<[keyof CoordinationOptions, CoordinationOptions, string]>([
    ['leaseTime', { leaseTime: '5 seconds' }, '"5 seconds"'],
    ['waitLimit', { waitLimit: 0 }, '0'],
    ['onWaitLimit', { onWaitLimit: 'compute' }, '"compute"'],
    ['lock', { lock: openLock }, 'an object of class Object'],
  ])('%s says nothing where every process loads for itself', (option, options, received) => {
    const check = (all: CoordinationOptions) => () => checkMemoizeOptions('memoize', all);
    expect(check({ coordination: 'none', ...options })).toThrow(
      `memoize: option '${option}' should be left out where 'coordination' is 'none', got ${received}. ` +
        `Every process then loads for itself, and none waits for another.`,
    );
    expect(check({ coordination: 'none', [option]: undefined })).not.toThrow();
    expect(check({ coordination: 'lease', ...options })).not.toThrow();
  });

  it('go together with a configuration', () => {
    const configuration = new DefaultInMemoryCacheConfiguration();
    const options: MemoizeOptions = { configuration, leaseTime: '1 second', waitLimit: 0, earlyRefresh: true };
    checkMemoizeOptions('memoize', options);
    const plan = planFor('memoize', async () => 1, options);
    expect(plan.configuration).toBe(configuration);
    expect(plan.settings.coordination).toMatchObject({ leaseTime: 1_000, waitLimit: 0 });
    expect(plan.settings.earlyRefresh?.isDue).toBeTypeOf('function');
  });
});
