import { LocalInMemoryCacheStorage, memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { withAbilities } from '../originals/another-process.js';
import { deferred, turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

async function warmed(value: string, options: object = {}) {
  const source = slowSource();
  const cached = memoize(source.call, options);
  const first = cached('a');
  await turn();
  source.answer(value);
  await first;
  return { source, cached };
}

describe('refresh', () => {
  it('loads anew though the entry is fresh, and waits for the new value', async () => {
    const { source, cached } = await warmed('old');
    const refreshing = cached.refresh('a');
    await turn();
    expect(await cached('a')).toBe('old');
    source.answer('new');
    expect(await refreshing).toBe('new');
    expect(await cached('a')).toBe('new');
  });

  it('that comes during a load waits for one that began after it, shared by all that came meanwhile (mends M32)', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const reading = cached('a');
    await turn();
    const refreshes = [cached.refresh('a'), cached.refresh('a'), cached.refresh('a')];
    await turn();
    expect(source.calls.length).toBe(1);
    source.answer('began before');
    expect(await reading).toBe('began before');
    await turn();
    expect(source.calls.length).toBe(2);
    source.answer('began after');
    expect(await Promise.all(refreshes)).toEqual(['began after', 'began after', 'began after']);
    expect(source.calls.length).toBe(2);
    expect(await cached('a')).toBe('began after');
  });

  it('still loads when the load it waited for failed', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const reading = expect(cached('a')).rejects.toThrow('down');
    await turn();
    const refreshing = cached.refresh('a');
    source.fail(new Error('down'));
    await reading;
    await turn();
    source.answer('up');
    expect(await refreshing).toBe('up');
  });

  it('that fails rejects, and the old entry stays (M33)', async () => {
    const { source, cached } = await warmed('old');
    const refreshing = expect(cached.refresh('a')).rejects.toMatchObject({ key: 'a', cause: new Error('down') });
    await turn();
    source.fail(new Error('down'));
    await refreshing;
    expect(await cached('a')).toBe('old');
  });

  it('of an expired entry makes callers wait for it', async () => {
    const clock = new ManualClock();
    const { source, cached } = await warmed('old', { expireAfter: '1 minute', clock });
    await clock.advance('1 minute');
    const refreshing = cached.refresh('a');
    const reading = cached('a');
    await turn();
    source.answer('new');
    expect(await Promise.all([refreshing, reading])).toEqual(['new', 'new']);
  });

  it('is counted apart from hits and misses', async () => {
    const { source, cached } = await warmed('old');
    const refreshing = cached.refresh('a');
    await turn();
    source.answer('new');
    await refreshing;
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 1, joins: 0, loads: 2, refreshes: 1 });
  });

  it('is not answered by a load that began before it, though another refresh waits for that one (I3)', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const reading = cached('a');
    await turn();
    const early = cached.refresh('a');
    await cached.delete(['a']);
    const second = cached('a');
    await turn();
    const late = cached.refresh('a');
    source.answer('load 0');
    await reading;
    source.answer('load 1');
    expect(await Promise.all([early, second])).toEqual(['load 1', 'load 1']);
    await turn();
    source.answer('load 2');
    expect(await late).toBe('load 2');
  });

  it('does not load for a caller who left while the storage was asked what time it is', async () => {
    const clock = new ManualClock();
    const inner = new LocalInMemoryCacheStorage({ clock });
    const asked = deferred<undefined>();
    const get = (): Promise<undefined> => asked.promise;
    const storage = withAbilities(inner, { now: () => clock.now(), lease: undefined, peek: undefined, get });
    const source = slowSource();
    const cached = memoize(source.call, { name: 'f', storage, clock });
    const controller = new AbortController();
    const leaving = cached.with({ signal: controller.signal, refresh: true })('a');
    await turn();
    controller.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    asked.resolve(undefined);
    await turn();
    expect(source.calls).toEqual([]);
  });
});
