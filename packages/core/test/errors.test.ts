import {
  CachedMethodFailedError,
  LoadAbandonedError,
  LoadTimeoutError,
  MemoError,
  RecentlyFailedError,
  WaitLimitError,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { describe as described } from '../src/errors.js';

describe('a value in a message', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['x'.repeat(200), `"${'x'.repeat(117)}..."`],
    [5n, '5n'],
    [-(2n ** 63n), '-9223372036854775808n'],
    [2n ** 63n, 'a bigint of more than 64 bits'],
    [null, 'null'],
    [new Date(0), 'an object of class Date'],
  ])('is short: %#', (value, text) => {
    expect(described(value)).toBe(text);
  });
});

describe('an error of who loads', () => {
  const cases: readonly [error: MemoError, expected: { code: string; message: string; context: object }][] = [
    [
      new RecentlyFailedError('user:42', 1, 93.75),
      {
        code: 'RECENTLY_FAILED',
        message:
          'The last load of key "user:42" failed, here or in another process; it is tried again in 94 ms. ' +
          'What went wrong is told where it was loaded.',
        context: { key: 'user:42', failures: 1, remaining: 93.75 },
      },
    ],
    [
      new RecentlyFailedError('user:42', 3, 400),
      {
        code: 'RECENTLY_FAILED',
        message:
          'The last 3 loads of key "user:42" failed, here or in another process; it is tried again in 400 ms. ' +
          'What went wrong is told where it was loaded.',
        context: { key: 'user:42', failures: 3, remaining: 400 },
      },
    ],
    [
      new WaitLimitError('user:42', 5_000),
      {
        code: 'WAIT_LIMIT',
        message:
          'Another process has been loading key "user:42" for longer than the 5000 ms that this call may wait. ' +
          `Raise the option 'waitLimit', or choose another 'onWaitLimit'.`,
        context: { key: 'user:42', limit: 5_000 },
      },
    ],
    [
      new LoadAbandonedError('user:42'),
      {
        code: 'LOAD_ABANDONED',
        message: 'Nobody waits for the load of key "user:42" any more, so it is given up.',
        context: { key: 'user:42' },
      },
    ],
  ];

  it.each(cases)('$name says what happened, and what to do: %#', (error, expected) => {
    expect({ code: error.code, message: error.message, context: error.context }).toEqual(expected);
  });

  it.each([RecentlyFailedError, WaitLimitError, LoadAbandonedError])('is known by its class: %#', (itsClass) => {
    const itself = new itsClass('key', 1, 1);
    expect(itself.name).toBe(itsClass.kind);
    expect(itsClass.isInstance(itself)).toBe(true);
    expect(MemoError.isInstance(itself)).toBe(true);
    expect(LoadTimeoutError.isInstance(itself)).toBe(false);
  });

  it('reads well as the cause of a call that failed', () => {
    const cause = new WaitLimitError('user:42', 50);
    const error = new CachedMethodFailedError('user:42', cause);
    expect(error.cause).toBe(cause);
    expect(error.message).toBe(`The cached function failed for key "user:42": ${cause.message}`);
  });
});
