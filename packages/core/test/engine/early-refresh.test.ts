import { LocalInMemoryCacheStorage, memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

afterEach(() => void vi.restoreAllMocks());

describe('earlyRefresh', () => {
  async function warmed(earlyRefresh: boolean) {
    const clock = new ManualClock(0);
    const storage = new LocalInMemoryCacheStorage({ clock });
    const source = slowSource();
    const cached = memoize(source.call, {
      name: 'f',
      storage,
      clock,
      expireAfter: '1 minute',
      ...(earlyRefresh && { earlyRefresh: true }),
    });
    const warm = cached('a');
    await clock.advance('2 seconds');
    source.answer('old');
    await warm;
    return { clock, storage, source, cached };
  }

  it('knows how long the load took, and refreshes a fresh entry behind the caller when the coin says so', async () => {
    // -ln(e^-1) times two seconds of load: due from two seconds before the end.
    vi.spyOn(Math, 'random').mockReturnValue(Math.exp(-1));
    const { clock, storage, source, cached } = await warmed(true);
    expect(await storage.get('f:a')).toMatchObject({ started: 0, created: 2_000 });
    await clock.advance(57_990);
    expect(await cached('a')).toBe('old');
    expect(source.calls.length).toBe(1);
    await clock.advance(20);
    expect(await cached('a')).toBe('old');
    expect(source.calls.length).toBe(2);
    source.answer('new');
    await turn();
    expect(await cached('a')).toBe('new');
    expect(cached.cacheInfo()).toMatchObject({ hits: 3, staleHits: 0, refreshes: 1 });
  });

  it('that throws is an event, and the entry is served', async () => {
    const events: unknown[] = [];
    const earlyRefresh = {
      isDue: () => {
        throw new Error('no coin');
      },
    };
    const cached = memoize(async () => 'value', { name: 'f', earlyRefresh, onEvent: (event) => events.push(event) });
    expect([await cached(), await cached()]).toEqual(['value', 'value']);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'policy-failed',
        policy: 'early-refresh',
        error: expect.objectContaining({
          message: `The policy 'early-refresh' failed at key "()": no coin`,
        }) as Error,
      }),
    );
  });

  it('is off unless it is asked for', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(Number.MIN_VALUE);
    const { clock, source, cached } = await warmed(false);
    await clock.advance(59_999);
    expect(await cached('a')).toBe('old');
    expect(source.calls.length).toBe(1);
  });
});
