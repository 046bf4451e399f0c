import { memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

const lifetimes = { updateAfter: '2 minutes', expireAfter: '10 minutes' } as const;

describe('a call', () => {
  it('is answered by the function first, then from the cache', async () => {
    const source = counter();
    const cached = memoize(source.call, { clock: new ManualClock() });
    expect(await cached('a')).toBe('value 1');
    expect(await cached('a')).toBe('value 1');
    expect(await cached('b')).toBe('value 2');
    expect(source.count).toBe(2);
  });

  it('keeps undefined, null, 0 and the empty text like any other value (M7)', async () => {
    for (const value of [undefined, null, 0, '', false, NaN]) {
      let loads = 0;
      const cached = memoize(() => {
        loads++;
        return value;
      });
      expect(await cached()).toBe(value);
      expect(await cached()).toBe(value);
      expect(loads).toBe(1);
    }
  });

  it('welcomes synchronous functions and any thenable', async () => {
    const thenable = { then: (resolve: (value: string) => void) => resolve('from a thenable') };
    expect(await memoize((a: number, b: number) => a + b)(1, 2)).toBe(3);
    expect(await memoize(() => thenable as unknown as Promise<string>)()).toBe('from a thenable');
  });

  it('is collapsed with all that come during the load: a thousand callers, one load', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const calls = Array.from({ length: 1_000 }, () => cached('a'));
    await turn();
    expect(source.calls).toEqual([['a']]);
    source.answer('one');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['one']));
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 1, joins: 999, loads: 1 });
  });

  it('passes `this` on to the function', async () => {
    const owner = {
      name: 'owner',
      ask: memoize(function (this: { name: string }, question: string) {
        return `${this.name} answers ${question}`;
      }),
    };
    expect(await owner.ask('why')).toBe('owner answers why');
  });
});

describe('an entry', () => {
  it('is fresh up to updateAfter, stale from that instant on, expired from expireAfter on', async () => {
    const clock = new ManualClock(1_000_000);
    const source = slowSource();
    const cached = memoize(source.call, { ...lifetimes, timeout: Infinity, clock });
    const first = cached();
    await turn();
    source.answer('first');
    expect(await first).toBe('first');

    await clock.advance(120_000 - 1);
    expect(await cached()).toBe('first');
    expect(source.calls.length).toBe(1);

    await clock.advance(1);
    expect(await cached()).toBe('first');
    expect(source.calls.length).toBe(2);

    await clock.advance(480_000 - 1);
    expect(await cached()).toBe('first');
    await clock.advance(1);
    const afterExpiry = cached();
    await turn();
    source.answer('second');
    expect(await afterExpiry).toBe('second');
    expect(source.calls.length).toBe(2);
  });

  it('is served stale to all while one refresh runs, and new when that has ended', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = memoize(source.call, { ...lifetimes, clock });
    const first = cached();
    await turn();
    source.answer('old');
    await first;
    await clock.advance('3 minutes');
    expect(await Promise.all([cached(), cached(), cached()])).toEqual(['old', 'old', 'old']);
    expect(source.calls.length).toBe(2);
    source.answer('new');
    await turn();
    expect(await Promise.all([cached(), cached(), cached()])).toEqual(['new', 'new', 'new']);
    expect(cached.cacheInfo()).toMatchObject({ hits: 6, staleHits: 3, misses: 1, loads: 2, refreshes: 1 });
  });

  it('is never refreshed in the background where only expireAfter is given', async () => {
    const clock = new ManualClock();
    const source = counter();
    const cached = memoize(source.call, { expireAfter: '1 minute', clock });
    await cached();
    await clock.advance(59_999);
    expect(await cached()).toBe('value 1');
    await clock.advance(1);
    expect(await cached()).toBe('value 2');
  });

  it('is never served with expireAfter 0, yet loads in flight collapse', async () => {
    const source = slowSource();
    const cached = memoize(source.call, { expireAfter: 0, clock: new ManualClock() });
    const both = Promise.all([cached(), cached()]);
    await turn();
    source.answer('one');
    expect(await both).toEqual(['one', 'one']);
    const third = cached();
    await turn();
    source.answer('two');
    expect(await third).toBe('two');
    expect(source.calls.length).toBe(2);
  });

  it('that expired while its refresh runs makes callers wait for that refresh', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = memoize(source.call, { ...lifetimes, timeout: Infinity, clock });
    const first = cached();
    await turn();
    source.answer('old');
    await first;
    await clock.advance('3 minutes');
    expect(await cached()).toBe('old');
    await clock.advance('8 minutes');
    const waiting = cached();
    await turn();
    source.answer('new');
    expect(await waiting).toBe('new');
    expect(source.calls.length).toBe(2);
  });
});

describe('a refresh in the background', () => {
  it('that fails keeps the old entry, is tried at each next access, and is an event', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const failures: string[] = [];
    const cached = memoize(source.call, {
      ...lifetimes,
      clock,
      onEvent: (event) => {
        if (event.type === 'refresh-failed') failures.push(event.error.message);
      },
    });
    const first = cached('a');
    await turn();
    source.answer('old');
    await first;
    await clock.advance('3 minutes');
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await cached('a')).toBe('old');
      source.fail(new Error(`down ${attempt}`));
      await turn();
    }
    expect(failures).toEqual([1, 2, 3].map((n) => `The cached function failed for key "a": down ${n}`));
    expect(cached.cacheInfo()).toMatchObject({ hits: 3, staleHits: 3, misses: 1, loads: 4, refreshFailures: 3 });
  });

  it('uses the arguments of the caller that found the entry stale', async () => {
    const clock = new ManualClock();
    const calls: unknown[] = [];
    const cached = memoize(
      (question: { id: number; attempt: number }) => {
        calls.push(question.attempt);
        return question.id;
      },
      { ...lifetimes, clock, key: (question) => question.id },
    );
    await cached({ id: 1, attempt: 1 });
    await clock.advance('3 minutes');
    await cached({ id: 1, attempt: 2 });
    expect(calls).toEqual([1, 2]);
  });
});
