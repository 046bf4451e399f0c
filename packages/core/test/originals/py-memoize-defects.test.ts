import { type CacheEntryBuilder, LocalInMemoryCacheStorage, ProvidedLifeSpanCacheEntryBuilder } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { outcomeOf } from './cache-under-test.js';
import { memo } from './memo-under-test.js';
import { forgettingDefects } from './py-memoize-forgetting-defects.js';
import { loadingDefects } from './py-memoize-loading-defects.js';
import { pyMemoize } from './py-memoize-model.js';
import { testsAgainstTheOriginal, testsOfMendedDefects } from './scenario.js';

const defects = [...loadingDefects, ...forgettingDefects];

describe('defects of py-memoize, mended', () => {
  testsOfMendedDefects(memo, defects);
});

describe('the tests of mended defects fail against py-memoize', () => {
  testsAgainstTheOriginal(pyMemoize, defects);
});

/** The model must be wrong only where its original is, or the failures above would prove nothing. */
describe.each([
  [memo.name, memo],
  [pyMemoize.name, pyMemoize],
])('what py-memoize does well: %s', (_, cache) => {
  it('collapses parallel calls, and then answers from the cache (M30)', async () => {
    const source = slowSource();
    const cached = cache.wrap(source.call, {});
    const calls = [cached.call('a'), cached.call('a'), cached.call('a')];
    await turn();
    source.answer('value');
    expect(await Promise.all([...calls, ...calls])).toEqual(Array(6).fill('value'));
    expect(await cached.call('a')).toBe('value');
    expect(source.calls).toEqual([['a']]);
  });

  it('tells everyone who waited why the function failed, and calls it again for the next (M30, M42, M45)', async () => {
    const source = slowSource();
    const cached = cache.wrap(source.call, {});
    const calls = [cached.call('a'), cached.call('a'), cached.call('a')].map((call) => outcomeOf(call));
    await turn();
    source.fail(new Error('down'));
    for (const outcome of await Promise.all(calls)) expect(outcome).toMatch(/^CachedMethodFailed.* from Error: down$/);
    const next = cached.call('a');
    await turn();
    source.answer('up');
    expect(await next).toBe('up');
  });

  it('tells everyone who waited of the timeout, and keeps nothing (M38)', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = cache.wrap(source.call, { clock, timeout: '1 second' });
    const calls = [cached.call('a'), cached.call('a')];
    await clock.advance('1 second');
    for (const call of calls) expect(await outcomeOf(call)).toMatch(/^CachedMethodFailed.* from (Load)?Timeout/);
    source.answer('too late');
    await turn();
    expect(await outcomeOf(cached.call('a'))).toBe('pending');
  });

  it('serves a stale entry while it refreshes it, and makes callers wait for an expired one (M19, M20)', async () => {
    const clock = new ManualClock();
    const cached = cache.wrap(counter().call, { clock, updateAfter: '1 minute', expireAfter: '2 minutes' });
    const three = () => Promise.all([cached.call('a'), cached.call('a'), cached.call('a')]);
    await cached.call('a');
    await clock.advance('1 minute');
    expect(await three()).toEqual(['value 1', 'value 1', 'value 1']);
    await turn();
    expect(await three()).toEqual(['value 2', 'value 2', 'value 2']);
    await clock.advance('2 minutes');
    expect(await three()).toEqual(['value 3', 'value 3', 'value 3']);
  });

  it('tries a refresh that failed at each access again, and tells of it (M46)', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const told: string[] = [];
    const onFault = (said: string): void => void told.push(said);
    const cached = cache.wrap(source.call, { clock, updateAfter: '1 minute', expireAfter: '2 minutes', onFault });
    const first = cached.call('a');
    await turn();
    source.answer('old');
    await first;
    await clock.advance('1 minute');
    for (let access = 1; access <= 4; access++) {
      expect(await cached.call('a')).toBe('old');
      await turn();
      source.fail(new Error(`down ${access}`));
      await turn();
    }
    expect(source.calls.length).toBe(5);
    expect(told.length).toBe(4);
  });

  it('fails for everyone who waits when the entry cannot be built, and frees the key (M43)', async () => {
    const source = slowSource();
    let works = false;
    const lifeSpan = new ProvidedLifeSpanCacheEntryBuilder();
    const build: CacheEntryBuilder['build'] = (...loaded) => {
      if (works) return lifeSpan.build(...loaded);
      throw new Error('not built');
    };
    const cached = cache.wrap(source.call, { entryBuilder: { build } });
    const calls = [cached.call('a'), cached.call('a')];
    await turn();
    source.answer('value');
    for (const call of calls) expect(await outcomeOf(call)).toMatch(/^CachedMethodFailed.* from Error: not built$/);
    works = true;
    const next = cached.call('a');
    await turn();
    source.answer('value');
    expect(await next).toBe('value');
  });

  it('waits for a forced refresh that has the key for itself (M18)', async () => {
    const cached = cache.wrap(counter().call, {});
    await cached.call('a');
    expect(await cached.refresh('a')).toBe('value 2');
    expect(await cached.call('a')).toBe('value 2');
  });

  it('lets the least recently written entry go (M84), and forgets what is invalidated (M90)', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const invalidation = cache.invalidation();
    const evictionStrategy = cache.evictionStrategy(2);
    const cached = cache.wrap(counter().call, { storage, evictionStrategy, invalidation });
    for (const id of ['a', 'b', 'a', 'c']) await cached.call(id);
    await turn();
    expect(storage.size).toBe(2);
    expect(await cached.call('b')).toBe('value 2');
    await invalidation.invalidateForArguments(['b']);
    expect(await cached.call('b')).toBe('value 4');
  });

  it('says that an invalidation belongs to no function yet (M92)', async () => {
    await expect(cache.invalidation().invalidateForArguments(['a'])).rejects.toThrow(/^Uninitialized: /);
  });
});
