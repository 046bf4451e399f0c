import { type CacheEntry, LocalInMemoryCacheStorage } from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { type Deferred, deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { outcomeOf } from './cache-under-test.js';
import { asAnotherProcess } from './another-process.js';
import type { Defect } from './scenario.js';

/** The defects of py-memoize in loading: who calls the function, who waits, who hears of it. */
export const loadingDefects: readonly Defect[] = [
  {
    row: 'M2',
    title: 'wrapped with nothing but the function, it has the default configuration',
    mended: ['value 1', 'value 1'],
    defective: ['NotConfiguredCacheCalledException', 'NotConfiguredCacheCalledException'],
    async observe(cache) {
      const cached = cache.wrap(counter().call);
      return [await outcomeOf(cached.call('a')), await outcomeOf(cached.call('a'))];
    },
  },
  {
    row: 'M14',
    title: 'a storage that cannot be read takes nothing away from the caller',
    mended: 'value 1',
    defective: 'Error: refused',
    async observe(cache) {
      const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { peek: refused, get: refused });
      return outcomeOf(cache.wrap(counter().call, { storage }).call('a'));
    },
  },
  {
    row: 'M32',
    title: 'a forced refresh during another one waits for a new value',
    mended: ['new', 'newer'],
    defective: ['new', 'old'],
    async observe(cache) {
      const source = slowSource();
      const cached = cache.wrap(source.call, {});
      await answered(cached.call('a'), () => source.answer('old'));
      const first = cached.refresh('a');
      await turn();
      const second = cached.refresh('a');
      await turn();
      source.answer('new');
      await turn();
      if (source.calls.length > 2) source.answer('newer');
      return [await outcomeOf(first), await outcomeOf(second)];
    },
  },
  {
    row: 'M32',
    title: 'a forced refresh of an expired entry that is being updated is not answered with it',
    mended: { reader: 'new', forced: 'newer' },
    defective: { reader: 'new', forced: 'expired' },
    async observe(cache) {
      const clock = new ManualClock();
      const source = slowSource();
      const cached = cache.wrap(source.call, { clock, expireAfter: '30 minutes' });
      await answered(cached.call('a'), () => source.answer('expired'));
      await clock.advance('30 minutes');
      const reader = cached.call('a');
      await turn();
      const forced = cached.refresh('a');
      await turn();
      source.answer('new');
      await turn();
      if (source.calls.length > 2) source.answer('newer');
      return { reader: await outcomeOf(reader), forced: await outcomeOf(forced) };
    },
  },
  {
    row: 'M43',
    title: 'a storage that cannot be written takes a loaded value away from nobody',
    mended: { leader: 'value', follower: 'value' },
    defective: {
      leader: 'CachedMethodFailedException from Error: refused',
      follower: 'CachedMethodFailedException from Error: refused',
    },
    async observe(cache) {
      const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { offer: refused });
      const source = slowSource();
      const cached = cache.wrap(source.call, { storage });
      const [leader, follower] = [cached.call('a'), cached.call('a')];
      await turn();
      source.answer('value');
      return { leader: await outcomeOf(leader), follower: await outcomeOf(follower) };
    },
  },
  {
    row: 'M44',
    title: 'an eviction strategy that throws does not take a loaded value away from its caller',
    mended: { leader: 'value', follower: 'value', next: 'value', loads: 1 },
    defective: {
      leader: 'ValueError: Key <function source>(a) is not being updated',
      follower: 'value',
      next: 'value',
      loads: 1,
    },
    async observe(cache) {
      const source = slowSource();
      const cached = cache.wrap(source.call, { evictionStrategy: strategyThatLosesItsBooks });
      const [leader, follower] = [cached.call('a'), cached.call('a')];
      await turn();
      source.answer('value');
      const outcomes = { leader: await outcomeOf(leader), follower: await outcomeOf(follower) };
      return { ...outcomes, next: await outcomeOf(cached.call('a')), loads: source.calls.length };
    },
  },
  {
    row: 'M48',
    title: 'a call whose reading overlaps a whole load of another call is answered by that load',
    mended: { calls: ['value 1', 'value 1'], loads: 1 },
    defective: { calls: ['value 1', 'value 2'], loads: 2 },
    async observe(cache) {
      const storage = new SlowReads();
      const source = counter();
      const cached = cache.wrap(source.call, { storage });
      const [early, late] = [cached.call('a'), cached.call('a')];
      await turn();
      storage.answerNext();
      const first = await outcomeOf(early);
      storage.answerAll();
      return { calls: [first, await outcomeOf(late)], loads: source.count };
    },
  },
  {
    row: 'M51',
    title: 'a leader that gives up takes nothing away from those who wait',
    mended: { leader: 'CancelledError', follower: 'value', next: 'value' },
    defective: {
      leader: 'CachedMethodFailedException from CancelledError',
      follower: `AttributeError: 'CancelledError' object has no attribute 'value'`,
      next: 'pending',
    },
    async observe(cache) {
      const source = slowSource();
      const cached = cache.wrap(source.call, {});
      const [leader, follower] = [cached.start('a'), cached.start('a')];
      await turn();
      leader.cancel();
      await turn();
      source.answer('value');
      return {
        leader: await outcomeOf(leader.outcome),
        follower: await outcomeOf(follower.outcome),
        next: await outcomeOf(cached.call('a')),
      };
    },
  },
  {
    row: 'M52',
    title: 'a follower that gives up takes nothing away from anybody else',
    mended: { leader: 'value', quitter: 'CancelledError', follower: 'value' },
    defective: {
      leader: 'ValueError: Key <function source>(a) is not being updated',
      quitter: 'CancelledError',
      follower: 'CancelledError',
    },
    async observe(cache) {
      const source = slowSource();
      const cached = cache.wrap(source.call, {});
      const [leader, quitter, follower] = [cached.start('a'), cached.start('a'), cached.start('a')];
      await turn();
      quitter.cancel();
      await turn();
      source.answer('value');
      return {
        leader: await outcomeOf(leader.outcome),
        quitter: await outcomeOf(quitter.outcome),
        follower: await outcomeOf(follower.outcome),
      };
    },
  },
  {
    row: 'M53',
    title: 'whatever the function throws, the key is free again',
    mended: {
      leader: 'CachedMethodFailedError from no exception',
      follower: 'CachedMethodFailedError from no exception',
      next: 'value',
    },
    defective: { leader: 'no exception', follower: 'pending', next: 'pending' },
    async observe(cache) {
      const source = slowSource();
      const cached = cache.wrap(source.call, {});
      const [leader, follower] = [cached.call('a'), cached.call('a')];
      await turn();
      // In Python: KeyboardInterrupt and its like, which are no Exception; in JavaScript: what is no Error.
      source.fail('no exception');
      const outcomes = { leader: await outcomeOf(leader), follower: await outcomeOf(follower) };
      const next = cached.call('a');
      await turn();
      if (source.calls.length > 1) source.answer('value');
      return { ...outcomes, next: await outcomeOf(next) };
    },
  },
  {
    row: 'M63',
    title: 'after the lock timeout those who wait hear why, and the late leader gets its value',
    mended: { follower: 'CachedMethodFailedError from UpdateLockTimeoutError', leader: 'late' },
    defective: {
      follower: `AttributeError: 'NoneType' object has no attribute 'value'`,
      leader: 'ValueError: Key <function source>(a) is not being updated',
    },
    async observe(cache) {
      const clock = new ManualClock();
      const source = slowSource();
      const cached = cache.wrap(source.call, { clock, timeout: Infinity, lockTimeout: '1 minute' });
      const [leader, follower] = [cached.call('a'), cached.call('a')];
      await clock.advance('1 minute');
      source.answer('late');
      return { follower: await outcomeOf(follower), leader: await outcomeOf(leader) };
    },
  },
  {
    row: 'M63',
    title: 'a leader that comes after the lock timeout does not end the update of the next one',
    mended: { first: 'first', second: 'second', follower: 'second' },
    defective: {
      first: 'first',
      second: 'ValueError: Key <function source>(a) is not being updated',
      follower: 'first',
    },
    async observe(cache) {
      const clock = new ManualClock();
      const source = slowSource();
      const cached = cache.wrap(source.call, { clock, timeout: Infinity, lockTimeout: '1 minute' });
      const first = cached.call('a');
      await clock.advance('1 minute');
      const [second, follower] = [cached.call('a'), cached.call('a')];
      await turn();
      source.answer('first');
      await turn();
      source.answer('second');
      return {
        first: await outcomeOf(first),
        second: await outcomeOf(second),
        follower: await outcomeOf(follower),
      };
    },
  },
  {
    row: 'M64',
    title: 'no timer is left once a load has ended',
    mended: { during: true, after: 0 },
    defective: { during: true, after: 1 },
    async observe(cache) {
      const clock = new ManualClock();
      const source = slowSource();
      const cached = cache.wrap(source.call, { clock, lockTimeout: '5 minutes' });
      const call = cached.call('a');
      await turn();
      const during = clock.pendingTimers > 0;
      await answered(call, () => source.answer('value'));
      return { during, after: clock.pendingTimers };
    },
  },
  {
    row: 'M65',
    title: 'processes that share a storage load a key once',
    mended: { calls: ['value', 'value'], loads: 1 },
    defective: { calls: ['value', 'pending'], loads: 2 },
    async observe(cache) {
      const storage = new LocalInMemoryCacheStorage();
      const source = slowSource();
      const here = cache.wrap(source.call, { storage });
      const there = cache.wrap(source.call, { storage: asAnotherProcess(storage) });
      const calls = [here.call('a'), there.call('a')];
      await turn();
      source.answer('value');
      await turn();
      return { calls: await Promise.all(calls.map(outcomeOf)), loads: source.calls.length };
    },
  },
];

