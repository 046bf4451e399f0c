import { CachedMethodFailedError, memoizeSync, type MemoizeSyncOptions, RecentlyFailedError } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { counted, eventsOf } from './support/synchronous.js';

class NotFound extends Error {}

/** A function that fails while the test says so, and otherwise answers with its version. */
function failing(options: MemoizeSyncOptions<[id: string], string> = {}) {
  const clock = new ManualClock();
  const { events, onEvent } = eventsOf();
  const state = { fails: true, version: 0 };
  const source = counted((id: string): string => {
    if (state.fails) throw new NotFound(`no user ${id}`);
    return `user ${id}, version ${++state.version}`;
  });
  return { clock, events, state, source, cached: memoizeSync(source.call, { clock, onEvent, ...options }) };
}

describe('a function that fails', () => {
  it('throws its failure wrapped, with the key and the cause, and is called again (Q24)', () => {
    const { source, cached, events } = failing();
    const error = thrownBy(() => cached('1'));
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ key: '1', message: 'The cached function failed for key "1": no user 1' });
    expect((error as Error).cause).toBeInstanceOf(NotFound);
    expect(() => cached('1')).toThrow(CachedMethodFailedError);
    expect(source.calls).toHaveLength(2);
    expect(cached.cacheInfo()).toMatchObject({ misses: 2, hits: 0, loads: 2, failures: 2, size: 0 });
    expect(events('load-failed')[0]).toMatchObject({ key: '1', reason: 'miss', error });
  });

  it('throws the original for those who want it', () => {
    const { cached } = failing({ errors: 'original' });
    expect(() => cached('1')).toThrow(NotFound);
    expect(() => cached.refresh('1')).toThrow(NotFound);
  });

  it('may throw anything (Q28)', () => {
    for (const thrown of [undefined, null, 0, 'text', {}]) {
      const cached = memoizeSync(
        (): string => {
          throw thrown;
        },
        { errors: 'original' },
      );
      expect(thrownBy(() => cached())).toBe(thrown);
      expect(thrownBy(() => cached())).toBe(thrown);
    }
  });

  it('Q25: leaves a good entry where it is, when it fails at a refresh', () => {
    const { state, cached, events } = failing();
    state.fails = false;
    cached('1');
    state.fails = true;
    expect(() => cached.refresh('1')).toThrow(CachedMethodFailedError);
    expect(cached('1')).toBe('user 1, version 1');
    expect(cached.cacheInfo()).toMatchObject({ refreshes: 0, refreshFailures: 1, failures: 1, hits: 1 });
    expect(events('refresh-failed').map(({ error }) => error.message)).toEqual([
      'The cached function failed for key "1": no user 1',
    ]);
  });

  it('fails for who asked with a demand that no entry meets, and for nobody else', () => {
    const { state, clock, cached } = failing({ negative: {} });
    state.fails = false;
    cached('1');
    state.fails = true;
    clock.set(60_000);
    expect(() => cached.with({ maxAge: '1 minute' })('1')).toThrow(CachedMethodFailedError);
    expect(() => cached.with({ etag: 2 })('1')).toThrow(CachedMethodFailedError);
    expect(cached('1')).toBe('user 1, version 1');
  });
});

