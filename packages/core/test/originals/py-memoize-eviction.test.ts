import { memoize, ProvidedLifeSpanCacheEntryBuilder } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter } from '../support/source.js';
import { recordedPolicies } from './recorded-policies.js';

function cachedWithRecords() {
  const clock = new ManualClock();
  const records = recordedPolicies();
  const { configuration } = records;
  configuration.setEntryBuilder(new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: 100 }));
  return { records, clock, cached: memoize(counter().call, { configuration, clock }) };
}

describe('py-memoize test_eviction', () => {
  it('should_inform_eviction_strategy_on_entry_added', async () => {
    const { records, cached } = cachedWithRecords();
    await cached('test');
    expect(records.of('markWritten')).toEqual([['key', 'value 1']]);
  });

  it('should_inform_eviction_strategy_on_entry_updated: once the refresh behind the caller has ended', async () => {
    const { records, cached, clock } = cachedWithRecords();
    await cached('test');
    await clock.advance(100);
    expect(await cached('test')).toBe('value 1');
    await turn();
    expect(records.of('markWritten')).toEqual([
      ['key', 'value 1'],
      ['key', 'value 2'],
    ]);
  });

  it('should_inform_eviction_strategy_on_entry_mark_read: from the second call on', async () => {
    const { records, cached } = cachedWithRecords();
    await cached('test');
    expect(records.of('markRead')).toEqual([]);
    await cached('test');
    expect(records.of('markRead')).toEqual([['key']]);
  });

  it('should_inform_eviction_strategy_entry_mark_released: once, whatever was named to go', async () => {
    const { records, cached } = cachedWithRecords();
    records.nextVictim = 'release-test';
    await cached('test');
    await turn();
    expect(records.of('markReleased')).toEqual([['release-test']]);
  });

  it('should_retrieve_entry_to_release_on_entry_added: and release it once', async () => {
    const { records, cached } = cachedWithRecords();
    records.nextVictim = 'release-test';
    await cached('test');
    await turn();
    expect(records.of('named to go')).toEqual([['release-test']]);
    expect(records.of('release')).toEqual([['release-test']]);
  });

  it('should_retrieve_entry_to_release_on_entry_updated: and release it once', async () => {
    const { records, cached, clock } = cachedWithRecords();
    await cached('test');
    await clock.advance(100);
    records.nextVictim = 'release-test';
    await cached('test');
    await turn();
    expect(records.of('named to go')).toEqual([['release-test']]);
    expect(records.of('release')).toEqual([['release-test']]);
  });
});
