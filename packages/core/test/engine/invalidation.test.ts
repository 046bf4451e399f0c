import {
  DefaultInMemoryCacheConfiguration,
  InvalidationSupport,
  LeastRecentlyUpdatedEvictionStrategy,
  LocalInMemoryCacheStorage,
  memoize,
  MutableCacheConfiguration,
  type CacheEntry,
  type OfferResult,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

describe('delete', () => {
  it('takes the entry away and says whether there was a live one', async () => {
    const clock = new ManualClock();
    const source = counter();
    const cached = memoize(source.call, { expireAfter: '1 minute', clock });
    expect(await cached.delete(['a'])).toBe(false);
    await cached('a');
    expect(await cached.delete(['a'])).toBe(true);
    expect(await cached('a')).toBe('value 2');
    await clock.advance('1 minute');
    expect(await cached.delete(['a'])).toBe(false);
  });

  it('detaches the load in flight: who waited gets its value, nobody else does, it is not kept (I3, mends M94)', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const before = [cached('a'), cached('a')];
    await turn();
    await cached.delete(['a']);
    const after = cached('a');
    await turn();
    expect(source.calls.length).toBe(2);
    source.answer('began before the delete');
    expect(await Promise.all(before)).toEqual(['began before the delete', 'began before the delete']);
    expect(await cached.exists(['a'])).toBe(false);
    source.answer('began after it');
    expect(await after).toBe('began after it');
    expect(await cached('a')).toBe('began after it');
  });

  it('detaches a refresh in the background as well', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = memoize(source.call, { updateAfter: 1, expireAfter: 1_000, clock });
    const first = cached();
    await turn();
    source.answer('first');
    await first;
    await clock.advance(1);
    await cached();
    await cached.delete([]);
    source.answer('began before the delete');
    await turn();
    expect(await cached.exists([])).toBe(false);
  });

  it('waits for an entry that is just being written, and takes it away, too', async () => {
    const written = deferred<undefined>();
    class SlowWrites extends LocalInMemoryCacheStorage {
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        await written.promise;
        return super.offer(key, entry);
      }
    }
    const source = counter();
    const cached = memoize(source.call, { storage: new SlowWrites(), name: 'slow' });
    const first = cached('a');
    await turn();
    const deleting = cached.delete(['a']);
    written.resolve(undefined);
    await deleting;
    expect(await first).toBe('value 1');
    expect(await cached('a')).toBe('value 2');
  });
});

describe('clear', () => {
  it('takes away the entries of this function only, and detaches its loads', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const users = counter();
    const orders = slowSource();
    const getUser = memoize(users.call, { storage, name: 'user' });
    const getOrder = memoize(orders.call, { storage, name: 'order' });
    await getUser('a');
    const order = getOrder('a');
    await turn();
    orders.answer('order 1');
    await order;
    const loading = getOrder('b');
    await turn();
    await getOrder.clear();
    orders.answer('began before');
    await loading;
    expect(await getOrder.exists(['a'])).toBe(false);
    expect(await getOrder.exists(['b'])).toBe(false);
    expect(await getUser.exists(['a'])).toBe(true);
  });

  it('tells the eviction strategy', async () => {
    const strategy = new LeastRecentlyUpdatedEvictionStrategy(10);
    const cached = memoize(counter().call, { evictionStrategy: strategy });
    await cached('a');
    await cached('b');
    await cached.clear();
    expect([...strategy.keys()]).toEqual([]);
  });
});

describe('InvalidationSupport', () => {
  it('invalidates by arguments', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    const source = counter();
    const cached = memoize((id: string) => source.call(id), { invalidation });
    expect([await cached('a'), await cached('a')]).toEqual(['value 1', 'value 1']);
    await invalidation.invalidateForArguments(['a']);
    expect([await cached('a'), await cached('a')]).toEqual(['value 2', 'value 2']);
    await invalidation.invalidateForArguments(['unknown']);
    expect(await cached('a')).toBe('value 2');
  });

  it('says what to do when it belongs to no function yet (M92)', async () => {
    await expect(new InvalidationSupport().invalidateForArguments([])).rejects.toMatchObject({
      code: 'UNBOUND_INVALIDATION',
      message: `Uninitialized: this InvalidationSupport belongs to no function yet. Pass it to memoize as the option 'invalidation'.`,
    });
  });

  it('reaches every function it was passed to (mends M91)', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    const name = memoize(counter().call as (id: string) => Promise<string>, { invalidation });
    const price = memoize(counter().call as (id: string) => Promise<string>, { invalidation });
    await Promise.all([name('a'), price('a')]);
    await invalidation.invalidateForArguments(['a']);
    expect([await name.exists(['a']), await price.exists(['a'])]).toEqual([false, false]);
  });

  it('follows a changed storage and key extractor (mends M91)', async () => {
    const invalidation = new InvalidationSupport();
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
    const source = counter();
    const cached = memoize(source.call, { configuration, invalidation });
    await cached('a');
    configuration.setStorage(new LocalInMemoryCacheStorage());
    expect(await cached('a')).toBe('value 2');
    await invalidation.invalidateForArguments(['a']);
    expect(await cached('a')).toBe('value 3');
  });

  it('tells the eviction strategy, so that no phantom takes up room (mends M93)', async () => {
    const invalidation = new InvalidationSupport();
    const evictionStrategy = new LeastRecentlyUpdatedEvictionStrategy(1);
    const cached = memoize(counter().call, { invalidation, evictionStrategy });
    await cached('a');
    await invalidation.invalidateForArguments(['a']);
    expect([...evictionStrategy.keys()]).toEqual([]);
  });
});
