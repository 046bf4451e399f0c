import {
  CachedMethodFailedError,
  type CacheEntry,
  loadSignal,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  type Postprocessing,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { turn } from './support/deferred.js';
import { type Door, doors, subjectAt } from './support/doors.js';
import { slowSource } from './support/source.js';

/** Tells whether anybody has looked at it. */
class ObservedStorage extends LocalInMemoryCacheStorage {
  readonly asked: string[] = [];

  override get(key: string): Promise<CacheEntry | undefined> {
    this.asked.push('get');
    return super.get(key);
  }

  override peek(key: string): CacheEntry | undefined {
    this.asked.push('peek');
    return super.peek(key);
  }

  override lease(...args: Parameters<LocalInMemoryCacheStorage['lease']>) {
    this.asked.push('lease');
    return super.lease(...args);
  }

  override offer(...args: Parameters<LocalInMemoryCacheStorage['offer']>) {
    this.asked.push('offer');
    return super.offer(...args);
  }
}

const down = new Error('down');
const causeOf = (error: unknown): unknown => (error as Error).cause;

describe.each<Door>(doors)('enabled, by %s', (door) => {
  it('is true if nothing is said (aquiche test_enabled)', async () => {
    const { ask, source } = subjectAt(door, { enabled: true });
    expect([await ask(), await ask()]).toEqual(['value 1', 'value 1']);
    expect(source.calls).toBe(1);
  });

  it('where it is false each call goes straight through, and is a miss (aquiche Q4, test_disabled)', async () => {
    const clock = new ManualClock();
    const storage = new ObservedStorage({ clock });
    const { ask, info, types, clock: sameClock } = subjectAt(door, { enabled: false, storage, clock });
    expect([await ask(), await ask(), await ask()]).toEqual(['value 1', 'value 2', 'value 3']);
    expect(info()).toMatchObject({ hits: 0, misses: 3, joins: 0, loads: 3, size: 0 });
    expect(storage.asked).toEqual([]);
    expect(types().slice(0, 3)).toEqual(['miss', 'load-started', 'load-ended']);
    await turn();
    expect(sameClock.pendingTimers).toBe(0);
  });

  it('shares nothing: calls at once are as many loads', async () => {
    const { ask, info } = subjectAt(door, { enabled: false });
    expect(new Set(await Promise.all([ask(), ask(), ask()])).size).toBe(3);
    expect(info()).toMatchObject({ misses: 3, joins: 0 });
  });

  it('is asked at each call where it is a function (mends aquiche Q4)', async () => {
    let enabled = true;
    const { ask, info } = subjectAt(door, { enabled: () => enabled });
    expect([await ask(), await ask()]).toEqual(['value 1', 'value 1']);
    enabled = false;
    expect([await ask(), await ask()]).toEqual(['value 2', 'value 3']);
    enabled = true;
    // What was kept before is there again: nothing was taken away.
    expect(await ask()).toBe('value 1');
    expect(info()).toMatchObject({ hits: 2, misses: 3, size: 1 });
  });

  it('lets nobody join a call that goes straight through', async () => {
    let enabled = false;
    const { ask, source, info } = subjectAt(door, { enabled: () => enabled });
    let release!: () => void;
    source.before = () => new Promise<void>((resolve) => (release = resolve));
    const through = ask();
    await turn();
    enabled = true;
    source.before = () => undefined;
    expect(await ask()).toBe('value 2');
    release();
    expect(await through).toBe('value 1');
    expect([await ask(), info().joins]).toEqual(['value 2', 0]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('cannot say');
      },
      'cannot say',
    ],
    ['answers with something else', () => 'yes', 'enabled: expected true or false from it, at once, got "yes".'],
    [
      'answers later',
      async () => false,
      'enabled: expected true or false from it, at once, got an object of class Promise.',
    ],
  ])('is true where its function %s, which is an event', async (_, enabled, why) => {
    const { ask, events } = subjectAt(door, { enabled: enabled as never });
    expect([await ask(), await ask()]).toEqual(['value 1', 'value 1']);
    const faults = events.filter((event) => event.type === 'policy-failed');
    expect(faults.map(({ policy }) => policy)).toEqual(['enabled', 'enabled']);
    expect(faults[0]!.error.message).toContain(why);
  });

  it('leaves the failure as it is, wrapped or not, and remembers none', async () => {
    const wrapped = subjectAt(door, { enabled: false, negative: {}, staleIfError: '1 hour' });
    wrapped.source.failure = down;
    for (const error of [await wrapped.failure(), await wrapped.failure()]) {
      expect(CachedMethodFailedError.isInstance(error)).toBe(true);
      expect(causeOf(error)).toBe(down);
    }
    expect([wrapped.source.calls, wrapped.info().size]).toEqual([2, 0]);
    const original = subjectAt(door, { enabled: false, errors: 'original' });
    original.source.failure = down;
    expect(await original.failure()).toBe(down);
  });

  it('leaves the retries, without any rest after them', async () => {
    const { source, failure, info } = subjectAt(door, { enabled: false, retry: 2 });
    source.failure = down;
    expect([causeOf(await failure()), causeOf(await failure())]).toEqual([down, down]);
    expect(source.calls).toBe(6);
    expect(info()).toMatchObject({ retries: 4, failures: 2 });
  });

  it('leaves the timeout, and the signals', async () => {
    const { source, failure, clock } = subjectAt(door, { enabled: false, timeout: 100 });
    const signals: AbortSignal[] = [];
    source.before = () => {
      signals.push(loadSignal());
      return new Promise(() => undefined);
    };
    const failing = failure();
    await clock.advance(100);
    expect(LoadTimeoutError.isInstance(causeOf(await failing))).toBe(true);
    const controller = new AbortController();
    const leaving = failure({ signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    expect(await leaving).toMatchObject({ message: 'gone' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await turn();
    expect(clock.pendingTimers).toBe(0);
  });

  it('hands each value over as it would otherwise', async () => {
    const postprocessing: Postprocessing = { apply: (value) => `${String(value)}, handed over` as never };
    expect(await subjectAt(door, { enabled: false, postprocessing }).ask()).toBe('value 1, handed over');
  });

  it('goes straight through for a forced refresh as well', async () => {
    const subject = subjectAt(door, { enabled: false });
    expect([await subject.refresh(), await subject.ask(), subject.info().size]).toEqual(['value 1', 'value 2', 0]);
  });
});

describe('enabled', () => {
  it('asks nothing else where it is false: no etag, no age, and nothing is swept', async () => {
    const events: string[] = [];
    const asked = vi.fn(() => Promise.reject(new Error('nobody should ask')));
    const cached = memoize(async () => 1, {
      enabled: false,
      etag: asked,
      removeExpiredEvery: 1,
      onEvent: ({ type }) => events.push(type),
    });
    expect([await cached(), await cached.with({ maxAge: 1 })()]).toEqual([1, 1]);
    await turn();
    expect([asked.mock.calls, cached.cacheInfo().lastExpirationCheck]).toEqual([[], undefined]);
    expect(new Set(events)).toEqual(new Set(['miss', 'load-started', 'load-ended']));
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { enabled: false, etag: asked, removeExpiredEvery: 1 });
    await memo.get('a', () => 1);
    await memo.getMany(['a'], (keys) => keys);
    expect([asked.mock.calls, memo.cacheInfo().lastExpirationCheck]).toEqual([[], undefined]);
  });

  it('passes the arguments and `this` on', async () => {
    const source = slowSource();
    const cached = memoize(source.call, { enabled: false });
    const calling = cached('a', 1);
    source.answer('value');
    expect(await calling).toBe('value');
    expect(source.calls).toEqual([['a', 1]]);
    const object = {
      name: 'object',
      cached: memoize(
        async function (this: { readonly name: string }) {
          return this.name;
        },
        { enabled: false },
      ),
    };
    expect(await object.cached()).toBe('object');
  });

  it('calls the function in the turn of the call', () => {
    const source = slowSource();
    void memoize(source.call, { enabled: false })();
    expect(source.calls).toHaveLength(1);
  });

  it('is asked once for a call', async () => {
    const enabled = vi.fn(() => false);
    const cached = memoize(async () => 1, { enabled });
    await cached();
    expect(enabled).toHaveBeenCalledTimes(1);
    await cached.with({ signal: new AbortController().signal })();
    expect(enabled).toHaveBeenCalledTimes(2);
  });

  it('finds nothing for who only asks, and loads many together nevertheless', async () => {
    let enabled = true;
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { enabled: () => enabled });
    await memo.set('a', 'kept');
    expect(await memo.get('a')).toBe('kept');
    enabled = false;
    expect(await memo.get('a')).toBe(undefined);
    expect([...(await memo.getMany(['a', 'b']))]).toEqual([]);
    const asked: (readonly string[])[] = [];
    const load = (keys: readonly string[]): readonly string[] => {
      asked.push(keys);
      return keys;
    };
    for (let times = 0; times < 2; times++) await memo.getMany(['a', 'b'], load);
    expect(asked).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    enabled = true;
    expect([await memo.get('a'), await memo.get('b')]).toEqual(['kept', undefined]);
  });

  it('can be said for a region, and for one call', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { regions: { off: { enabled: false } } });
    let calls = 0;
    const load = (): number => ++calls;
    expect([await memo.get('a', load, { region: 'off' }), await memo.get('a', load)]).toEqual([1, 2]);
    expect([await memo.get('a', load), await memo.get('a', load, { enabled: false })]).toEqual([2, 3]);
    expect(await memo.get('a', load, { region: 'off', enabled: null })).toBe(2);
  });

  it.each([0, 'no', null])('is refused when wrapping where it is %o', (enabled) => {
    expect(() => memoize(async () => 1, { enabled: enabled as never })).toThrow(
      /^memoize: option 'enabled' should be .*true or false.*, got /,
    );
  });
});
