import { StorageTimeoutError } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { DeadlineWatch } from '../../src/time/deadline-watch.js';
import { deferred, turn } from '../support/deferred.js';

const message = 'The storage did not answer get within its deadline of 50 ms';
let clock: ManualClock;
let watch: DeadlineWatch;
const never = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => {
  clock = new ManualClock(1_000);
  watch = new DeadlineWatch(clock, 50, 'get');
});

describe('DeadlineWatch', () => {
  it('answers what the attempt does', async () => {
    const error = new Error('down');
    expect(await watch.within(() => Promise.resolve('answer'))).toBe('answer');
    await expect(watch.within(() => Promise.reject(error))).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('answers also where the attempt makes no promise, or throws', async () => {
    const error = new Error('down');
    expect(await watch.within(() => 'at once')).toBe('at once');
    const throwing = watch.within(() => {
      throw error;
    });
    await expect(throwing).rejects.toBe(error);
    const thenable = {
      then: () => {
        throw error;
      },
    };
    await expect(watch.within(() => thenable)).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up each when its own time is over, in order, with one timer for all', async () => {
    const ended: string[] = [];
    const begin = (name: string): void =>
      void watch.within(never).catch((error: unknown) => {
        expect(StorageTimeoutError.isInstance(error)).toBe(true);
        expect((error as Error).message).toContain(message);
        ended.push(`${name} at ${clock.steady()}`);
      });
    begin('first');
    begin('second');
    await clock.advance(20);
    begin('third');
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(29);
    expect(ended).toEqual([]);
    await clock.advance(1);
    expect(ended).toEqual(['first at 50', 'second at 50']);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(19);
    expect(ended).toHaveLength(2);
    await clock.advance(1);
    expect(ended.at(-1)).toBe('third at 70');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 0, 2]], [[1, 2, 0]]])(
    'stops its timer with the last, in whatever order they are answered: %j',
    async (order) => {
      const waiting = [deferred<number>(), deferred<number>(), deferred<number>()];
      const answers = waiting.map(({ promise }) => watch.within(() => promise));
      for (const [count, index] of order.entries()) {
        expect(clock.pendingTimers).toBe(1);
        waiting[index]?.resolve(count);
        expect(await answers[index]).toBe(count);
      }
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('takes an answer that was there before a busy process could read it', async () => {
    const late = deferred<string>();
    // Rings before the timer that ends the wait.
    const answer = watch.within(() => late.promise);
    clock.setTimer(() => late.resolve('in time'), 50);
    await clock.advance(50);
    expect(await answer).toBe('in time');
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves answers that come too late to nobody', async () => {
    const late = deferred<string>();
    const answer = watch.within(() => late.promise).catch(String);
    await clock.advance(50);
    late.reject(new Error('too late'));
    expect(await answer).toContain(message);
    await turn();
    const next = watch.within(() => Promise.resolve('next'));
    expect(await next).toBe('next');
    expect(clock.pendingTimers).toBe(0);
  });

  it('has one timer also where those that are given up begin anew', async () => {
    let ended = 0;
    const again = (times: number): Promise<unknown> =>
      watch.within(never).catch(() => {
        ended++;
        return times === 0 ? undefined : again(times - 1);
      });
    const all = [again(2)];
    await clock.advance(10);
    all.push(again(2));
    await clock.advance(10);
    all.push(again(2));
    for (let step = 0; step < 20; step++) {
      await clock.advance(10);
      expect(clock.pendingTimers).toBeLessThanOrEqual(1);
    }
    await Promise.all(all);
    expect([ended, clock.pendingTimers]).toEqual([9, 0]);
  });

  it('has one timer also where an attempt begins within another', async () => {
    const outer = watch.within(() => watch.within(never)).catch(String);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(50);
    expect(await outer).toContain(message);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for ever where there is no limit, without a timer', async () => {
    const waiting = deferred<string>();
    const answer = new DeadlineWatch(clock, Infinity, 'get').within(() => waiting.promise);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance('365 days');
    waiting.resolve('at last');
    expect(await answer).toBe('at last');
  });

  it('gives up each in the context of its own caller', async () => {
    const context = new AsyncLocalStorage<string>();
    const names = ['first', 'second', 'third'];
    const seen = names.map((name) => context.run(name, () => watch.within(never).catch(() => context.getStore())));
    await clock.advance(50);
    expect(await Promise.all(seen)).toEqual(names);
  });
});
