import { InvalidationSupport, memoize } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { counter } from '../support/source.js';

describe('py-memoize test_invalidation', () => {
  it('test_invalidation: each one makes the next call load anew', async () => {
    const invalidation = new InvalidationSupport<[arg: string, options: { readonly kwarg: string }]>();
    const { call } = counter();
    const sample = (arg: string, options: { readonly kwarg: string }): Promise<string> => call(arg, options);
    const cached = memoize(sample, { invalidation });
    const ask = () => cached('test', { kwarg: 'args' });
    expect([await ask(), await ask()]).toEqual(['value 1', 'value 1']);
    await invalidation.invalidateForArguments(['test', { kwarg: 'args' }]);
    expect([await ask(), await ask()]).toEqual(['value 2', 'value 2']);
    await invalidation.invalidateForArguments(['test', { kwarg: 'args' }]);
    expect(await ask()).toBe('value 3');
  });

  it('test_invalidation_throws_when_not_configured: and says what to do', async () => {
    const invalidation = new InvalidationSupport();
    await memoize(counter().call)('test');
    await expect(invalidation.invalidateForArguments(['test'])).rejects.toThrow(
      `Uninitialized: this InvalidationSupport belongs to no function yet. Pass it to memoize as the option 'invalidation'.`,
    );
  });
});
