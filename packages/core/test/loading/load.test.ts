import { LoadAbandonedError, LoadTimeoutError, loadSignal, MissingValueError } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { BatchedLoads, type LoadMany } from '../../src/loading/batched-loads.js';
import { type LoadPlan, runLoad } from '../../src/loading/load.js';
import { LoadInFlight } from '../../src/loading/load-in-flight.js';
import { ExponentialBackoff, type FailedAttempt, retryFrom, type RetryPolicy } from '../../src/loading/retry.js';
import { RetryPause } from '../../src/loading/retry-pause.js';
import { seededRandom } from '../entry/seeded-random.js';
import { turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

const down = new Error('down');

function loadOf(key: string): LoadInFlight {
  const load = new LoadInFlight({ key, isAttached: () => true }, () => undefined);
  load.enter();
  return load;
}

/** Runs loads of one key, on a clock of their own. */
function subject(policy?: RetryPolicy, more: Partial<LoadPlan> = {}) {
  const clock = new ManualClock();
  const load = loadOf('k');
  const source = slowSource();
  const heard: FailedAttempt[] = [];
  const faults: unknown[] = [];
  const retrying = policy && {
    policy,
    onRetry: (failed: FailedAttempt) => void heard.push(failed),
    onPolicyFailed: (error: unknown) => void faults.push(error),
  };
  const plan = { key: 'k', load, call: source.call, timeout: 1_000, clock, background: false, retrying, ...more };
  return { clock, load, source, heard, faults, run: () => runLoad(plan) };
}

/** A policy that always waits for so long, however often it has failed. */
const waiting = (...delays: readonly (number | undefined)[]): RetryPolicy => ({
  delayAfter: (_, attempt) => delays[attempt - 1],
});

describe('a load without retries', () => {
  it('fails with the first failure, asynchronous or not', async () => {
    const { source, run, clock } = subject();
    const running = run();
    source.fail(down);
    await expect(running).rejects.toBe(down);
    const throwing = (): never => {
      throw down;
    };
    await expect(subject(undefined, { call: throwing }).run()).rejects.toBe(down);
    expect([source.calls.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a load with retries', () => {
  it('is tried as often as the policy says, and no more often (Q27)', async () => {
    const { source, run, heard, clock } = subject(retryFrom(3, 'memoize'));
    const failing = expect(run()).rejects.toThrow('failure 4');
    for (const attempt of [1, 2, 3, 4]) {
      source.fail(new Error(`failure ${attempt}`));
      await turn();
    }
    await failing;
    expect(source.calls).toHaveLength(4);
    expect(heard.map(({ attempt, error }) => [attempt, (error as Error).message])).toEqual([
      [1, 'failure 1'],
      [2, 'failure 2'],
      [3, 'failure 3'],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with the first attempt that goes well', async () => {
    const { source, run, heard } = subject(retryFrom(3, 'memoize'));
    const running = run();
    source.fail(down);
    await turn();
    source.answer('value');
    expect(await running).toBe('value');
    expect([source.calls.length, heard.length]).toEqual([2, 1]);
  });

  it('begins in the turn in which it is asked for', async () => {
    const { source, run } = subject(retryFrom(3, 'memoize'));
    const running = run();
    expect(source.calls).toHaveLength(1);
    source.answer('value');
    await running;
  });

  it('is tried again after a synchronous throw, and after a thenable that fails', async () => {
    let calls = 0;
    const call = (): unknown => {
      calls++;
      if (calls === 1) throw down;
      if (calls === 2) return { then: (_: unknown, reject: (error: Error) => void) => reject(down) };
      return 'value';
    };
    expect(await subject(retryFrom(2, 'memoize'), { call }).run()).toBe('value');
  });

  it('waits for what was drawn, and not a moment less', async () => {
    const random = seededRandom(11);
    const drawn = [100, 200].map((most) => Math.ceil(random() * most));
    const policy = new ExponentialBackoff({ count: 2, backoff: 100, cap: 30_000, when: undefined }, seededRandom(11));
    const { source, run, heard, clock } = subject(policy);
    const running = run();
    for (const delay of drawn) {
      const before = source.calls.length;
      source.fail(down);
      await clock.advance(delay - 1);
      expect(source.calls).toHaveLength(before);
      await clock.advance(1);
      expect(source.calls).toHaveLength(before + 1);
    }
    source.answer('value');
    expect(await running).toBe('value');
    expect(heard.map(({ delay }) => delay)).toEqual(drawn);
    await turn();
    expect(clock.pendingTimers).toBe(0);
  });

  it('times out as a whole, and an attempt that runs then is the last', async () => {
    const { source, run, clock } = subject(waiting(400, 400));
    const running = run().catch((error: unknown) => error);
    source.fail(down);
    await clock.advance(400);
    expect(source.calls).toHaveLength(2);
    await clock.advance(599);
    source.fail(down);
    await clock.advance(1);
    // The first has had 0, the wait 400, the second 599: there is no time for another wait of 400.
    expect(await running).toBe(down);
    expect([source.calls.length, clock.pendingTimers]).toEqual([2, 0]);

    const slow = subject(waiting(400, 400));
    const slowly = slow.run();
    slow.source.fail(down);
    await slow.clock.advance(400);
    await Promise.all([expect(slowly).rejects.toThrow(LoadTimeoutError), slow.clock.advance(600)]);
    slow.source.fail(down);
    await turn();
    expect([slow.source.calls.length, slow.heard.length, slow.clock.pendingTimers]).toEqual([2, 1, 0]);
  });

  it('does not wait for an attempt that could only begin after the timeout: the failure says more', async () => {
    const { source, run, clock, heard } = subject(waiting(1_000));
    const running = run();
    source.fail(down);
    await expect(running).rejects.toBe(down);
    expect([source.calls.length, heard, clock.pendingTimers]).toEqual([1, [], 0]);
  });

  it('is cut by a timeout that rings within the wait', async () => {
    // The timers of a process that was asleep know more than its steady time, by which it counts what is left.
    const timers = new ManualClock();
    const asleep = { now: () => 0, steady: () => 0, setTimer: timers.setTimer.bind(timers) };
    const { source, run } = subject(waiting(900, 900), { clock: asleep });
    const outcome = run().catch((error: unknown) => error);
    source.fail(down);
    await timers.advance(900);
    source.fail(down);
    await timers.advance(100);
    expect(await outcome).toBeInstanceOf(LoadTimeoutError);
    expect([source.calls.length, timers.pendingTimers]).toEqual([2, 0]);
  });

  it.each([0, 100])('ends when everyone has left, during an attempt (backoff %i)', async (delay) => {
    const { source, run, load, clock, heard } = subject(waiting(delay, delay));
    const running = run();
    load.leave();
    await expect(running).rejects.toThrow(LoadAbandonedError);
    source.fail(down);
    await clock.advance(1_000);
    expect([source.calls.length, heard, clock.pendingTimers]).toEqual([1, [], 0]);
  });

  it('ends when everyone has left, during a wait', async () => {
    const { source, run, load, clock } = subject(waiting(100, 100));
    const running = run();
    source.fail(down);
    await clock.advance(50);
    expect(clock.pendingTimers).toBe(2);
    load.leave();
    await expect(running).rejects.toThrow(LoadAbandonedError);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1_000);
    expect(source.calls).toHaveLength(1);
  });

  it('has one signal, for all attempts', async () => {
    const signals: AbortSignal[] = [];
    const call = (): never => {
      signals.push(loadSignal());
      throw down;
    };
    const { run, load, clock } = subject(waiting(100, 100), { call });
    const running = run();
    await clock.advance(100);
    expect(signals).toHaveLength(2);
    expect(signals[1]).toBe(signals[0]);
    load.leave();
    await expect(running).rejects.toThrow(LoadAbandonedError);
    expect(signals[0]!.reason).toBeInstanceOf(LoadAbandonedError);
  });

  it('sets timers that keep no process alive, where nobody waits for it', async () => {
    const { source, run, clock } = subject(waiting(100), { background: true });
    const running = run();
    source.fail(down);
    await turn();
    expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([2, 2]);
    await clock.advance(100);
    source.answer('value');
    expect(await running).toBe('value');
  });

  it('is over with its first failure where the policy fails, which is told', async () => {
    const fault = new Error('of the policy');
    const policy = {
      delayAfter: () => {
        throw fault;
      },
    };
    const { source, run, faults, heard } = subject(policy);
    const running = run();
    source.fail(down);
    await expect(running).rejects.toBe(down);
    expect([faults, heard]).toEqual([[fault], []]);
  });

  it('does not block the event loop for longer than its timeout, however often it is tried', async () => {
    const { run } = subject(retryFrom(Number.MAX_SAFE_INTEGER, 'memoize'), {
      clock: { now: () => Date.now(), steady: () => performance.now(), setTimer: () => () => undefined },
      timeout: 20,
      call: () => {
        throw down;
      },
    });
    await expect(run()).rejects.toBe(down);
  });
});

describe('a result that comes when the load has been given up', () => {
  it.each([undefined, waiting(100)])('is handed to whoever wants it', async (policy) => {
    const late: unknown[] = [];
    const { source, run, load } = subject(policy, { onLate: (value) => void late.push(value) });
    const running = run();
    load.leave();
    await expect(running).rejects.toThrow(LoadAbandonedError);
    source.answer('late');
    await turn();
    expect(late).toEqual(['late']);
  });

  it('is handed over after a timeout, but a late failure is not, nor a result in time', async () => {
    const late: unknown[] = [];
    const onLate = (value: unknown): void => void late.push(value);
    const { source, run, clock } = subject(undefined, { onLate });
    const first = run();
    await Promise.all([expect(first).rejects.toThrow(LoadTimeoutError), clock.advance(1_000)]);
    source.answer('late');
    const second = run();
    await Promise.all([expect(second).rejects.toThrow(LoadTimeoutError), clock.advance(1_000)]);
    source.fail(down);
    const third = run();
    source.answer('in time');
    expect(await third).toBe('in time');
    expect(late).toEqual(['late']);
  });
});

/** Runs one load for each of the keys, by one load of many. */
function manySubject(keys: readonly string[], loadMany: LoadMany<unknown>, policy: RetryPolicy) {
  const clock = new ManualClock();
  const pause = new RetryPause(clock, false);
  const asked: (readonly string[])[] = [];
  const batch = new BatchedLoads(keys, (some) => {
    asked.push(some);
    return loadMany(some);
  });
  const heard: (readonly [key: string, delay: number])[] = [];
  const loads = keys.map(loadOf);
  const running = keys.map((key, index) =>
    runLoad({
      key,
      load: loads[index]!,
      call: () => batch.load(key),
      timeout: 10_000,
      clock,
      background: false,
      pause,
      retrying: {
        policy,
        onRetry: ({ delay }) => void heard.push([key, delay]),
        onPolicyFailed: () => undefined,
      },
    }),
  );
  return { clock, asked, heard, loads, outcomes: Promise.allSettled(running) };
}

const valuesOf = (outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as unknown)));

describe('retries of a load of many', () => {
  it('are gathered into a new load, of those that have failed', async () => {
    let calls = 0;
    const loadMany: LoadMany<unknown> = (keys) => {
      calls++;
      return keys.map((key) => (calls === 1 && key !== 'b' ? new Error(`no ${key}`) : `${key} ${calls}`));
    };
    const { asked, outcomes } = manySubject(['a', 'b', 'c'], loadMany, retryFrom(2, 'memoize')!);
    expect(valuesOf(await outcomes)).toEqual(['a 2', 'b 1', 'c 2']);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
  });

  it('are gathered though each key draws a wait of its own: all wait as long as the first', async () => {
    const loadMany: LoadMany<unknown> = (keys) => keys.map(() => down);
    const random = seededRandom(5);
    const policy = new ExponentialBackoff({ count: 2, backoff: 100, cap: 30_000, when: undefined }, seededRandom(5));
    const { asked, heard, clock, outcomes } = manySubject(['a', 'b', 'c'], loadMany, policy);
    const first = Math.ceil(random() * 100);
    await clock.advance(first);
    expect(asked).toHaveLength(2);
    await clock.advance(10_000);
    expect(valuesOf(await outcomes)).toEqual([down, down, down]);
    expect(asked).toEqual(Array.from({ length: 3 }, () => ['a', 'b', 'c']));
    expect(heard.slice(0, 3)).toEqual([
      ['a', first],
      ['b', first],
      ['c', first],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are made for all keys when the load itself fails', async () => {
    let calls = 0;
    const loadMany: LoadMany<unknown> = async (keys) => {
      if (++calls === 1) throw down;
      return new Map(keys.map((key) => [key, key]));
    };
    const { asked, outcomes } = manySubject(['a', 'b'], loadMany, retryFrom(1, 'memoize')!);
    expect(valuesOf(await outcomes)).toEqual(['a', 'b']);
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('are not made for a key without a value', async () => {
    const loadMany: LoadMany<unknown> = () => new Map([['a', 'value']]);
    const { asked, outcomes } = manySubject(['a', 'b'], loadMany, retryFrom(3, 'memoize')!);
    expect(valuesOf(await outcomes)).toEqual(['value', expect.any(MissingValueError)]);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('go on for those that are left when others have gone, and end with the last', async () => {
    const loadMany: LoadMany<unknown> = (keys) => keys.map(() => down);
    const { asked, loads, clock, outcomes } = manySubject(['a', 'b'], loadMany, waiting(100, 100, 100));
    await clock.advance(50);
    loads[0]!.leave();
    await clock.advance(50);
    expect(asked).toEqual([['a', 'b'], ['b']]);
    expect(clock.pendingTimers).toBe(2);
    loads[1]!.leave();
    expect(valuesOf(await outcomes)).toEqual([expect.any(LoadAbandonedError), expect.any(LoadAbandonedError)]);
    expect(clock.pendingTimers).toBe(0);
  });
});
