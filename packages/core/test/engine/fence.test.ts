import {
  LocalInMemoryCacheStorage,
  type CacheEntry,
  type CacheStorage,
  type LeaseAnswer,
  type Lock,
  type OfferResult,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn, type Deferred } from '../support/deferred.js';
import { memberOver } from '../support/fleet.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

const other = 'f'.repeat(20);

function entryOf(value: string, created = 0): CacheEntry {
  return { value, created, updateAfter: Infinity, expiresAfter: Infinity };
}

/** A connection to `inner` whose answers to one operation the test may hold back. */
function connectionTo(inner: CacheStorage, clock: ManualClock, operation: 'get' | 'lease' | 'offer') {
  const storage = new ChaosStorage(inner, {}, clock);
  const gate: { held?: Deferred<void> | undefined } = {};
  const ask = storage[operation] as (...args: unknown[]) => unknown;
  Object.assign(storage, {
    [operation]: async (...args: unknown[]) => {
      if (operation === 'offer') await gate.held?.promise;
      const answer = await ask.apply(storage, args);
      if (operation !== 'offer') await gate.held?.promise;
      return answer;
    },
  });
  const hold = (): Deferred<void> => (gate.held = deferred());
  return { storage, hold };
}

function free(lock: string[] = []): Lock {
  return { acquire: () => Promise.resolve(true), release: () => Promise.resolve(void lock.push('released')) };
}

describe('an entry on its way to a process that waits', () => {
  it('answers nobody who came when it had been sent off, if it was deleted meanwhile', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const { storage, hold } = connectionTo(inner, clock, 'lease');
    const [first, second] = [memberOver(inner, clock), memberOver(storage, clock)];
    const led = first.call('a');
    await turn();
    const waits = second.call('a');
    await turn();
    const answer = hold();
    first.source.answer('v1');
    await led;
    await turn();
    await first.call.delete(['a']);
    const joined = second.call('a');
    await turn();
    answer.resolve();
    expect(await waits).toBe('v1');
    await turn();
    second.source.answer('v2');
    expect(await joined).toBe('v2');
  });

  it.each<[string, object]>([
    ['after a lock was had', { lock: free() }],
    ['at the wait limit', { waitLimit: 0, onWaitLimit: 'stale' }],
  ])('(%s) neither', async (title, options) => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const { storage, hold } = connectionTo(inner, clock, 'get');
    const [first, second] = [memberOver(inner, clock), memberOver(storage, clock, options)];
    const expired = { ...entryOf('v1'), expiresAfter: title === 'at the wait limit' ? 1 : Infinity };
    if (title === 'at the wait limit') {
      await inner.offer('f:a', expired);
      inner.lease('f:a', { holder: other, seen: expired, time: 60_000 });
    }
    const waits = second.call('a');
    // The caller's own look finds nothing that will do; the next one, within the election, is held back.
    let answer!: Deferred<void>;
    queueMicrotask(() => (answer = hold()));
    if (title !== 'at the wait limit') queueMicrotask(() => void inner.offer('f:a', expired));
    await turn();
    await first.call.delete(['a']);
    const joined = second.call('a');
    await turn();
    answer.resolve();
    expect(await waits).toBe('v1');
    await turn();
    second.source.answer('v2');
    expect(await joined).toBe('v2');
  });
});

describe('an entry whose write failed', () => {
  it('answers nobody who joined its load after that had begun', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), { offer: 'fail' }, clock);
    const member = memberOver(storage, clock);
    const led = member.call('a');
    await turn();
    const joined = member.call('a');
    await turn();
    member.source.answer('first');
    expect(await led).toBe('first');
    await turn();
    member.source.answer('second');
    expect(await joined).toBe('second');
  });
});

describe('an entry that the storage does not want', () => {
  it('answers all who joined: the lease was held up to the end', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), { offer: { answer: 'declined' } }, clock);
    const member = memberOver(storage, clock);
    const led = member.call('a');
    await turn();
    const joined = member.call('a');
    await turn();
    member.source.answer('too large');
    expect(await Promise.all([led, joined])).toEqual(['too large', 'too large']);
    expect(member.events.at(-1)).toMatchObject({ type: 'declined', why: 'storage' });
  });
});

describe('a write without a lease that lands late', () => {
  function writing() {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const { storage, hold } = connectionTo(inner, clock, 'offer');
    const member = memberOver(storage, clock, { coordination: 'none' });
    return { inner, member, hold };
  }

  it('does not outlive a set', async () => {
    const { inner, member, hold } = writing();
    const landed = hold();
    const led = member.call('a');
    await turn();
    member.source.answer('loaded');
    await turn();
    const setting = member.call.set(['a'], 'set');
    await turn();
    landed.resolve();
    await setting;
    await led;
    expect(await inner.get('f:a')).toMatchObject({ value: 'set' });
  });

  it('does not outlive a clear', async () => {
    const { inner, member, hold } = writing();
    const landed = hold();
    const led = member.call('a');
    await turn();
    member.source.answer('loaded');
    await turn();
    const clearing = member.call.clear();
    await turn();
    landed.resolve();
    await clearing;
    await led;
    expect(await inner.get('f:a')).toBe(undefined);
  });
});

