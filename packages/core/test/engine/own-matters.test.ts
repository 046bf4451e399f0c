import { LocalInMemoryCacheStorage, Memoizer } from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { withAbilities } from '../originals/another-process.js';
import { deferred, turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
  override readonly deadline = 500 as never;
}

/** What one call was told is no matter of those that join it. */
describe('a call that joins another', () => {
  it('is not given up when that one is', async () => {
    const clock = new ManualClock(1_000_000);
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { clock });
    const source = slowSource();
    const hasty = memo.get('k', source.call, { timeout: '1 second' }).catch((error: unknown) => error);
    await turn();
    const patient = [memo.get('k', source.call), memo.get('k', source.call)];
    const asHasty = memo.get('k', source.call, { timeout: '1 second' }).catch((error: unknown) => error);
    await clock.advance('1 second');
    expect(await hasty).toMatchObject({ cause: { code: 'LOAD_TIMEOUT' } });
    expect(await asHasty).toMatchObject({ cause: { code: 'LOAD_TIMEOUT' } });
    expect(source.calls).toHaveLength(2);
    source.answer('too late');
    source.answer('in time');
    expect(await Promise.all(patient)).toEqual(['in time', 'in time']);
  });

  it('fails with it where the function within has been given up', async () => {
    const clock = new ManualClock(1_000_000);
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { clock });
    let calls = 0;
    const load = (): Promise<unknown> => {
      calls++;
      return memo.get('inner', () => new Promise(() => undefined), { timeout: '50 ms', errors: 'original' });
    };
    const waiting = [1, 2, 3].map(() => memo.get('k', load).catch((error: unknown) => error));
    await clock.advance('50 ms');
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ key: '/:k', cause: { code: 'LOAD_TIMEOUT' } });
    }
    expect(calls).toBe(1);
  });

  it('hears nothing of a storage that failed the one who wanted to hear of it', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), { offer: 'fail' }, clock);
    const memo = new Memoizer(storage, { clock, onEvent: () => undefined });
    const source = slowSource();
    const strict = memo.get('k', source.call, { onStorageError: 'throw' }).catch((error: unknown) => error);
    const alike = memo.get('k', source.call, { onStorageError: 'throw' }).catch((error: unknown) => error);
    const lenient = [memo.get('k', source.call), memo.get('k', source.call)];
    await turn();
    source.answer('first');
    expect(await strict).toMatchObject({ code: 'STORAGE_FAILED' });
    expect(await alike).toMatchObject({ code: 'STORAGE_FAILED' });
    await turn();
    source.answer('second');
    expect(await Promise.all(lenient)).toEqual(['second', 'second']);
    expect(source.calls).toHaveLength(2);
  });

  it('is not failed by a load for another revision', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    const source = slowSource();
    const old = memo.get('k', source.call, { etag: 'old' }).catch((error: unknown) => error);
    await turn();
    const any = memo.get('k', source.call).catch((error: unknown) => error);
    const fresh = memo.get('k', source.call, { etag: 'new' });
    source.fail(new Error('no old one'));
    expect(await old).toMatchObject({ cause: { message: 'no old one' } });
    expect(await any).toMatchObject({ cause: { message: 'no old one' } });
    await turn();
    source.answer('of new');
    expect(await fresh).toBe('of new');
  });

  it('is not failed by a refresh for another revision that it shares', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    const source = slowSource();
    const loading = memo.get('k', source.call);
    await turn();
    const old = memo.refresh('k', source.call, { etag: 'old' }).catch((error: unknown) => error);
    const any = memo.refresh('k', source.call).catch((error: unknown) => error);
    const fresh = memo.refresh('k', source.call, { etag: 'new' });
    source.answer('loaded');
    expect(await loading).toBe('loaded');
    await turn();
    source.fail(new Error('no old one'));
    expect(await old).toMatchObject({ cause: { message: 'no old one' } });
    expect(await any).toMatchObject({ cause: { message: 'no old one' } });
    await turn();
    source.answer('of new');
    expect(await fresh).toBe('of new');
    expect(source.calls).toHaveLength(3);
  });

  it('is not given up with a refresh that it shares', async () => {
    const clock = new ManualClock(1_000_000);
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { clock });
    const source = slowSource();
    const loading = memo.get('k', source.call);
    await turn();
    const hasty = memo.refresh('k', source.call, { timeout: '1 second' }).catch((error: unknown) => error);
    const patient = memo.refresh('k', source.call);
    source.answer('loaded');
    await loading;
    await clock.advance('1 second');
    expect(await hasty).toMatchObject({ cause: { code: 'LOAD_TIMEOUT' } });
    await turn();
    source.answer('too late');
    source.answer('in time');
    expect(await patient).toBe('in time');
    expect(await memo.get('k')).toBe('in time');
  });

  it.each(['throw', 'stale'] as const)(
    'waits for other processes by its own limit, not by one that says %j',
    async (onWaitLimit) => {
      const clock = new ManualClock(1_000_000);
      const storage = new SharedStorage({ clock });
      const memo = new Memoizer(storage, { clock, jitter: 0 });
      await memo.set('k', 'old', { expireAfter: '1 second' });
      await clock.advance('1 second');
      const found = await storage.get('/:k');
      const held = storage.lease('/:k', { holder: 'f'.repeat(20), seen: found, time: 60_000 });
      expect(held.state).toBe('granted');
      const source = slowSource();
      const hasty = memo.get('k', source.call, { waitLimit: '1 second', onWaitLimit }).catch((error: unknown) => error);
      await turn();
      const alike = memo.get('k', source.call, { waitLimit: '1 second', onWaitLimit }).catch((error: unknown) => error);
      const patient = memo.get('k', source.call, { waitLimit: '5 seconds' });
      await clock.advance('1 second');
      for (const answer of [await hasty, await alike]) {
        if (onWaitLimit === 'stale') expect(answer).toBe('old');
        else expect(answer).toMatchObject({ cause: { code: 'WAIT_LIMIT' } });
      }
      await clock.advance('4 seconds');
      expect(source.calls).toHaveLength(0);
      await clock.advance('1 second');
      source.answer('computed');
      expect(await patient).toBe('computed');
    },
  );

  it('waits as long as it may, though another one that would take the expired entry may not', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const memo = new Memoizer(storage, { clock, jitter: 0, onWaitLimit: 'stale' });
    await memo.set('k', 'old', { expireAfter: '1 second' });
    await clock.advance('1 second');
    const found = await storage.get('/:k');
    const answer = storage.lease('/:k', { holder: 'f'.repeat(20), seen: found, time: 60_000 });
    const source = slowSource();
    const hasty = memo.get('k', source.call, { waitLimit: '1 second' });
    await turn();
    const patient = memo.get('k', source.call, { waitLimit: '1 minute' });
    await clock.advance('1 second');
    expect(await hasty).toBe('old');
    const now = clock.now();
    const lease = answer.state === 'granted' ? answer.lease : undefined;
    await storage.offer('/:k', { value: 'new', created: now, updateAfter: Infinity, expiresAfter: Infinity }, lease);
    await clock.advance('2 seconds');
    expect(await patient).toBe('new');
    expect(source.calls).toHaveLength(0);
  });

  it('is not answered with what another process had loaded, and what had expired before it came', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const memo = new Memoizer(storage, { clock, jitter: 0, updateAfter: '1 second', expireAfter: '10 seconds' });
    const source = slowSource();
    await memo.set('k', 'old');
    await clock.advance('1 second');
    const old = await storage.get('/:k');
    const answer = storage.lease('/:k', { holder: 'f'.repeat(20), seen: old, time: 60_000 });
    expect(await memo.get('k', source.call)).toBe('old');
    await turn();
    // The other process has a value that does not live long, and nobody here was in a hurry to hear of it.
    const lease = answer.state === 'granted' ? answer.lease : undefined;
    const now = clock.now();
    await storage.offer('/:k', { value: 'brief', created: now, updateAfter: now + 10, expiresAfter: now + 10 }, lease);
    await clock.advance(20);
    const late = memo.get('k', source.call);
    await clock.advance('2 seconds');
    if (source.calls.length > 0) source.answer('own');
    expect(await late).toBe('own');
  });

  it('is asked by its own etag only, whatever a call with the same policies was told before', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { etag: undefined });
    let asked = 0;
    const etag = (): string => {
      asked++;
      return 'b';
    };
    await memo.get('a', () => 1, { expireAfter: '5 seconds', etag, maxAge: 0 });
    await memo.get('b', () => 1, { expireAfter: '5 seconds' });
    expect([asked, await memo.etag('b')]).toEqual([1, undefined]);
    expect(await memo.get('b', () => 2, { expireAfter: '5 seconds' })).toBe(1);
  });

  it('is answered with what has been published while it looked again', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new LocalInMemoryCacheStorage();
    const gate: (() => void)[] = [];
    const slow = withAbilities(storage, {
      peek: undefined,
      lease: undefined,
      get: async (key: string) => {
        const entry = await storage.get(key);
        await new Promise<void>((resolve) => gate.push(resolve));
        return entry;
      },
    });
    const memo = new Memoizer(slow, { clock });
    const source = slowSource();
    const goOn = async (): Promise<void> => {
      await turn();
      for (const open of gate.splice(0)) open();
      await turn();
    };
    const first = memo.get('k', source.call, { etag: 'a' });
    await goOn();
    const second = memo.get('k', source.call, { etag: 'b' });
    const third = memo.get('k', source.call, { etag: 'b' });
    await goOn();
    source.answer('A');
    await turn();
    // Both look again, and the answers to both are on their way; one of them comes first.
    gate.shift()?.();
    await turn();
    source.answer('B');
    await turn();
    await goOn();
    await goOn();
    expect(await Promise.all([first, second, third])).toEqual(['A', 'B', 'B']);
    expect(source.calls).toHaveLength(2);
  });

  it('has the whole deadline of the storage again after its wait', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const slow = deferred<undefined>();
    const get = storage.get.bind(storage);
    Object.assign(storage, {
      peek: undefined,
      get: async (key: string) => {
        await new Promise<void>((resolve) => clock.setTimer(resolve, 200));
        return get(key);
      },
    });
    slow.resolve(undefined);
    const memo = new Memoizer(storage, { clock, jitter: 0 });
    const events: string[] = [];
    const loud = new Memoizer(storage, { clock, jitter: 0, onEvent: ({ type }) => events.push(type) });
    const source = slowSource();
    const first = memo.get('k', source.call, { etag: 'a' });
    await clock.advance(200);
    const second = memo.get('k', source.call, { etag: 'b' });
    await clock.advance(200);
    const third = loud.get('k', source.call, { etag: 'c' });
    await clock.advance(200);
    source.answer('A');
    await clock.advance(200);
    await turn();
    source.answer('B');
    await clock.advance(200);
    await turn();
    source.answer('C');
    expect(await Promise.all([first, second, third])).toEqual(['A', 'B', 'C']);
    expect(events).not.toContain('storage-failed');
    expect((await get('/:k'))?.value).toBe('C');
  });
});
