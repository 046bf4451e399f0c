import {
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  type CacheEntry,
  type CacheStorage,
  type LeaseAnswer,
  type LeaseRequest,
  type MemoizerOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { asAnotherProcess, withAbilities } from '../originals/another-process.js';
import { deferred, turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

/** One process of several over the same data, which is shared as with a server: one asks it, and it tells nothing by itself. */
function processOver(data: CacheStorage, clock: ManualClock, options: MemoizerOptions = {}): Memoizer {
  const lease = async (key: string, request: LeaseRequest): Promise<LeaseAnswer> => {
    const answer = await data.lease!(key, request);
    if (answer.state !== 'held') return answer;
    answer.watch?.stop();
    return { state: 'held', remaining: answer.remaining };
  };
  const storage = withAbilities(asAnotherProcess(data), { shared: true, peek: undefined, lease });
  return new Memoizer(storage, { clock, jitter: 0, ...options });
}

function inMemory(clock = new ManualClock()): { readonly memo: Memoizer; readonly clock: ManualClock } {
  return { memo: new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock }), clock };
}

/** What a promise that rejects with `CachedMethodFailedError` has as its cause. */
async function causeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => (error as Error).cause,
  );
}

const lists = async (keys: readonly string[]): Promise<readonly string[]> => keys.map((key) => `loaded ${key}`);

describe('what one call demands', () => {
  const policies = { expireAfter: '1 hour' } as const;

  it('is not demanded by another call with the same policies', async () => {
    const { memo, clock } = inMemory();
    await memo.get('a', () => 'a', { ...policies, etag: 'B', maxAge: '1 second' });
    expect(await memo.get('b', () => 'b', policies)).toBe('b');
    expect(await memo.etag('b', policies)).toBeUndefined();
    await clock.advance('2 seconds');
    await memo.refresh('b', () => 'made from C', { etag: 'C' });
    expect(await memo.get('b', () => 'loaded again', policies)).toBe('made from C');
    await clock.advance('2 seconds');
    expect(await memo.get('b', () => 'loaded again', policies)).toBe('made from C');
  });

  it('is asked of its own function, and once', async () => {
    const { memo } = inMemory();
    let asked = 0;
    await memo.get('a', () => 'a', { ...policies, etag: () => ++asked });
    await memo.get('a', () => 'a', policies);
    await memo.getMany(['a', 'b', 'a'], lists, { ...policies, etag: () => ++asked });
    expect(asked).toBe(3);
  });

  it('may be nothing, whatever its region demands', async () => {
    const clock = new ManualClock();
    const regions = { tagged: { etag: 'B', maxAge: 10 } } as const;
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock, regions });
    await memo.get('a', () => 'first', { region: 'tagged', etag: 'A' });
    expect(await memo.get('a', () => 'again', { region: 'tagged', etag: null })).toBe('first');
    await clock.advance(20);
    expect(await memo.get('a', () => 'again', { region: 'tagged', etag: null, maxAge: null })).toBe('first');
  });

  it('is found in anything that can be awaited', async () => {
    const { memo } = inMemory();
    // One whose `then` answers nothing can be awaited, too.
    const later = (etag: string): PromiseLike<string> => {
      const then = (settle: (found: string) => void): void => settle(etag);
      return { then } as unknown as PromiseLike<string>;
    };
    await memo.get('a', () => 'made from A', { etag: () => later('A') });
    expect(await memo.get('a', () => 'made from B', { etag: () => later('B') })).toBe('made from B');
  });
});

describe('callers who share a load', () => {
  it('do not share what it failed with, where they demand another revision', async () => {
    const { memo } = inMemory();
    const source = slowSource();
    const old = causeOf(memo.get('a', source.call, { args: [], etag: 'old' }));
    const present = memo.get('a', () => 'present', { etag: 'new' });
    await turn();
    source.fail(new Error('no such revision'));
    expect(await old).toEqual(new Error('no such revision'));
    expect(await present).toBe('present');
  });

  it('each wait for as long as their own options say', async () => {
    const { memo, clock } = inMemory();
    const source = slowSource();
    const quick = causeOf(memo.get('a', source.call, { args: [], timeout: 10 }));
    const patient = memo.get('a', source.call, { args: [] });
    await clock.advance(10);
    expect(await quick).toMatchObject({ code: 'LOAD_TIMEOUT' });
    source.answer('late');
    source.answer('in time');
    expect(await patient).toBe('in time');
  });

  it('share the timeout of a function that it has called itself', async () => {
    const { memo, clock } = inMemory();
    const inner = slowSource();
    const find = memoize(inner.call, { timeout: 50, errors: 'original', clock });
    const answers = Promise.all([1, 2, 3, 4].map(() => causeOf(memo.get('a', () => find('a')))));
    await clock.advance(50);
    for (const cause of await answers) expect(cause).toMatchObject({ code: 'LOAD_TIMEOUT' });
    expect(inner.calls).toHaveLength(1);
  });

  it('are not answered with what had expired before they asked, though a refresh behind them waited for it', async () => {
    const clock = new ManualClock();
    const data = new LocalInMemoryCacheStorage({ clock });
    const lifetimes = { updateAfter: 10, expireAfter: 400 };
    const [loads, waits] = [processOver(data, clock, lifetimes), processOver(data, clock, lifetimes)];
    await loads.get('a', () => 'first');
    await clock.advance(20);
    const source = slowSource();
    await loads.get('a', source.call, { args: [] });
    // It serves what is there, and its own refresh waits for the other process without hurry.
    expect(await waits.get('a', () => 'own')).toBe('first');
    await clock.advance(0);
    source.answer('second');
    await clock.advance(450);
    const answer = waits.get('a', () => 'third');
    await clock.advance('2 seconds');
    expect(await answer).toBe('third');
  });
});

