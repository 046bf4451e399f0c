import {
  CachedMethodFailedError,
  type CacheEvent,
  InMemoryUpdateStatuses,
  LoadAbandonedError,
  loadSignal,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  RecentlyFailedError,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seededRandom } from './entry/seeded-random.js';
import { turn } from './support/deferred.js';
import { type Door, doors, subjectAt } from './support/doors.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

const down = new Error('down');
const causeOf = (error: unknown): unknown => (error as Error).cause;

const retriesIn = (events: readonly CacheEvent[]) => events.filter((event) => event.type === 'retry');

afterEach(() => void vi.restoreAllMocks());

describe.each<Door>(doors)('retry, by %s', (door) => {
  it('calls the function as often again as it says, and then fails (aquiche Q27, test_retry_cache)', async () => {
    const { source, failure, info, events, types } = subjectAt(door, { retry: 3 });
    source.failure = down;
    const error = await failure();
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    expect(causeOf(error)).toBe(down);
    expect(source.calls).toBe(4);
    expect(info()).toMatchObject({ misses: 1, loads: 1, retries: 3, failures: 1 });
    expect(types()).toEqual(['miss', 'load-started', 'retry', 'retry', 'retry', 'load-failed']);
    expect(retriesIn(events).map(({ attempt, delay, error: thrown }) => [attempt, delay, thrown])).toEqual([
      [1, 0, down],
      [2, 0, down],
      [3, 0, down],
    ]);
  });

  it('keeps what the first attempt gives that goes well', async () => {
    const { source, ask, info, clock } = subjectAt(door, { retry: 3 });
    source.before = () => (source.failure = source.calls < 3 ? down : undefined);
    expect([await ask(), await ask()]).toEqual(['value 3', 'value 3']);
    expect(info()).toMatchObject({ hits: 1, misses: 1, loads: 1, retries: 2, failures: 0 });
    await turn();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is made once for all who ask meanwhile, and they fail with the same cause', async () => {
    const { source, failure, info } = subjectAt(door, { retry: 2 });
    source.failure = down;
    const errors = await Promise.all([failure(), failure(), failure()]);
    expect(errors.map(causeOf)).toEqual([down, down, down]);
    expect(source.calls).toBe(3);
    expect(info()).toMatchObject({ misses: 1, joins: 2, retries: 2, failures: 1 });
  });

  it('waits for what is drawn at random, twice as long each time, and no longer than the cap', async () => {
    const random = seededRandom(42);
    const drawn = [100, 200, 400, 500, 500].map((most) => Math.ceil(random() * most));
    const { source, ask, clock, events } = subjectAt(door, { retry: { count: 5, backoff: 100, cap: 500 } });
    vi.spyOn(Math, 'random').mockImplementation(seededRandom(42));
    source.failure = down;
    const asking = ask().catch(causeOf);
    await turn();
    for (const [index, delay] of drawn.entries()) {
      await clock.advance(delay - 1);
      expect(source.calls).toBe(index + 1);
      await clock.advance(1);
      expect(source.calls).toBe(index + 2);
    }
    expect(await asking).toBe(down);
    expect(retriesIn(events).map(({ delay }) => delay)).toEqual(drawn);
  });

  it('has the time of one load for all attempts', async () => {
    const { source, failure, clock } = subjectAt(door, { retry: 5, timeout: '1 second' });
    source.before = () => new Promise((resolve) => clock.setTimer(() => resolve(undefined), 400));
    source.failure = down;
    const failing = failure();
    await clock.advance('1 second');
    expect(LoadTimeoutError.isInstance(causeOf(await failing))).toBe(true);
    expect(source.calls).toBe(3);
    await clock.advance('1 minute');
    expect([source.calls, clock.pendingTimers]).toEqual([3, 0]);
  });

  it('is given up when everyone has left', async () => {
    const { source, ask, clock, types } = subjectAt(door, { retry: { count: 5, backoff: '10 seconds' } });
    source.failure = down;
    const controller = new AbortController();
    const asking = ask({ signal: controller.signal }).catch((error: unknown) => error);
    await turn();
    expect(source.calls).toBe(1);
    controller.abort(new Error('gone'));
    expect(await asking).toMatchObject({ message: 'gone' });
    await turn();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance('1 minute');
    expect(source.calls).toBe(1);
    expect(types().at(-1)).toBe('load-failed');
  });

  it('asks `when` of each failure', async () => {
    const when = vi.fn((error: unknown, attempt: number) => error === down && attempt < 3);
    const { source, failure } = subjectAt(door, { retry: { count: 9, when } });
    source.failure = down;
    expect(causeOf(await failure())).toBe(down);
    expect(when.mock.calls).toEqual([
      [down, 1],
      [down, 2],
      [down, 3],
    ]);
    expect(source.calls).toBe(3);
  });

  it('is not made where `when` throws, which is an event', async () => {
    const when = (): never => {
      throw new Error('cannot say');
    };
    const { source, failure, events } = subjectAt(door, { retry: { count: 9, when } });
    source.failure = down;
    expect(causeOf(await failure())).toBe(down);
    expect(source.calls).toBe(1);
    const [fault] = events.filter((event) => event.type === 'policy-failed');
    expect(fault).toMatchObject({ policy: 'retry', error: { code: 'POLICY_FAILED' } });
    expect(fault!.error.message).toMatch(/^The policy 'retry' failed at key ".*": cannot say$/);
  });

  it('lets the key rest after a load that failed with all its attempts, twice as long each time', async () => {
    const { source, failure, ask, clock } = subjectAt(door, { retry: 1 });
    source.failure = down;
    await failure();
    expect(source.calls).toBe(2);
    const resting = causeOf(await failure());
    expect(RecentlyFailedError.isInstance(resting)).toBe(true);
    expect((resting as RecentlyFailedError).message).toMatch(
      /^The last load of key ".*" failed, here or in another process; it is tried again in 94 ms\./,
    );
    expect(source.calls).toBe(2);
    await clock.advance(94);
    expect(causeOf(await failure())).toBe(down);
    expect(source.calls).toBe(4);
    await clock.advance(94);
    expect(RecentlyFailedError.isInstance(causeOf(await failure()))).toBe(true);
    await clock.advance(94);
    source.failure = undefined;
    expect(await ask()).toBe('value 5');
  });

  it('leaves no rest behind where it is 0', async () => {
    const { source, failure } = subjectAt(door, { retry: 0 });
    source.failure = down;
    expect([causeOf(await failure()), causeOf(await failure())]).toEqual([down, down]);
    expect(source.calls).toBe(2);
  });

  it('goes past a rest for a forced refresh, and after a delete', async () => {
    const subject = subjectAt(door, { retry: 1 });
    const { source, failure, ask } = subject;
    source.failure = down;
    await failure();
    await subject.delete();
    expect(causeOf(await failure())).toBe(down);
    source.failure = undefined;
    expect(await subject.refresh()).toBe('value 5');
    expect(await ask()).toBe('value 5');
  });

  it('is made behind the caller, too, who is answered at once', async () => {
    const { source, ask, clock, types, info } = subjectAt(door, { retry: 2, updateAfter: 100, expireAfter: 10_000 });
    expect(await ask()).toBe('value 1');
    await clock.advance(100);
    source.failure = down;
    expect(await ask()).toBe('value 1');
    await turn();
    expect(source.calls).toBe(4);
    expect(types().slice(3)).toEqual([
      'stale-served',
      'load-started',
      'retry',
      'retry',
      'load-failed',
      'refresh-failed',
    ]);
    expect(info()).toMatchObject({ refreshFailures: 1, failures: 1, retries: 2 });
    // The next one waits for the rest; the old entry is served on.
    expect(await ask()).toBe('value 1');
    await turn();
    expect(source.calls).toBe(4);
    await clock.advance(94);
    source.failure = undefined;
    expect(await ask()).toBe('value 1');
    await turn();
    expect(await ask()).toBe('value 5');
  });

  it('hands over what the last attempt threw where that is asked for', async () => {
    const { source, failure } = subjectAt(door, { retry: 1, errors: 'original' });
    source.before = () => (source.failure = new Error(`failure ${source.calls}`));
    expect(await failure()).toMatchObject({ message: 'failure 2' });
  });

  it('gives the function one signal for all attempts', async () => {
    const signals: AbortSignal[] = [];
    const { source, ask } = subjectAt(door, { retry: 2 });
    source.before = () => {
      signals.push(loadSignal());
      source.failure = source.calls < 3 ? down : undefined;
    };
    await ask();
    expect([signals.length, new Set(signals).size, signals[0]!.aborted]).toEqual([3, 1, false]);
  });
});

