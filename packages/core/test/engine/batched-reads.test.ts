import { type CacheEntry, type CacheStorage, LocalInMemoryCacheStorage } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { BatchedReads } from '../../src/engine/batched-reads.js';
import { turn } from '../support/deferred.js';

function entry(value: unknown): CacheEntry {
  return { value, created: 0, updateAfter: Infinity, expiresAfter: Infinity };
}

/** A storage with an entry for each key, and the questions that it was asked. */
function subject() {
  const asked: (readonly string[])[] = [];
  const storage: CacheStorage = new LocalInMemoryCacheStorage();
  storage.getMany = async (keys) => {
    asked.push([...keys]);
    return keys.map((key) => (key === 'bad' ? new Error('bad') : entry(key)));
  };
  return { asked, storage, reads: new BatchedReads(storage) };
}

describe('BatchedReads', () => {
  it('asks one question for all keys of a turn, and another one for those of a later turn', async () => {
    const { asked, reads } = subject();
    const first = [reads.get('a'), reads.get('b')];
    await turn();
    const second = [reads.get('c'), reads.get('a')];
    expect(await Promise.all([...first, ...second])).toEqual(['a', 'b', 'c', 'a'].map(entry));
    expect(asked).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
  });

  it('rejects for the key that could not be read', async () => {
    const { reads } = subject();
    const [good, bad] = [reads.get('a'), reads.get('bad')];
    expect(await good).toEqual(entry('a'));
    await expect(bad).rejects.toThrow('bad');
  });

  it.each([[[]], [[entry('a')]], [[entry('a'), entry('b'), entry('c')]], [null], ['ab']])(
    'rejects for each key where the storage answers two with %j',
    async (answer) => {
      const { storage, reads } = subject();
      storage.getMany = async () => answer as never;
      for (const read of [reads.get('a'), reads.get('b')]) {
        await expect(read).rejects.toThrow('CacheStorage.getMany: expected a list of 2 answers, got');
      }
    },
  );

  it('asks for each key where the storage cannot do more', async () => {
    const { storage, reads } = subject();
    Object.assign(storage, { getMany: undefined, get: async (key: string) => entry(`of ${key}`) });
    expect(await Promise.all([reads.get('a'), reads.get('b')])).toEqual([entry('of a'), entry('of b')]);
  });
});
