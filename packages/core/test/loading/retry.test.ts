import { InvalidOptionError, LoadAbandonedError, LoadTimeoutError, MissingValueError } from '@memo/core';
import { describe, expect, it } from 'vitest';
import {
  callWithRetries,
  ExponentialBackoff,
  type FailedAttempt,
  retryAtOnceFrom,
  retryFrom,
  type RetryOption,
  type RetryPolicy,
} from '../../src/loading/retry.js';
import { seededRandom } from '../entry/seeded-random.js';

const down = new Error('down');

/** The longest delays that a policy can come to: what is drawn is nearly 1. */
function longestDelays(backoff: { readonly count: number; readonly backoff: number; readonly cap: number }) {
  const policy = new ExponentialBackoff({ ...backoff, when: undefined }, () => 1);
  return Array.from({ length: backoff.count }, (_, index) => policy.delayAfter(down, index + 1));
}

describe('ExponentialBackoff', () => {
  it('draws each delay from 0 up to what has doubled, the same for the same seed', () => {
    const backoff = { count: 4, backoff: 100, cap: 30_000, when: undefined };
    const delaysOf = (seed: number): unknown[] => {
      const policy = new ExponentialBackoff(backoff, seededRandom(seed));
      return [1, 2, 3, 4, 5].map((attempt) => policy.delayAfter(down, attempt));
    };
    const random = seededRandom(7);
    expect(delaysOf(7)).toEqual([...[100, 200, 400, 800].map((most) => Math.ceil(random() * most)), undefined]);
    expect(delaysOf(7)).not.toEqual(delaysOf(8));
  });

  it('spreads a thousand that failed together evenly', () => {
    const random = seededRandom(3);
    const policy = new ExponentialBackoff({ count: 9, backoff: 1_000, cap: 30_000, when: undefined }, random);
    const delays = Array.from({ length: 1_000 }, () => policy.delayAfter(down, 2)!);
    const tenths = Array.from({ length: 10 }, (_, tenth) =>
      delays.filter((delay) => Math.ceil(delay / 200) === tenth + 1),
    );
    for (const tenth of tenths) expect(tenth.length).toBeGreaterThan(60);
    expect(tenths.flat()).toHaveLength(1_000);
  });

  it('waits no longer than the cap', () => {
    expect(longestDelays({ count: 5, backoff: 100, cap: 500 })).toEqual([100, 200, 400, 500, 500]);
    expect(longestDelays({ count: 3, backoff: 100, cap: Infinity })).toEqual([100, 200, 400]);
  });

  it('stays a number after any number of attempts', () => {
    expect(longestDelays({ count: 2_000, backoff: 0, cap: 30_000 }).at(-1)).toBe(0);
    expect(longestDelays({ count: 2_000, backoff: 1, cap: 30_000 }).at(-1)).toBe(30_000);
    expect(longestDelays({ count: 2_000, backoff: 1, cap: Infinity }).at(-1)).toBe(2 ** 100);
  });
});

function messageOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as Error).message;
  }
}

const delaysFrom = (option: RetryOption, error: unknown = down): unknown[] => {
  const policy = retryFrom(option, 'memoize');
  return [1, 2, 3, 4].map((attempt) => policy?.delayAfter(error, attempt));
};