const refused = { fail: new Error('refused') };

const strategyThatLosesItsBooks = {
  markRead(): void {},
  markWritten(): void {
    throw new Error('the books are lost');
  },
  markReleased(): void {},
  nextToRelease(): undefined {
    return undefined;
  },
};

/** A storage whose readings see what is there when they are asked for, and answer when the scenario says. */
class SlowReads extends LocalInMemoryCacheStorage {
  readonly #readings: { readonly found: CacheEntry | undefined; readonly answer: Deferred<CacheEntry | undefined> }[] =
    [];
  #answersAtOnce = false;

  // A storage that has to be waited for has nothing at once.
  override peek(): undefined {
    return undefined;
  }

  override async get(key: string): Promise<CacheEntry | undefined> {
    const found = super.peek(key);
    if (this.#answersAtOnce) return found;
    const answer = deferred<CacheEntry | undefined>();
    this.#readings.push({ found, answer });
    return answer.promise;
  }

  answerNext(): void {
    const reading = this.#readings.shift();
    reading?.answer.resolve(reading.found);
  }

  /** Answers what was asked; whatever is asked from now on is answered at once. */
  answerAll(): void {
    this.#answersAtOnce = true;
    while (this.#readings.length > 0) this.answerNext();
  }
}

async function answered(call: Promise<unknown>, answer: () => void): Promise<void> {
  await turn();
  answer();
  await call;
  await turn();
}