describe('retry between processes', () => {
  it('keeps the lease while it waits, longer than a lease lasts', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    let calls = 0;
    const load = async (): Promise<string> => {
      if (++calls === 1) throw down;
      return `value ${calls}`;
    };
    const [first, second] = [1, 2].map(() =>
      memoize(load, {
        name: 'shared',
        storage,
        clock,
        jitter: 0,
        retry: { count: 3, backoff: '20 seconds' },
        updateStatuses: new InMemoryUpdateStatuses({ lockTimeout: Infinity, clock }),
        onEvent: () => undefined,
      }),
    );
    const asking = first!();
    await clock.advance('10 seconds');
    const waiting = second!();
    await clock.advance('9 seconds');
    expect(calls).toBe(1);
    await clock.advance('2 seconds');
    expect([await asking, await waiting]).toEqual(['value 2', 'value 2']);
    expect(calls).toBe(2);
  });
});

describe('retry of many', () => {
  const memo = (options: object = {}) => {
    const clock = new ManualClock(1_000_000);
    const events: CacheEvent[] = [];
    const storage = new LocalInMemoryCacheStorage({ clock });
    const memoizer = new Memoizer(storage, { clock, retry: 2, onEvent: (event) => events.push(event), ...options });
    return { clock, events, memoizer };
  };

  it('loads those again together that have failed, and no others', async () => {
    const asked: (readonly string[])[] = [];
    const { memoizer, events } = memo();
    const loadMany = (keys: readonly string[]): (string | Error)[] => {
      asked.push(keys);
      return keys.map((key) => (key === 'b' || asked.length > 1 ? `value of ${key}` : new Error(`no ${key}`)));
    };
    const values = await memoizer.getMany(['a', 'b', 'c'], loadMany);
    expect([...values]).toEqual(['a', 'b', 'c'].map((key) => [key, `value of ${key}`]));
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
    expect(retriesIn(events)).toHaveLength(2);
  });

  it('leaves out in the end what has failed by itself, and is not made for what has no value', async () => {
    const asked: (readonly string[])[] = [];
    const { memoizer } = memo();
    const values = await memoizer.getMany(['a', 'b', 'c'], (keys) => {
      asked.push(keys);
      return new Map<string, string | Error>(
        keys.flatMap((key) => (key === 'a' ? [] : [[key, key === 'b' ? down : key]])),
      );
    });
    expect([...values]).toEqual([['c', 'c']]);
    expect(asked).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  it('waits once for all of them, as long as the first of them would', async () => {
    const random = seededRandom(9);
    const asked: (readonly string[])[] = [];
    const { memoizer, events, clock } = memo({ retry: { count: 2, backoff: '1 second' } });
    await memoizer.get('other', () => 'value');
    vi.spyOn(Math, 'random').mockImplementation(seededRandom(9));
    const loading = memoizer.getMany(['a', 'b', 'c'], (keys) => {
      asked.push(keys);
      return keys.map((key) => (key === 'b' || asked.length === 3 ? `value of ${key}` : down));
    });
    const first = Math.ceil(random() * 1_000);
    await clock.advance(first - 1);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked).toEqual([
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
    await clock.advance('2 seconds');
    expect([...(await loading)]).toEqual(['a', 'b', 'c'].map((key) => [key, `value of ${key}`]));
    expect(asked).toHaveLength(3);
    const waits = retriesIn(events).map(({ attempt, delay }) => [attempt, delay]);
    expect(waits.slice(0, 2)).toEqual([
      [1, first],
      [1, first],
    ]);
    await turn();
    expect(clock.pendingTimers).toBe(clock.pendingBackgroundTimers);
  });

  it('keeps no process alive for keys that are refreshed behind the caller', async () => {
    const { memoizer, clock } = memo({
      retry: { count: 2, backoff: '1 second' },
      updateAfter: '1 minute',
      expireAfter: '1 hour',
    });
    await memoizer.getMany(['a', 'b'], (keys) => keys);
    await clock.advance('1 minute');
    const asked: (readonly string[])[] = [];
    const answer = await memoizer.getMany(['a', 'b'], (keys) => {
      asked.push(keys);
      return keys.map(() => down);
    });
    expect([...answer.keys()]).toEqual(['a', 'b']);
    await turn();
    expect(asked).toEqual([['a', 'b']]);
    expect(clock.pendingTimers).toBeGreaterThan(0);
    expect(clock.pendingTimers).toBe(clock.pendingBackgroundTimers);
    await clock.advance('3 seconds');
    expect(asked).toEqual(Array.from({ length: 3 }, () => ['a', 'b']));
  });

  it('lets no key rest for what was said of it alone', async () => {
    const { memoizer } = memo();
    let calls = 0;
    const loadMany = (keys: readonly string[]): readonly Error[] => {
      calls++;
      return keys.map(() => down);
    };
    expect([...(await memoizer.getMany(['a'], loadMany))]).toEqual([]);
    expect([...(await memoizer.getMany(['a'], loadMany))]).toEqual([]);
    expect(calls).toBe(6);
  });

  it('fails for all keys when the load itself fails with all attempts', async () => {
    let calls = 0;
    const { memoizer } = memo();
    const loading = memoizer.getMany(['a', 'b'], async () => {
      calls++;
      throw down;
    });
    await expect(loading).rejects.toMatchObject({ cause: down });
    expect(calls).toBe(3);
  });
});

describe('a leader that is given up (aquiche Q28)', () => {
  it.each<Door>(doors)('wedges nobody, by %s', async (door) => {
    const { source, ask, failure, clock } = subjectAt(door, { retry: 1 });
    let release!: () => void;
    source.before = () => new Promise<void>((resolve) => (release = resolve));
    const [leader, follower] = [new AbortController(), new AbortController()];
    const leading = failure({ signal: leader.signal });
    const following = failure({ signal: follower.signal });
    await turn();
    leader.abort(new Error('the leader has gone'));
    expect(await leading).toMatchObject({ message: 'the leader has gone' });
    expect(source.calls).toBe(1);
    follower.abort(new Error('the follower has gone'));
    expect(await following).toMatchObject({ message: 'the follower has gone' });
    source.before = () => undefined;
    expect(await ask()).toBe('value 2');
    release();
    await turn();
    expect([await ask(), clock.pendingTimers]).toEqual(['value 2', 0]);
  });

  it.each<Door>(doors)('goes on for those who wait, by %s', async (door) => {
    const { source, ask, failure } = subjectAt(door);
    let release!: () => void;
    source.before = () => new Promise<void>((resolve) => (release = resolve));
    const leader = new AbortController();
    const leading = failure({ signal: leader.signal });
    const following = ask();
    await turn();
    leader.abort(new Error('gone'));
    await leading;
    release();
    expect([await following, source.calls]).toEqual(['value 1', 1]);
  });

  it('aborts the signal of its load', async () => {
    let signal!: AbortSignal;
    const cached = memoize(() => {
      signal = loadSignal();
      return new Promise<never>(() => undefined);
    });
    const controller = new AbortController();
    const calling = cached.with({ signal: controller.signal })();
    await turn();
    controller.abort();
    await expect(calling).rejects.toThrow();
    expect(LoadAbandonedError.isInstance(signal.reason)).toBe(true);
  });
});

describe('the option retry', () => {
  const unhandled: unknown[] = [];
  const hear = (reason: unknown): void => void unhandled.push(reason);
  beforeEach(() => void process.on('unhandledRejection', hear));
  afterEach(() => void process.off('unhandledRejection', hear));

  it('leaves no rejection unhandled, whoever has left', async () => {
    const { source, ask, clock } = subjectAt('memoize', { retry: { count: 3, backoff: 100 }, timeout: 150 });
    source.failure = down;
    const controller = new AbortController();
    void ask({ signal: controller.signal }).catch(() => undefined);
    await turn();
    controller.abort();
    void ask().catch(() => undefined);
    await clock.advance('1 second');
    await turn();
    expect([unhandled, clock.pendingTimers]).toEqual([[], 0]);
  });

  it.each([
    [
      -1,
      "option 'retry' should be a whole number from 0 on, or an object such as { count: 3, backoff: '100 milliseconds' }, got -1.",
    ],
    [{ count: -1 }, "option 'retry.count' should be a whole number from 0 on, got -1."],
    [{ count: 1, cap: 5 }, "option 'retry.cap' should be left out where there is no 'retry.backoff', got 5."],
  ])('is refused when wrapping where it is %o (aquiche Q5)', (retry, message) => {
    expect(() => memoize(async () => 1, { retry })).toThrow(`memoize: ${message}`);
    expect(() => new Memoizer(new LocalInMemoryCacheStorage(), { retry })).toThrow(`new Memoizer: ${message}`);
  });

  it('measures rests by the clock that was given, in the storage that memo makes itself, too', async () => {
    const clock = new ManualClock(1_000_000);
    let fails = true;
    const load = async (): Promise<string> => (fails ? Promise.reject(down) : 'value');
    const cached = memoize(load, { clock, retry: 1 });
    await expect(cached()).rejects.toMatchObject({ cause: down });
    await expect(cached()).rejects.toMatchObject({ cause: { code: 'RECENTLY_FAILED' } });
    fails = false;
    await clock.advance(94);
    expect(await cached()).toBe('value');
  });

  it('leaves the promise to nobody that a `when` gives', async () => {
    const when = (async () => Promise.reject(new Error('cannot say'))) as never;
    const { source, failure } = subjectAt('memoize', { retry: { count: 1, when } });
    source.failure = down;
    await failure();
    await turn();
    expect([unhandled, source.calls]).toEqual([[], 1]);
  });

  it('says nothing where a nearer layer says null', async () => {
    const memoizer = new Memoizer(new LocalInMemoryCacheStorage(), { retry: 3, onEvent: () => undefined });
    let calls = 0;
    const load = async (): Promise<never> => {
      calls++;
      throw down;
    };
    await expect(memoizer.get('a', load, { retry: null })).rejects.toThrow();
    expect(calls).toBe(1);
    await expect(memoizer.get('b', load)).rejects.toThrow();
    expect(calls).toBe(5);
  });
});