describe('negative', () => {
  it('remembers a failure and throws it again, as a hit', () => {
    const { clock, source, cached, events } = failing({ negative: { expireAfter: '1 minute' } });
    const first = thrownBy(() => cached('1')) as Error;
    clock.set(59_999);
    const second = thrownBy(() => cached('1')) as Error;
    expect([second.message, second.cause]).toEqual([first.message, first.cause]);
    expect(source.calls).toHaveLength(1);
    expect(cached.cacheInfo()).toMatchObject({ misses: 1, hits: 1, failures: 1, size: 1 });
    expect(events('hit')[0]?.entry).toEqual({
      value: first.cause,
      failed: true,
      created: 0,
      updateAfter: Infinity,
      expiresAfter: 60_000,
    });
    expect([cached.exists(['1']), cached.ttl(['1'])]).toEqual([true, 1]);
    clock.set(60_000);
    expect(() => cached('1')).toThrow(CachedMethodFailedError);
    expect(source.calls).toHaveLength(2);
  });

  it('Q26: for ten seconds if nothing else is said', () => {
    const { clock, source, cached } = failing({ negative: {}, errors: 'original' });
    expect(() => cached('1')).toThrow(NotFound);
    clock.set(9_999);
    expect(() => cached('1')).toThrow(NotFound);
    expect(source.calls).toHaveLength(1);
    clock.set(10_000);
    expect(() => cached('1')).toThrow(NotFound);
    expect(source.calls).toHaveLength(2);
  });

  it('for as long as the function says that says it of values, too, and for ever with null', () => {
    const { clock, source, cached } = failing({
      negative: {},
      expireAfter: ({ isError, value }) => (isError && (value as unknown) instanceof NotFound ? '1 minute' : '1 hour'),
    });
    expect(() => cached('1')).toThrow();
    expect(cached.ttl(['1'])).toBe(60_000);
    const ever = failing({ negative: { expireAfter: null } });
    expect(() => ever.cached('1')).toThrow();
    ever.clock.set(1e12);
    expect(() => ever.cached('1')).toThrow();
    expect(ever.source.calls).toHaveLength(1);
    clock.set(60_000);
    expect(() => cached('1')).toThrow();
    expect(source.calls).toHaveLength(2);
  });

  it('as values: also for the call that failed', () => {
    const source = counted((id: string): number => {
      throw new NotFound(`no user ${id}`);
    });
    const cached = memoizeSync(source.call, { negative: { as: 'value' } });
    const [first, second] = [cached('1'), cached('1')];
    expect(first).toBeInstanceOf(NotFound);
    expect(second).toBe(first);
    expect(cached.refresh('1')).toBeInstanceOf(NotFound);
    expect(source.calls).toHaveLength(2);
  });

  it('only what is worth it; the rest is thrown, as a value or not', () => {
    const source = counted((id: string): number => {
      throw id === 'bad' ? new RangeError('bad') : new NotFound('none');
    });
    const cached = memoizeSync(source.call, { negative: { when: (error) => error instanceof NotFound, as: 'value' } });
    expect([cached('1'), cached('1')].every((answer) => answer instanceof NotFound)).toBe(true);
    expect(() => cached('bad')).toThrow(CachedMethodFailedError);
    expect(() => cached('bad')).toThrow(CachedMethodFailedError);
    expect(source.calls.flat()).toEqual(['1', 'bad', 'bad']);
  });

  it('where nobody can say whether it is worth it, it is an event, and nothing is remembered', () => {
    const { source, cached, events } = failing({
      negative: {
        when: () => {
          throw new Error('who knows');
        },
      },
    });
    expect(() => cached('1')).toThrow('no user 1');
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(2);
    expect(events('policy-failed').map(({ error }) => error.message)).toEqual([
      `The policy 'negative' failed at key "1": who knows`,
      `The policy 'negative' failed at key "1": who knows`,
    ]);
  });

  it('is worth it if that is true, and nothing else', () => {
    const { source, cached, events } = failing({ negative: { when: () => 1 as unknown as boolean } });
    expect(() => cached('1')).toThrow('no user 1');
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(2);
    expect(events('policy-failed')[0]?.error.message).toBe(
      `The policy 'negative' failed at key "1": negative.when: expected true or false from it, at once, got 1.`,
    );
  });

  it('is taken away and replaced like any other entry', () => {
    const { state, source, cached } = failing({ negative: {} });
    expect(() => cached('1')).toThrow();
    expect(cached.delete(['1'])).toBe(true);
    expect(() => cached('1')).toThrow();
    expect(source.calls).toHaveLength(2);
    cached.set(['1'], 'somebody');
    expect(cached('1')).toBe('somebody');
    cached.clear();
    expect(() => cached('1')).toThrow();
    state.fails = false;
    expect([cached.refresh('1'), cached('1')]).toEqual(['user 1, version 1', 'user 1, version 1']);
  });

  it('belongs to the revision that was asked for', () => {
    const { state, source, cached } = failing({ negative: {} });
    expect(() => cached.with({ etag: 1 })('1')).toThrow();
    expect(() => cached.with({ etag: 1 })('1')).toThrow();
    expect(source.calls).toHaveLength(1);
    state.fails = false;
    expect(cached.with({ etag: 2 })('1')).toBe('user 1, version 1');
  });
});