describe('a refresh', () => {
  it('that begins while others of other revisions wait is answered by a load that begins after it', async () => {
    const { memo } = inMemory();
    const source = slowSource();
    const refresh = (etag: string): Promise<string> => memo.refresh('a', source.call, { args: [etag], etag });
    const others = ['first', 'second', 'third', 'fourth'].map(refresh);
    source.answer('made from first');
    await turn();
    source.answer('made from second');
    await turn();
    expect(source.calls).toEqual([['first'], ['second'], ['third']]);
    const asked = memo.refresh('a', source.call, { args: ['asked'] });
    source.answer('made from third');
    await turn();
    source.answer('made from fourth');
    await turn();
    expect(await Promise.all(others)).toEqual(
      ['first', 'second', 'third', 'fourth'].map((name) => `made from ${name}`),
    );
    expect(await asked).toBe('made from fourth');
  });
});

describe('many keys', () => {
  it.each(['get', 'getMany'] as const)(
    '%s ends at once when the signal fires, in whatever turn that is',
    async (method) => {
      for (let turns = 0; turns < 30; turns++) {
        const { memo } = inMemory();
        const controller = new AbortController();
        const { signal } = controller;
        const source = slowSource();
        const etag = async (): Promise<string> => 'etag';
        const call =
          method === 'get'
            ? memo.get('a', source.call, { args: [], signal, etag })
            : memo.getMany(['a'], async (keys) => [await source.call(...keys)], { signal, etag });
        for (let passed = 0; passed < turns; passed++) await Promise.resolve();
        controller.abort(new Error('left'));
        await expect(Promise.race([call, turn()]), `after ${turns} turns`).rejects.toThrow('left');
      }
    },
  );

  it('reads what the demand of another key needs', async () => {
    const { memo } = inMemory();
    const etag = async (key: string): Promise<string | undefined> => {
      await turn();
      return key === 'version' ? undefined : memo.get('version', () => '7');
    };
    const pages = await memo.getMany(['version', 'home'], lists, { etag });
    expect([...pages.values()]).toEqual(['7', 'loaded home']);
    expect(await memo.etag('home')).toBe('7');
  });

  it('fail together with what no single key can be blamed for, each time', async () => {
    const clock = new ManualClock();
    const memo = processOver(new LocalInMemoryCacheStorage({ clock }), clock);
    const fails = (): never => {
      throw new Error('down');
    };
    expect(await causeOf(memo.getMany(['a', 'b'], fails))).toEqual(new Error('down'));
    expect(await causeOf(memo.getMany(['a', 'b'], fails))).toMatchObject({ code: 'RECENTLY_FAILED' });
  });

  it('fail with what goes wrong in the answer to them', async () => {
    class Undecodable extends Map<string, string> {
      override get(): never {
        throw new Error('cannot be decoded');
      }
    }
    const { memo } = inMemory();
    const answer = async (): Promise<Undecodable> => new Undecodable([['a', 'a']]);
    expect(await causeOf(memo.getMany(['a', 'b'], answer))).toEqual(new Error('cannot be decoded'));
  });
});

describe('a storage without leases that is slow to answer', () => {
  /** Answers each look when it is told to, with what was there when it was asked. */
  function slowStorage(): { readonly storage: CacheStorage; answer(): void; readonly looks: number } {
    const entries = new Map<string, CacheEntry>();
    const looks: (() => void)[] = [];
    const storage: CacheStorage = {
      shared: false,
      deadline: Infinity,
      get: async (key) => {
        const entry = entries.get(key);
        const answered = deferred<void>();
        looks.push(() => answered.resolve());
        await answered.promise;
        return entry;
      },
      offer: async (key, entry) => {
        entries.set(key, entry);
        return 'stored';
      },
      release: async (key) => void entries.delete(key),
    };
    return {
      storage,
      answer: () => looks.shift()!(),
      get looks() {
        return looks.length;
      },
    };
  }

  it('is asked again as often as a load has ended meanwhile', async () => {
    const { storage, answer } = slowStorage();
    const memo = new Memoizer(storage, { clock: new ManualClock() });
    const source = slowSource();
    const load = async (etag: string): Promise<void> => {
      const call = memo.refresh('a', source.call, { args: [etag], etag });
      source.answer(etag);
      await call;
    };
    const reading = memo.get('a', () => 'loaded again', { etag: 'third' });
    for (const etag of ['first', 'second', 'third']) {
      await load(etag);
      answer();
      await turn();
    }
    answer();
    expect(await reading).toBe('third');
    expect(source.calls).toEqual([['first'], ['second'], ['third']]);
  });

  it('is asked in the same way by a caller who looks again after a load of another revision', async () => {
    const { storage, answer } = slowStorage();
    const memo = new Memoizer(storage, { clock: new ManualClock() });
    const source = slowSource();
    const loading = memo.refresh('a', source.call, { args: ['first'], etag: 'first' });
    const reading = memo.get('a', () => 'loaded again', { etag: 'second' });
    answer();
    await turn();
    source.answer('first');
    await loading;
    await turn();
    const other = memo.refresh('a', source.call, { args: ['second'], etag: 'second' });
    source.answer('second');
    await other;
    answer();
    await turn();
    answer();
    expect(await reading).toBe('second');
    expect(source.calls).toEqual([['first'], ['second']]);
  });
});
