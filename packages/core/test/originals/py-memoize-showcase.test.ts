import { memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';

describe('py-memoize test_showcase', () => {
  it('test_complex_showcase: seven steps through the life of an entry', async () => {
    const clock = new ManualClock();
    let answer: () => string = () => 'ok #1';
    const getValueOrThrow = async (_arg: string, _options: { kwarg: string }): Promise<string> => answer();
    const failures: string[] = [];
    const cached = memoize(getValueOrThrow, {
      updateAfter: '400 milliseconds',
      expireAfter: '800 milliseconds',
      clock,
      onEvent: (event) => {
        if (event.type === 'refresh-failed') failures.push(event.error.message);
      },
    });
    const ask = () => cached('test', { kwarg: 'args' });
    const throwing = (what: string) => () => {
      throw new Error(what);
    };

    expect(await ask(), '1: the first call').toBe('ok #1');

    await clock.advance(400);
    answer = () => 'ok #2';
    expect(await ask(), '2: stale, refreshed behind').toBe('ok #1');
    await turn();

    await clock.advance(100);
    answer = () => 'ok #3';
    expect(await ask(), '3: fresh').toBe('ok #2');

    await clock.advance(100);
    answer = throwing('throws #1');
    expect(await ask(), '4: fresh, though the function throws by now').toBe('ok #2');

    await clock.advance(400);
    answer = throwing('throws #2');
    expect(await ask(), '5: stale, and the refresh fails').toBe('ok #2');
    await turn();

    await clock.advance(100);
    answer = throwing('throws #3');
    expect(await ask(), '6: still stale, and the next try fails').toBe('ok #2');
    await turn();
    expect(failures.map((message) => message.slice(-9))).toEqual(['throws #2', 'throws #3']);

    await clock.advance(800);
    answer = throwing('throws #4');
    await expect(ask(), '7: expired').rejects.toMatchObject({
      name: 'CachedMethodFailedError',
      cause: new Error('throws #4'),
    });
  });
});