describe('staleIfError', () => {
  it('serves what has expired where the load fails, for so long', () => {
    const { clock, state, cached, events } = failing({ expireAfter: '1 minute', staleIfError: '1 hour' });
    state.fails = false;
    cached('1');
    state.fails = true;
    clock.set(60_000);
    expect(cached('1')).toBe('user 1, version 1');
    expect(events('stale-if-error')[0]).toMatchObject({
      key: '1',
      entry: { value: 'user 1, version 1' },
      error: { message: 'The cached function failed for key "1": no user 1' },
    });
    expect(cached.cacheInfo()).toMatchObject({ misses: 2, hits: 0, staleIfErrors: 1, failures: 1 });
    expect([cached.exists(['1']), cached.ttl(['1'])]).toEqual([false, undefined]);
    clock.set(60_000 + 3_600_000 - 1);
    expect(cached('1')).toBe('user 1, version 1');
    clock.set(60_000 + 3_600_000);
    expect(() => cached('1')).toThrow(CachedMethodFailedError);
  });

  it('keeps sweeps away from what may still be served', () => {
    const { clock, state, cached } = failing({ expireAfter: '1 minute', staleIfError: '1 hour' });
    state.fails = false;
    cached('1');
    clock.set(60_000);
    expect(cached.removeExpired()).toBe(0);
    clock.set(60_000 + 3_600_000);
    expect(cached.removeExpired()).toBe(1);
  });

  it('counts from the moment that expire has set', () => {
    const { clock, state, cached } = failing({ expireAfter: '1 minute', staleIfError: '1 minute' });
    state.fails = false;
    cached('1');
    cached.expire(['1'], '10 minutes');
    state.fails = true;
    clock.set(660_000 - 1);
    expect(cached('1')).toBe('user 1, version 1');
  });

  it('is no answer to a forced refresh, nor for another revision, nor one too old', () => {
    const { clock, state, cached } = failing({ expireAfter: '1 minute', staleIfError: '1 minute', etag: 1 });
    state.fails = false;
    cached('1');
    state.fails = true;
    clock.set(60_000);
    expect(() => cached.refresh('1')).toThrow(CachedMethodFailedError);
    expect(() => cached.with({ etag: 2 })('1')).toThrow(CachedMethodFailedError);
    clock.set(100_000);
    expect(cached('1')).toBe('user 1, version 1');
    expect(() => cached.with({ maxAge: '30 seconds' })('1')).toThrow(CachedMethodFailedError);
  });

  it('a failure is remembered only where nothing is left to be served', async () => {
    const { clock, state, source, cached } = failing({
      expireAfter: '1 minute',
      staleIfError: '1 minute',
      negative: {},
    });
    state.fails = false;
    cached('1');
    state.fails = true;
    await clock.advance(60_000);
    expect(cached('1')).toBe('user 1, version 1');
    await clock.advance(60_000);
    expect(() => cached('1')).toThrow('no user 1');
    await clock.advance(9_999);
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(3);
    await clock.advance(1);
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(4);
  });
});

