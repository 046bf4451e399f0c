import {
  CachedMethodFailedError,
  LocalInMemoryCacheStorage,
  RecentlyFailedError,
  WaitLimitError,
  type CacheEntry,
  type CacheStorage,
  type Lock,
  type MemoizeOptions,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { memberOver, type Member } from '../support/fleet.js';

/** A storage in memory of which other processes may have entries, so that what holds for a fleet holds for it. */
class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

interface Fleet {
  readonly clock: ManualClock;
  readonly storage: CacheStorage;
  readonly first: Member;
  readonly second: Member;
}

function fleet(options: MemoizeOptions = {}): Fleet {
  const clock = new ManualClock(1_000_000);
  const storage = new SharedStorage({ clock });
  return { clock, storage, first: memberOver(storage, clock, options), second: memberOver(storage, clock, options) };
}

describe('a cold key', () => {
  it('is loaded once, however many processes and callers ask', async () => {
    const { first, second } = fleet();
    const calls = [first.call('a'), first.call('a'), second.call('a'), second.call('a')];
    await turn();
    expect([first.source.calls.length, second.source.calls.length]).toEqual([1, 0]);
    first.source.answer('one');
    expect(await Promise.all(calls)).toEqual(['one', 'one', 'one', 'one']);
    expect(second.source.calls).toEqual([]);
    expect(second.types()).toEqual(['join', 'waiting', 'join']);
    expect(first.call.cacheInfo()).toMatchObject({ misses: 1, joins: 1, loads: 1 });
    expect(second.call.cacheInfo()).toMatchObject({ misses: 0, joins: 2, loads: 0 });
  });

  it('is loaded by another process as soon as a load was given up, and not before', async () => {
    const { first, second } = fleet();
    const leaving = new AbortController();
    const left = first.call.with({ signal: leaving.signal })('a');
    await turn();
    const waiting = second.call('a');
    await turn();
    expect(second.source.calls.length).toBe(0);
    leaving.abort(new Error('no more'));
    await expect(left).rejects.toThrow('no more');
    await turn();
    expect(second.source.calls.length).toBe(1);
    second.source.answer('two');
    expect(await waiting).toBe('two');
  });

  it('is loaded by another process when the holder died, once its lease has ended', async () => {
    const { clock, storage, second } = fleet({ leaseTime: '3 seconds' });
    await storage.lease!('f:a', { holder: '0'.repeat(19) + '1', seen: undefined, time: 3_000 });
    const waiting = second.call('a');
    await clock.advance(2_999);
    expect(second.source.calls.length).toBe(0);
    await clock.advance(50);
    expect(second.source.calls.length).toBe(1);
    second.source.answer('two');
    expect(await waiting).toBe('two');
  });

  it('stays with a holder that goes on loading for longer than a lease', async () => {
    const { clock, first, second } = fleet({ leaseTime: '3 seconds' });
    const calls = [first.call('a'), second.call('a')];
    await clock.advance('1 minute');
    expect(second.source.calls.length).toBe(0);
    first.source.answer('late');
    expect(await Promise.all(calls)).toEqual(['late', 'late']);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a storage that fails while another process loads', () => {
  function waiting() {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const connection = new ChaosStorage(inner, {}, clock);
    const first = memberOver(inner, clock, { leaseTime: '3 seconds' });
    const second = memberOver(connection, clock, { leaseTime: '3 seconds' });
    return { clock, inner, connection, first, second };
  }

  it('and is back soon makes no second load', async () => {
    const { clock, connection, first, second } = waiting();
    const led = first.call('a');
    const waits = second.call('a');
    await turn();
    connection.plan = { lease: 'fail' };
    await clock.advance('1500 milliseconds');
    connection.plan = {};
    first.source.answer('one');
    await clock.advance('2 seconds');
    expect(await Promise.all([led, waits])).toEqual(['one', 'one']);
    expect(second.source.calls.length).toBe(0);
  });

  it('asks as another holder then: what a question that was given up still brings is given back', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const holders: string[] = [];
    const connection = new ChaosStorage(inner, {}, clock);
    const lease = connection.lease!;
    Object.assign(connection, {
      lease: (...args: Parameters<typeof lease>) => {
        holders.push(args[1].holder);
        return lease(...args);
      },
    });
    const [first, second] = [memberOver(inner, clock), memberOver(connection, clock)];
    void first.call('a');
    void second.call('a');
    await clock.advance('1500 milliseconds');
    expect(new Set(holders).size).toBe(1);
    connection.plan = { lease: 'fail' };
    await clock.advance('1 second');
    connection.plan = {};
    const failed = holders.length;
    await clock.advance('2 seconds');
    expect(new Set(holders).size).toBeGreaterThan(1);
    expect(holders.slice(0, failed)).not.toContain(holders.at(-1));
  });

  it('makes one when the lease must be over, and keeps nothing of it', async () => {
    const { clock, inner, connection, first, second } = waiting();
    void first.call('a');
    const waits = second.call('a');
    await turn();
    connection.plan = { lease: 'fail' };
    await clock.advance('4 seconds');
    second.source.answer('mine');
    expect(await waits).toBe('mine');
    expect(await inner.get('f:a')).toBe(undefined);
  });

  it('and has forgotten everything makes one that is kept', async () => {
    const { clock, inner, connection, first, second } = waiting();
    const led = first.call('a');
    const waits = second.call('a');
    await turn();
    connection.plan = { lease: 'fail' };
    await inner.clear('');
    await clock.advance('1 second');
    connection.plan = {};
    await clock.advance('1 second');
    second.source.answer('again');
    first.source.answer('forgotten');
    expect(await Promise.all([led, waits])).toEqual(['forgotten', 'again']);
    expect(await first.call('a')).toBe('again');
  });
});

describe('an entry that is due for refreshing', () => {
  const lives = { updateAfter: '1 minute', expireAfter: '10 minutes' } as const;

  it('is refreshed by one process, and the others have the new one when it is there', async () => {
    const { clock, first, second } = fleet(lives);
    const warm = first.call('a');
    await turn();
    first.source.answer('old');
    expect([await warm, await second.call('a')]).toEqual(['old', 'old']);

    await clock.advance('1 minute');
    expect([await first.call('a'), await second.call('a')]).toEqual(['old', 'old']);
    await turn();
    expect([first.source.calls.length, second.source.calls.length]).toEqual([2, 0]);
    first.source.answer('new');
    await turn();
    expect([await first.call('a'), await second.call('a')]).toEqual(['new', 'new']);
    expect(second.source.calls.length).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is refreshed by another process when the first one dies', async () => {
    const { clock, storage, second } = fleet({ ...lives, leaseTime: '3 seconds' });
    const entry: CacheEntry = { value: 'old', created: 0, updateAfter: 0, expiresAfter: Infinity };
    await storage.offer('f:a', entry);
    await storage.lease!('f:a', { holder: '0'.repeat(19) + '1', seen: entry, time: 3_000 });
    expect(await second.call('a')).toBe('old');
    await clock.advance('4 seconds');
    expect(second.source.calls.length).toBe(1);
  });
});

describe('a load that is overtaken by an invalidation in another process', () => {
  for (const [title, overtake] of [
    ['delete', (member: Member) => member.call.delete(['a'])],
    ['clear', (member: Member) => member.call.clear()],
    ['set', (member: Member) => member.call.set(['a'], 'set')],
  ] as const) {
    it(`(${title}) answers who led it, is not kept, and those who joined look again`, async () => {
      const { first, second } = fleet();
      const led = first.call('a');
      await turn();
      const joined = first.call('a');
      await turn();
      await overtake(second);
      first.source.answer('too old');
      expect(await led).toBe('too old');
      await turn();
      if (title === 'set') {
        expect(await joined).toBe('set');
      } else {
        first.source.answer('after');
        expect(await joined).toBe('after');
      }
      expect(await second.call('a')).toBe(title === 'set' ? 'set' : 'after');
      expect(first.types()).toContain('declined');
      expect(first.events.find(({ type }) => type === 'declined')).toMatchObject({ why: 'lost' });
      expect(first.call.cacheInfo()).toMatchObject({ misses: 1, joins: 1 });
    });
  }

  it('never answers a caller who came when the entry had been sent off already', async () => {
    const clock = new ManualClock();
    const inner = new SharedStorage({ clock });
    const sent = deferred<void>();
    const late: CacheStorage = Object.assign(new ChaosStorage(inner), {
      offer: async (...args: Parameters<CacheStorage['offer']>) => {
        const result = await inner.offer(...args);
        await sent.promise;
        return result;
      },
    });
    const first = memberOver(late, clock);
    const second = memberOver(inner, clock);
    const led = first.call('a');
    await turn();
    const early = first.call('a');
    await turn();
    first.source.answer('stored');
    await turn();
    await second.call.delete(['a']);
    const joined = first.call('a');
    await turn();
    sent.resolve();
    expect([await led, await early]).toEqual(['stored', 'stored']);
    await turn();
    first.source.answer('after');
    expect(await joined).toBe('after');
  });

  it('of which those who joined later have joined one that began after them is enough', async () => {
    const { first, second } = fleet();
    const led = first.call('a');
    await turn();
    const joined = [first.call('a'), first.call('a')];
    await turn();
    await second.call.delete(['a']);
    first.source.answer('first');
    await led;
    await turn();
    await second.call.delete(['a']);
    first.source.answer('second');
    expect(await Promise.all(joined)).toEqual(['second', 'second']);
    expect(first.source.calls.length).toBe(2);
  });
});

describe('a load without a lease', () => {
  function failing(options: MemoizeOptions = {}) {
    const clock = new ManualClock();
    const storage = new ChaosStorage(new SharedStorage({ clock }), { lease: 'fail' }, clock);
    return { clock, storage, member: memberOver(storage, clock, options) };
  }

  it('answers its caller and is not kept', async () => {
    const { storage, member } = failing();
    const called = member.call('a');
    await turn();
    member.source.answer('answered');
    expect(await called).toBe('answered');
    expect(await storage.get('f:a')).toBe(undefined);
    expect(member.types()).toEqual(['storage-failed', 'miss', 'load-started', 'load-ended', 'declined']);
    expect(member.events.at(-1)).toMatchObject({ why: 'unled' });
  });

  it('answers nobody who joined it: they share the next one, which begins after them', async () => {
    const { member } = failing();
    const led = member.call('a');
    await turn();
    const joined = [member.call('a'), member.call('a'), member.call('a')];
    await turn();
    member.source.answer('first');
    expect(await led).toBe('first');
    await turn();
    expect(member.source.calls.length).toBe(2);
    member.source.answer('second');
    expect(await Promise.all(joined)).toEqual(['second', 'second', 'second']);
    expect(member.call.cacheInfo()).toMatchObject({ misses: 1, joins: 3, hits: 0 });
  });

  it('is none where a lost lease was granted too late: it is given back', async () => {
    const clock = new ManualClock();
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, { lease: { delay: '2 seconds' } }, clock);
    Object.assign(storage, { deadline: 500 });
    const first = memberOver(storage, clock);
    const second = memberOver(inner, clock);
    const called = first.call('a');
    await clock.advance(600);
    first.source.answer('unled');
    expect(await called).toBe('unled');
    await clock.advance('2 seconds');
    void second.call('a');
    await turn();
    expect(second.source.calls.length).toBe(1);
  });
});

describe('a failing source', () => {
  it('is left alone by the fleet for a while, longer with each failure in a row', async () => {
    const { clock, first, second } = fleet({ leaseTime: '3.2 seconds' });
    const failing = first.call('a');
    const waiting = second.call('a');
    await turn();
    first.source.fail(new Error('down'));
    await expect(failing).rejects.toMatchObject({ cause: new Error('down') });
    const outcome = await waiting.catch((error: unknown) => error);
    expect(CachedMethodFailedError.isInstance(outcome) && RecentlyFailedError.isInstance(outcome.cause)).toBe(true);
    for (const member of [first, second, first, second]) {
      await expect(member.call('a')).rejects.toMatchObject({
        message:
          'The cached function failed for key "f:a": The last load of key "f:a" failed, here or in another ' +
          'process; it is tried again in 100 ms. What went wrong is told where it was loaded.',
      });
    }
    expect(first.source.calls.length + second.source.calls.length).toBe(1);

    await clock.advance(100);
    const again = second.call('a');
    await turn();
    second.source.fail(new Error('down'));
    await expect(again).rejects.toMatchObject({ cause: new Error('down') });
    await clock.advance(199);
    await expect(first.call('a')).rejects.toMatchObject({
      cause: { code: 'RECENTLY_FAILED', context: { failures: 2 } },
    });
    await clock.advance(1);
    const third = first.call('a');
    await turn();
    first.source.answer('up again');
    expect(await third).toBe('up again');
  });

  it('is not asked again for each stale hit, and its old entry is served', async () => {
    const { clock, first, second } = fleet({
      updateAfter: '1 minute',
      expireAfter: '10 minutes',
      leaseTime: '3.2 seconds',
    });
    const warm = first.call('a');
    await turn();
    first.source.answer('old');
    await warm;
    await clock.advance('1 minute');
    await first.call('a');
    await turn();
    first.source.fail(new Error('down'));
    await turn();
    for (let hits = 0; hits < 10; hits++) {
      expect([await first.call('a'), await second.call('a')]).toEqual(['old', 'old']);
      await turn();
    }
    expect([first.source.calls.length, second.source.calls.length]).toEqual([2, 0]);
    await clock.advance(100);
    await second.call('a');
    await turn();
    expect(second.source.calls.length).toBe(1);
  });

  it('is tried at once by a forced refresh, and after a delete', async () => {
    const { first } = fleet();
    const failing = first.call('a');
    await turn();
    first.source.fail(new Error('down'));
    await failing.catch(() => undefined);
    const forced = first.call.refresh('a');
    await turn();
    first.source.fail(new Error('down'));
    await forced.catch(() => undefined);
    await first.call.delete(['a']);
    const after = first.call('a');
    await turn();
    first.source.answer('up');
    expect(await after).toBe('up');
  });

  it('is tried by every call where nobody shares the storage (M45)', async () => {
    const clock = new ManualClock();
    const member = memberOver(new LocalInMemoryCacheStorage({ clock }), clock);
    for (let calls = 1; calls <= 3; calls++) {
      const called = member.call('a');
      await turn();
      member.source.fail(new Error('down'));
      await expect(called).rejects.toMatchObject({ cause: new Error('down') });
    }
    expect(member.source.calls.length).toBe(3);
  });
});

describe('the wait limit', () => {
  const limited = (onWaitLimit: 'compute' | 'throw' | 'stale') => fleet({ waitLimit: '1 second', onWaitLimit });

  it("'compute': loads as well, answers, and keeps nothing", async () => {
    const { clock, storage, first, second } = limited('compute');
    void first.call('a');
    const waiting = second.call('a');
    await clock.advance(999);
    expect(second.source.calls.length).toBe(0);
    await clock.advance(1);
    second.source.answer('mine');
    expect(await waiting).toBe('mine');
    expect(await storage.get('f:a')).toBe(undefined);
  });

  it("'throw': fails", async () => {
    const { clock, first, second } = limited('throw');
    void first.call('a');
    const failed = second.call('a').catch((error: unknown) => error);
    await clock.advance(1_000);
    const error = await failed;
    expect(error).toMatchObject({
      message:
        'The cached function failed for key "f:a": Another process has been loading key "f:a" for longer than ' +
        `the 1000 ms that this call may wait. Raise the option 'waitLimit', or choose another 'onWaitLimit'.`,
    });
    expect(WaitLimitError.isInstance((error as Error).cause)).toBe(true);
  });

  it("'stale': answers with the expired entry if it is still there, else loads", async () => {
    const { clock, storage, first, second } = limited('stale');
    await storage.offer('f:a', { value: 'expired', created: 0, updateAfter: 1, expiresAfter: 1 });
    void first.call('a');
    const waiting = second.call('a');
    await clock.advance(1_000);
    expect(await waiting).toBe('expired');

    void first.call('b');
    const computed = second.call('b');
    await clock.advance(1_000);
    second.source.answer('mine');
    expect(await computed).toBe('mine');
  });

  it('0 does not wait at all', async () => {
    const { first, second } = fleet({ waitLimit: 0 });
    void first.call('a');
    const computed = second.call('a');
    await turn();
    second.source.answer('mine');
    expect(await computed).toBe('mine');
  });

  it('is measured by a clock that nobody can set', async () => {
    const { clock, first, second } = limited('compute');
    void first.call('a');
    void second.call('a');
    await turn();
    clock.set(clock.now() + 600_000);
    await clock.advance(999);
    expect(second.source.calls.length).toBe(0);
    clock.set(clock.now() - 1_200_000);
    await clock.advance(1);
    expect(second.source.calls.length).toBe(1);
  });
});

describe('a forced refresh', () => {
  it('waits for the load of another process to end, and begins one of its own', async () => {
    const { first, second } = fleet();
    const led = first.call('a');
    await turn();
    const refreshed = second.call.refresh('a');
    await turn();
    expect(second.source.calls.length).toBe(0);
    first.source.answer('before');
    await led;
    await turn();
    expect(second.source.calls.length).toBe(1);
    second.source.answer('after');
    expect(await refreshed).toBe('after');
    expect(await first.call('a')).toBe('after');
  });

  it('asked for while another one loads shares the next, also where that waits for a lease', async () => {
    const { first, second } = fleet();
    const one = first.call.refresh('a');
    await turn();
    const two = first.call.refresh('a');
    await turn();
    const three = first.call.refresh('a');
    void second;
    first.source.answer('1');
    expect(await one).toBe('1');
    await turn();
    const four = first.call.refresh('a');
    await turn();
    first.source.answer('2');
    expect(await Promise.all([two, three])).toEqual(['2', '2']);
    await turn();
    first.source.answer('3');
    expect(await four).toBe('3');
  });
});

describe("coordination 'none'", () => {
  it('lets every process load for itself', async () => {
    const { first, second } = fleet({ coordination: 'none' });
    const calls = [first.call('a'), second.call('a')];
    await turn();
    first.source.answer('one');
    second.source.answer('two');
    expect(await Promise.all(calls)).toEqual(['one', 'two']);
  });
});

/** A lock in this process. */
class TestLock implements Lock {
  holder: TestLock | undefined;
  readonly #shared: { holder: TestLock | undefined };
  readonly log: string[];

  constructor(shared: { holder: TestLock | undefined }, log: string[]) {
    this.#shared = shared;
    this.log = log;
  }

  acquire(): Promise<boolean> {
    if (this.#shared.holder !== undefined) return Promise.resolve(false);
    this.#shared.holder = this;
    this.log.push('acquired');
    return Promise.resolve(true);
  }

  release(): Promise<void> {
    if (this.#shared.holder === this) this.#shared.holder = undefined;
    this.log.push('released');
    return Promise.resolve();
  }
}

describe('a lock of the user', () => {
  it('decides who loads; the lease stays the fence; it is let go when all is written', async () => {
    const shared = { holder: undefined };
    const log: string[] = [];
    const clock = new ManualClock();
    const storage = new SharedStorage({ clock });
    const offer = storage.offer.bind(storage);
    storage.offer = (key, entry, lease) => {
      log.push(lease === undefined ? 'offered' : 'offered under a lease');
      return offer(key, entry, lease);
    };
    const lock = (key: string): Lock => {
      log.push(key);
      return new TestLock(shared, log);
    };
    const first = memberOver(storage, clock, { lock });
    const second = memberOver(storage, clock, { lock, waitLimit: 0 });
    const led = first.call('a');
    await turn();
    const computed = second.call('a');
    await turn();
    second.source.answer('not kept');
    expect(await computed).toBe('not kept');
    first.source.answer('kept');
    expect(await led).toBe('kept');
    expect(await second.call('a')).toBe('kept');
    expect(log).toEqual(['f:a', 'acquired', 'f:a', 'offered under a lease', 'released']);
  });

  it('is let go after a failed load, and where the entry was there when it was had', async () => {
    const shared = { holder: undefined };
    const log: string[] = [];
    const clock = new ManualClock();
    const storage = new SharedStorage({ clock });
    const entered = deferred<boolean>();
    const slow: Lock = { acquire: () => entered.promise, release: () => Promise.resolve(void log.push('released')) };
    const member = memberOver(storage, clock, { lock: () => slow });
    const called = member.call('a');
    await turn();
    await storage.offer('f:a', { value: 'there', created: 1, updateAfter: Infinity, expiresAfter: Infinity });
    entered.resolve(true);
    expect(await called).toBe('there');
    expect(log).toEqual(['released']);

    const failing = memberOver(new SharedStorage({ clock }), clock, { lock: () => new TestLock(shared, log) });
    const failed = failing.call('a');
    await turn();
    failing.source.fail(new Error('down'));
    await expect(failed).rejects.toMatchObject({ cause: new Error('down') });
    expect(log).toEqual(['released', 'acquired', 'released']);
  });

  it.each<[string, (key: string) => Lock]>([
    [
      'cannot be made',
      () => {
        throw new Error('no lock');
      },
    ],
    ['cannot be acquired', () => ({ acquire: () => Promise.reject(new Error('no lock')), release: async () => {} })],
    [
      'throws',
      () => ({
        acquire: () => {
          throw new Error('no lock');
        },
        release: async () => {},
      }),
    ],
  ])('that %s is an event, and the lease decides', async (_title, lock) => {
    const clock = new ManualClock();
    const storage = new SharedStorage({ clock });
    const member = memberOver(storage, clock, { lock });
    const called = member.call('a');
    await turn();
    member.source.answer('kept');
    expect(await called).toBe('kept');
    expect(await storage.get('f:a')).toMatchObject({ value: 'kept' });
    expect(member.events[0]).toMatchObject({ type: 'policy-failed', policy: 'lock' });
  });

  it('that never answers is given up, and let go when it is had too late', async () => {
    const clock = new ManualClock();
    const entered = deferred<boolean>();
    const log: string[] = [];
    const lock: Lock = { acquire: () => entered.promise, release: () => Promise.resolve(void log.push('released')) };
    const member = memberOver(new SharedStorage({ clock }), clock, { lock: () => lock, waitLimit: '1 second' });
    const called = member.call('a');
    await clock.advance('2 seconds');
    member.source.answer('loaded');
    expect(await called).toBe('loaded');
    entered.resolve(true);
    await turn();
    expect(log).toEqual(['released']);
  });
});
