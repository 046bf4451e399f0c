import { memoize, type CacheEvent } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

describe('onEvent', () => {
  it('hears the whole life of an entry, with the name of the function and the key', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const events: CacheEvent[] = [];
    const cached = memoize(source.call, {
      name: 'life',
      updateAfter: '1 minute',
      expireAfter: '1 hour',
      capacity: 1,
      clock,
      onEvent: (event) => void events.push(event),
    });
    const answerWith = async (call: Promise<unknown>, value: string): Promise<void> => {
      await turn();
      await clock.advance(5);
      source.answer(value);
      await call;
      await turn();
    };
    await answerWith(Promise.all([cached('a'), cached('a')]), 'one');
    await cached('a');
    await clock.advance('1 minute');
    await answerWith(cached('a'), 'two');
    await answerWith(cached('b'), 'three');
    await cached.delete(['b']);
    await answerWith(cached.refresh('b'), 'four');
    await cached.clear();
    await cached[Symbol.asyncDispose]();

    expect(events.map(({ type, key }) => `${type} ${key}`)).toEqual([
      'miss a',
      'load-started a',
      'join a',
      'load-ended a',
      'hit a',
      'stale-served a',
      'load-started a',
      'load-ended a',
      'refreshed a',
      'miss b',
      'load-started b',
      'load-ended b',
      'evicted a',
      'invalidated b',
      'load-started b',
      'load-ended b',
      'refreshed b',
      'cleared ',
      'cleared ',
      'disposed ',
    ]);
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['life']));
    expect(
      events.filter((event) => event.type === 'load-ended').map((event) => [event.reason, event.duration]),
    ).toEqual([
      ['miss', 5],
      ['stale', 5],
      ['miss', 5],
      ['forced', 5],
    ]);
  });

  it('counts in cacheInfo what it tells in events', async () => {
    const told: Partial<Record<CacheEvent['type'], number>> = {};
    const cached = memoize(
      (id: number) => {
        if (id % 7 === 0) throw new Error('down');
        return id;
      },
      { capacity: 3, onEvent: ({ type }) => void (told[type] = (told[type] ?? 0) + 1) },
    );
    for (let call = 0; call < 100; call++) await Promise.allSettled([cached(call % 10), cached(call % 10)]);
    await Promise.allSettled([cached.refresh(1), cached.refresh(7), cached.delete([1])]);
    const info = cached.cacheInfo();
    expect(info).toMatchObject({
      hits: told.hit ?? 0,
      misses: told.miss,
      joins: told.join,
      loads: told['load-started'],
      failures: told['load-failed'],
      refreshes: told.refreshed,
      refreshFailures: told['refresh-failed'],
      evictions: told.evicted,
      invalidations: told.invalidated,
      capacity: 3,
    });
    expect(info.hits + info.misses + info.joins).toBe(200);
    expect(info.size).toBeLessThanOrEqual(3);
  });

  it('may throw without harm', async () => {
    const cached = memoize(counter().call, {
      onEvent: () => {
        throw new Error('the listener is broken');
      },
    });
    expect(await cached()).toBe('value 1');
    expect(await cached()).toBe('value 1');
  });

  it('is replaced, where nobody listens, by one process warning for each kind of fault', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      const storage = {
        shared: false,
        get: () => Promise.reject(new Error('refused')),
        offer: () => Promise.reject(new Error('refused')),
        release: () => Promise.resolve(),
      };
      const cached = memoize(counter().call, { name: 'quiet', storage });
      await cached('a');
      await cached('b');
      expect(warned.mock.calls).toEqual([
        [
          'The cache of "quiet" met a fault (storage-failed) and goes on: ' +
            'The storage failed at get of key "quiet:a": refused ' +
            `Said once; the option 'onEvent' hears of every fault.`,
          'MemoWarning',
        ],
      ]);
    } finally {
      warned.mockRestore();
    }
  });
});