describe('retry', () => {
  it('Q27: calls the function again at once, so many times', () => {
    const { source, cached, events } = failing({ retry: 3 });
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(4);
    expect(cached.cacheInfo()).toMatchObject({ loads: 1, failures: 1, retries: 3 });
    expect(events('retry').map(({ key, attempt, delay }) => [key, attempt, delay])).toEqual([
      ['1', 1, 0],
      ['1', 2, 0],
      ['1', 3, 0],
    ]);
    expect(events('retry').every(({ error }) => error instanceof NotFound)).toBe(true);
  });

  it('ends with the first that succeeds', () => {
    const { state, source, cached, clock } = failing({
      retry: { count: 3, when: (_error, attempt) => ((state.fails = attempt < 2), true) },
    });
    expect(cached('1')).toBe('user 1, version 1');
    expect(source.calls).toHaveLength(3);
    expect([cached('1'), clock.pendingTimers]).toEqual(['user 1, version 1', 0]);
  });

  it('only where it is worth it', () => {
    const { source, cached } = failing({ retry: { count: 3, when: (error) => !(error instanceof NotFound) } });
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(1);
  });

  it('where nobody can say whether it is worth it, it is an event, and the failure stands', () => {
    const { source, cached, events } = failing({
      retry: {
        count: 3,
        when: () => {
          throw new Error('who knows');
        },
      },
    });
    expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(1);
    expect(events('policy-failed').map(({ error }) => error.message)).toEqual([
      `The policy 'retry' failed at key "1": who knows`,
    ]);
  });

  it('lets the key rest after a load that failed with all its attempts, for a while that doubles', async () => {
    const { clock, source, cached } = failing({ retry: 1 });
    expect(() => cached('1')).toThrow('no user 1');
    const error = thrownBy(() => cached('1'));
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    expect((error as Error).cause).toMatchObject({
      code: 'RECENTLY_FAILED',
      context: { key: '1', failures: 1, remaining: 93.75 },
    });
    expect(RecentlyFailedError.isInstance((error as Error).cause)).toBe(true);
    expect(source.calls).toHaveLength(2);
    expect(() => cached('2')).toThrow('no user 2');
    expect(() => cached.refresh('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(6);
    await clock.advance(187);
    expect(() => cached('1')).toThrow('it is tried again in 1 ms');
    await clock.advance(1);
    expect(() => cached('1')).toThrow('no user 1');
    expect(() => cached('1')).toThrow('The last 3 loads of key "1" failed');
    expect(cached.cacheInfo()).toMatchObject({ misses: 6, loads: 4, hits: 0 });
  });

  it('rests no longer than three seconds, and forgets failures that are long past', async () => {
    const { clock, cached } = failing({ retry: 1 });
    for (let failures = 0; failures < 8; failures++) expect(() => cached.refresh('1')).toThrow();
    expect(() => cached('1')).toThrow('it is tried again in 3000 ms');
    await clock.advance(6_000);
    expect(clock.pendingTimers).toBe(0);
    expect(() => cached('1')).toThrow('no user 1');
    expect(() => cached('1')).toThrow('it is tried again in 94 ms');
    expect(clock.pendingBackgroundTimers).toBe(clock.pendingTimers);
  });

  it('rests no more once a load went well, or somebody has taken the entry away or put one there', () => {
    const { state, source, cached } = failing({ retry: 1 });
    const rests = (): boolean => String(thrownBy(() => cached('1'))).includes('tried again');
    for (const end of [
      () => cached.delete(['1']),
      () => cached.clear(),
      () => (cached.set(['1'], 'somebody'), cached.expire(['1'], 0)),
    ]) {
      expect([rests(), rests()]).toEqual([false, true]);
      end();
    }
    expect(rests()).toBe(false);
    state.fails = false;
    expect(cached.refresh('1')).toBe('user 1, version 1');
    state.fails = true;
    cached.expire(['1'], 0);
    expect(rests()).toBe(false);
    expect(source.calls).toHaveLength(11);
  });

  it('while the key rests what has expired may be served', () => {
    const { clock, state, source, cached } = failing({ expireAfter: '1 minute', staleIfError: '1 hour' });
    state.fails = false;
    cached('1');
    state.fails = true;
    clock.set(60_000);
    expect([cached('1'), cached('1')]).toEqual(['user 1, version 1', 'user 1, version 1']);
    expect(source.calls).toHaveLength(2);
    expect(cached.cacheInfo()).toMatchObject({ staleIfErrors: 2, failures: 1 });
  });

  it('without retries and staleIfError no key rests', () => {
    const { source, cached } = failing();
    for (let calls = 0; calls < 3; calls++) expect(() => cached('1')).toThrow('no user 1');
    expect(source.calls).toHaveLength(3);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('It has not thrown.');
}