describe('the option retry', () => {
  it('tries again at once where no backoff is given, as often as it says', () => {
    expect(delaysFrom(3)).toEqual([0, 0, 0, undefined]);
    expect(delaysFrom({ count: 2 })).toEqual([0, 0, undefined, undefined]);
  });

  it('is no policy at all where it is left out, or 0', () => {
    expect(retryFrom(undefined, 'memoize')).toBe(undefined);
    expect(retryFrom(0, 'memoize')).toBe(undefined);
    expect(retryFrom({ count: 0, backoff: '1 second' }, 'memoize')).toBe(undefined);
  });

  it('reads durations, and caps at 30 seconds if nothing is said', () => {
    const longest = (option: RetryOption, attempt: number): number => {
      const policy = retryFrom(option, 'memoize')!;
      return Math.max(...Array.from({ length: 2_000 }, () => policy.delayAfter(down, attempt)!));
    };
    const near = (delay: number): object => expect.closeTo(delay, -Math.log10(delay / 25)) as object;
    expect(longest({ count: 9, backoff: '1 second' }, 2)).toEqual(near(2_000));
    expect(longest({ count: 9, backoff: '1 second' }, 9)).toEqual(near(30_000));
    expect(longest({ count: 9, backoff: '1 second', cap: { seconds: 3 } }, 9)).toEqual(near(3_000));
    expect(longest({ count: 9, backoff: '1 minute' }, 9)).toEqual(near(60_000));
  });

  it('asks `when` about each failure, and how many attempts have failed', () => {
    const asked: unknown[] = [];
    const when = (error: unknown, attempt: number): boolean => {
      asked.push([error, attempt]);
      return attempt < 2;
    };
    expect(delaysFrom({ count: 3, when })).toEqual([0, undefined, undefined, undefined]);
    expect(asked).toEqual([1, 2, 3].map((attempt) => [down, attempt]));
  });

  it('never tries again what has been given up, or has no value', () => {
    const asked: unknown[] = [];
    const when = (error: unknown): boolean => asked.push(error) > 0;
    for (const final of [new LoadTimeoutError('k', 1), new LoadAbandonedError('k'), new MissingValueError('k')]) {
      expect(delaysFrom({ count: 3, when }, final)[0]).toBe(undefined);
    }
    expect(asked).toEqual([]);
  });

  it('takes nothing but true and false from `when`', () => {
    const policy = retryFrom({ count: 1, when: (async () => true) as never }, 'memoize')!;
    expect(() => policy.delayAfter(down, 1)).toThrow(
      'retry.when: expected true or false from it, at once, got an object of class Promise.',
    );
  });

  it.each<[option: unknown, part: string, message: string]>([
    [-1, 'retry', "a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got -1."],
    [
      1.5,
      'retry',
      "a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got 1.5.",
    ],
    [
      true,
      'retry',
      "a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got true.",
    ],
    [
      null,
      'retry',
      "a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got null.",
    ],
    [
      new Date(0),
      'retry',
      "a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got an object of class Date.",
    ],
    [{}, 'retry.count', 'a whole number from 0 on, got undefined.'],
    [{ count: -1 }, 'retry.count', 'a whole number from 0 on, got -1.'],
    [{ count: Infinity }, 'retry.count', 'a whole number from 0 on, got Infinity.'],
    [{ count: '3' }, 'retry.count', 'a whole number from 0 on, got "3".'],
    [{ count: 1, when: true }, 'retry.when', 'a function of an error, got true.'],
    [
      { count: 1, backof: 5 },
      'retry.backof',
      "left out, since there is no such option, got 5. Did you mean 'backoff'?",
    ],
    [
      { count: 1, backoff: -5 },
      'retry.backoff',
      "a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got -5. " +
        'A length of time cannot be negative.',
    ],
    [{ count: 0, backoff: Infinity }, 'retry.backoff', 'a duration that ends, got Infinity.'],
    [{ count: 1, cap: '1 s' }, 'retry.cap', `left out where there is no 'retry.backoff', got "1 s".`],
    [{ count: 1, backoff: '1 second', cap: 999 }, 'retry.cap', "no shorter than 'retry.backoff' (1000 ms), got 999."],
  ])('refuses %o', (option, part, message) => {
    const wrapping = (): unknown => retryFrom(option as RetryOption, 'memoize');
    expect(wrapping).toThrow(InvalidOptionError);
    expect(messageOf(wrapping)).toBe(`memoize: option '${part}' should be ${message}`);
  });
});

describe('retries of a synchronous function', () => {
  const failing = (times: number) => {
    const calls: number[] = [];
    const call = (): string => {
      calls.push(calls.length + 1);
      if (calls.length <= times) throw new Error(`failure ${calls.length}`);
      return `value ${calls.length}`;
    };
    return { call, calls };
  };
  const heard: FailedAttempt[] = [];
  const faults: unknown[] = [];
  const retrying = (policy: RetryPolicy) => ({
    policy,
    onRetry: (failed: FailedAttempt) => void heard.push(failed),
    onPolicyFailed: (error: unknown) => void faults.push(error),
  });

  it('are made at once, and told', () => {
    heard.length = 0;
    const { call, calls } = failing(2);
    expect(callWithRetries(call, retrying(retryAtOnceFrom(3, 'memoizeSync')!))).toBe('value 3');
    expect(calls).toEqual([1, 2, 3]);
    expect(heard).toEqual([
      { attempt: 1, delay: 0, error: new Error('failure 1') },
      { attempt: 2, delay: 0, error: new Error('failure 2') },
    ]);
  });

  it('end with what was thrown last', () => {
    const { call, calls } = failing(9);
    expect(() => callWithRetries(call, retrying(retryAtOnceFrom(3, 'memoizeSync')!))).toThrow('failure 4');
    expect(calls).toEqual([1, 2, 3, 4]);
  });

  it('are not made where the policy fails, which is told', () => {
    const { call, calls } = failing(9);
    const fault = new Error('of the policy');
    const when = (): never => {
      throw fault;
    };
    const policy = retryAtOnceFrom({ count: 3, when }, 'memoizeSync')!;
    expect(() => callWithRetries(call, retrying(policy))).toThrow('failure 1');
    expect([calls, faults]).toEqual([[1], [fault]]);
  });

  it.each(['backoff', 'cap'])('never wait, so that there is no %s', (part) => {
    const option = { count: 1, backoff: 5, ...(part === 'cap' && { backoff: undefined }), [part]: 10 };
    const wrapping = (): unknown => retryAtOnceFrom(option as never, 'memoizeSync');
    const why =
      part === 'cap'
        ? `left out where there is no 'retry.backoff'`
        : 'left out, since a synchronous function cannot wait';
    expect(messageOf(wrapping)).toBe(`memoizeSync: option 'retry.${part}' should be ${why}, got 10.`);
  });
});
