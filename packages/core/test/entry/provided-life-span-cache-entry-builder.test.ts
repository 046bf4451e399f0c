import { describe, expect, it } from 'vitest';
import { ProvidedLifeSpanCacheEntryBuilder } from '../../src/entry/provided-life-span-cache-entry-builder.js';

const minute = 60_000;
const day = 1_440 * minute;

describe('ProvidedLifeSpanCacheEntryBuilder', () => {
  it('gives 10 and 30 minutes unless it is told otherwise (M80)', () => {
    const value = { name: 'a' };
    const entry = new ProvidedLifeSpanCacheEntryBuilder().build('key', value, 1_000);
    expect(entry).toEqual({
      value,
      created: 1_000,
      updateAfter: 1_000 + 10 * minute,
      expiresAfter: 1_000 + 30 * minute,
    });
    expect(entry.value).toBe(value);
  });

  it.each([
    [{}, 10 * minute, 30 * minute],
    [{ updateAfter: '1 minute', expireAfter: '2 minutes' }, minute, 2 * minute],
    [{ updateAfter: 50, expireAfter: 50 }, 50, 50],
    [{ expireAfter: '5 minutes' }, Infinity, 5 * minute],
    [{ updateAfter: '1 minute' }, minute, 30 * minute],
    [{ updateAfter: '1 hour' }, 60 * minute, 180 * minute],
    [{ updateAfter: Infinity }, Infinity, 30 * minute],
    [{ updateAfter: Infinity, expireAfter: '5 minutes' }, Infinity, 5 * minute],
    [{ expireAfter: Infinity }, Infinity, Infinity],
    [{ expireAfter: 0 }, Infinity, 0],
  ])('reads %j', (lifetimes, updateAfter, expireAfter) => {
    const builder = new ProvidedLifeSpanCacheEntryBuilder(lifetimes);
    expect([builder.updateAfter, builder.expireAfter]).toEqual([updateAfter, expireAfter]);
    const entry = builder.build('key', 1, 500);
    expect([entry.updateAfter, entry.expiresAfter]).toEqual([500 + updateAfter, 500 + expireAfter]);
  });

  it('changes the lifetimes of later entries only', () => {
    const builder = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: 10, expireAfter: 20 });
    const before = builder.build('key', 1, 0);
    builder.updateTimeouts({ updateAfter: '1 second', expireAfter: '2 seconds' });
    expect(before).toMatchObject({ updateAfter: 10, expiresAfter: 20 });
    expect(builder.build('key', 1, 0)).toMatchObject({ updateAfter: 1_000, expiresAfter: 2_000 });
    builder.updateTimeouts({ expireAfter: '1 minute' });
    expect(builder.build('key', 1, 0)).toMatchObject({ updateAfter: 1_000, expiresAfter: minute });
    builder.updateTimeouts({ updateAfter: Infinity });
    expect(builder.build('key', 1, 0)).toMatchObject({ updateAfter: Infinity, expiresAfter: minute });
  });

  it('takes text for lengths of over ten years, also when one of them stays', () => {
    const builder = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: '4000 days', expireAfter: '5000 days' });
    expect([builder.updateAfter, builder.expireAfter]).toEqual([4_000 * day, 5_000 * day]);
    builder.updateTimeouts({ updateAfter: '4500 days' });
    expect([builder.updateAfter, builder.expireAfter]).toEqual([4_500 * day, 5_000 * day]);
    builder.updateTimeouts({ expireAfter: '4600 days' });
    expect([builder.updateAfter, builder.expireAfter]).toEqual([4_500 * day, 4_600 * day]);
  });

  it('refuses to refresh after expiry, and then keeps what it had', () => {
    const builder = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: 10, expireAfter: 20 });
    const message = `option 'updateAfter' should be no longer than expireAfter (10 ms), got 11. An entry that has expired is never refreshed in the background; leave updateAfter out if none should be.`;
    expect(() => new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: 11, expireAfter: 10 })).toThrow(
      `ProvidedLifeSpanCacheEntryBuilder: ${message}`,
    );
    expect(() => builder.updateTimeouts({ updateAfter: 11, expireAfter: 10 })).toThrow(
      `ProvidedLifeSpanCacheEntryBuilder.updateTimeouts: ${message}`,
    );
    expect([builder.updateAfter, builder.expireAfter]).toEqual([10, 20]);
  });

  it('refuses what is no duration', () => {
    expect(() => new ProvidedLifeSpanCacheEntryBuilder({ expireAfter: '10 minuets' })).toThrow(
      `ProvidedLifeSpanCacheEntryBuilder: option 'expireAfter' should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got "10 minuets". Unknown unit 'minuets' at character 4: did you mean '10 minutes'?`,
    );
  });
});