describe('a delete that was not confirmed', () => {
  it("hides the entry also from those who would take a stale one (onWaitLimit 'stale')", async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, { invalidate: 'fail' }, clock);
    const member = memberOver(storage, clock, { waitLimit: '1 second', onWaitLimit: 'stale' });
    await inner.offer('f:a', entryOf('old'));
    inner.lease('f:a', { holder: other, seen: 'any', time: 60_000 });
    await member.call.delete(['a']).catch(() => undefined);
    const called = member.call('a');
    await clock.advance('1 second');
    member.source.answer('computed');
    expect(await called).toBe('computed');
  });

  it('makes nothing absent where the storage lacks the ability', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    Object.assign(storage, { clear: undefined, entries: undefined });
    const member = memberOver(storage, clock);
    await member.call.set(['a'], 'set');
    await expect(member.call.clear()).rejects.toMatchObject({ code: 'MISSING_ABILITY' });
    expect(await member.call.exists(['a'])).toBe(true);
  });
});

describe('a lock', () => {
  it('is let go where the election after it fails', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const lease = storage.lease('f:a', { holder: other, seen: undefined, time: 60_000 });
    if (lease.state === 'granted') await lease.lease.giveBack({ failures: 1, milliseconds: 60_000 });
    const log: string[] = [];
    const member = memberOver(storage, clock, { lock: free(log) });
    await expect(member.call('a')).rejects.toMatchObject({ cause: { code: 'RECENTLY_FAILED' } });
    expect(log).toEqual(['released']);
  });

  it('of the storage is asked for only where the storage grants no leases', async () => {
    for (const [grants, expected] of [
      [true, []],
      [false, ['f:a']],
    ] as const) {
      const clock = new ManualClock();
      const storage = new SharedStorage({ clock });
      const asked: string[] = [];
      const lock = (key: string): Lock => {
        asked.push(key);
        return free();
      };
      Object.assign(storage, { lock, ...(!grants && { lease: undefined }) });
      const member = memberOver(storage, clock);
      const called = member.call('a');
      await turn();
      member.source.answer('value');
      await called;
      expect(asked).toEqual(expected);
    }
  });
});

describe('a lease', () => {
  it('is renewed again after a renewal has failed', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, { renew: 'fail' }, clock);
    const [first, second] = [memberOver(storage, clock), memberOver(inner, clock)];
    const led = first.call('a');
    await clock.advance('1500 milliseconds');
    storage.plan = {};
    void second.call('a');
    await clock.advance('10 seconds');
    expect(second.source.calls.length).toBe(0);
    expect(first.events).toContainEqual(expect.objectContaining({ type: 'storage-failed', operation: 'renew' }));
    first.source.answer('value');
    expect(await led).toBe('value');
  });

  it('is not offered under while it is being renewed', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), { renew: { delay: '400 milliseconds' } }, clock);
    const member = memberOver(storage, clock);
    const led = member.call('a');
    await clock.advance('1100 milliseconds');
    member.source.answer('value');
    await turn();
    expect(storage.calls('offer')).toBe(0);
    await clock.advance('300 milliseconds');
    expect(await led).toBe('value');
    expect(storage.calls('offer')).toBe(1);
  });

  it('is asked for by another holder after a clear', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const holders: string[] = [];
    const lease = storage.lease.bind(storage);
    storage.lease = (key, request): LeaseAnswer => {
      holders.push(request.holder);
      return lease(key, request);
    };
    const member = memberOver(storage, clock);
    void member.call('a');
    await turn();
    await member.call.clear();
    void member.call('a');
    await turn();
    expect(new Set(holders).size).toBe(2);
  });

  it('leaves no watch that is not stopped', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const lease = storage.lease.bind(storage);
    let [watches, stops] = [0, 0];
    storage.lease = (key, request): LeaseAnswer => {
      const answer = lease(key, request);
      if (answer.state !== 'held') return answer;
      watches++;
      return { ...answer, watch: { changed: answer.watch!.changed, stop: () => stops++ } };
    };
    const [first, second] = [memberOver(storage, clock), memberOver(storage, clock)];
    const calls = [first.call('a'), second.call('a')];
    await clock.advance('10 seconds');
    first.source.answer('value');
    await Promise.all(calls);
    expect(watches).toBeGreaterThan(5);
    expect(stops).toBe(watches);
  });
});

describe('a rest', () => {
  it('is over when a load was kept', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const [first, second] = [memberOver(storage, clock), memberOver(storage, clock)];
    const failing = first.call('a').catch(() => undefined);
    await turn();
    first.source.fail(new Error('down'));
    await failing;
    const refreshed = first.call.refresh('a');
    await turn();
    first.source.answer('up');
    await refreshed;
    await second.call.delete(['a']);
    const called = first.call('a');
    await turn();
    first.source.answer('still up');
    expect(await called).toBe('still up');
  });
});

describe('a read that is overtaken', () => {
  it('by a publish or a set is asked again, where the storage grants no leases (M48)', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    Object.assign(inner, { lease: undefined });
    const { storage, hold } = connectionTo(inner, clock, 'get');
    const member = memberOver(storage, clock);
    for (const key of ['loaded', 'set']) {
      const answer = hold();
      const reading = member.call(key);
      await turn();
      const write: Promise<OfferResult | void> = member.call.set([key], 'there');
      await turn();
      answer.resolve();
      await write;
      expect(await reading).toBe('there');
    }
    expect(member.source.calls.length).toBe(0);
  });
});
