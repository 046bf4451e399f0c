import { LoadAbandonedError } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { BatchedLoads } from '../../src/loading/batched-loads.js';
import { LoadSignal } from '../../src/loading/load-signal.js';
import { turn } from '../support/deferred.js';

function subject(...keys: string[]) {
  const batches: (readonly string[])[] = [];
  const loads = new BatchedLoads(keys, (asked) => {
    batches.push(asked);
    return asked.map((key) => `value of ${key}`);
  });
  return { batches, loads };
}

describe('BatchedLoads', () => {
  it('begins when no key keeps the others waiting any more', async () => {
    const { batches, loads } = subject('a', 'b', 'c');
    const values = [loads.load('c'), loads.load('a')];
    await turn();
    expect(batches).toEqual([]);
    loads.settle('b');
    expect(await Promise.all(values)).toEqual(['value of c', 'value of a']);
    expect(batches).toEqual([['a', 'c']]);
  });

  it('loads together what is to be loaded after all, in one turn', async () => {
    const { batches, loads } = subject('a', 'b');
    loads.settle('a');
    loads.settle('b');
    await turn();
    expect(batches).toEqual([]);
    await Promise.all([loads.load('b'), loads.load('a')]);
    await loads.load('a');
    expect(batches).toEqual([['a', 'b'], ['a']]);
  });

  it('does not load what nobody needs any more', async () => {
    const { batches, loads } = subject('a', 'b', 'c');
    const signals = ['a', 'b'].map((key) => {
      const signal = new LoadSignal();
      signal.during(() => void loads.load(key));
      return signal;
    });
    signals[0]!.abort(new LoadAbandonedError('a'));
    loads.settle('c');
    await turn();
    expect(batches).toEqual([['b']]);
    const given = new LoadSignal();
    given.during(() => void loads.load('c'));
    given.abort(new LoadAbandonedError('c'));
    await turn();
    expect(batches).toHaveLength(1);
  });
});
