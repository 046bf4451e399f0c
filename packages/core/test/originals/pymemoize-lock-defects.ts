import { LocalInMemoryCacheStorage, type Lock, type OfferResult } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { outcomeOf } from './cache-under-test.js';
import { InProcessLocks } from './in-process-locks.js';
import { asAnotherProcess } from './another-process.js';
import type { LockingCache } from './locking-cache.js';
import { valuesIn } from './py-memoize-forgetting-defects.js';
import type { Defect } from './scenario.js';

/** The defects of PyMemoize where a lock decides who loads. */
export const lockDefects: readonly Defect<LockingCache>[] = [
  {
    row: 'P12',
    title: 'a lock that cannot be asked takes nothing away from the caller',
    mended: 'value 1',
    defective: 'Error: refused',
    async observe(cache) {
      const lock = (): Lock => ({ acquire: () => Promise.reject(refused), release: () => Promise.resolve() });
      return outcomeOf(cache.wrap(counter().call, { lock })('a'));
    },
  },
  {
    row: 'P12',
    title: 'a lock that cannot be given back takes nothing away from the caller',
    mended: 'value 1',
    defective: 'Error: refused',
    async observe(cache) {
      const lock = (): Lock => ({ acquire: () => Promise.resolve(true), release: () => Promise.reject(refused) });
      return outcomeOf(cache.wrap(counter().call, { lock })('a'));
    },
  },
  {
    row: 'P13',
    title: 'what was computed without the lock is answered and not kept',
    mended: { atFirst: 'pending', inTheEnd: 'computed', kept: [] },
    defective: { atFirst: 'pending', inTheEnd: 'computed', kept: ['computed'] },
    async observe(cache) {
      const clock = new ManualClock();
      const storage = new LocalInMemoryCacheStorage({ clock });
      const locks = new InProcessLocks(clock);
      const lock = (): Lock => locks.of('held by another');
      await lock().acquire(0);
      const call = cache.wrap(async () => 'computed', { lock, storage, clock, lockWait: '10 seconds' })('a');
      await clock.advance(9_999);
      const atFirst = await outcomeOf(call);
      await clock.advance(1);
      return { atFirst, inTheEnd: await outcomeOf(call), kept: await valuesIn(storage) };
    },
  },
  {
    row: 'P14',
    title: 'who waited for the lock is answered with what its holder kept',
    mended: { calls: ['first', 'first'], loads: 1 },
    defective: { calls: ['first', 'second'], loads: 2 },
    async observe(cache) {
      const lock = new InProcessLocks().of;
      const storage = new LocalInMemoryCacheStorage();
      const source = slowSource();
      const one = cache.wrap(source.call, { lock, storage });
      const other = cache.wrap(source.call, { lock, storage: asAnotherProcess(storage) });
      const calls = [one('a'), other('a')];
      await turn();
      source.answer('first');
      await turn();
      if (source.calls.length > 1) source.answer('second');
      return { calls: await Promise.all(calls.map(outcomeOf)), loads: source.calls.length };
    },
  },
  {
    row: 'P14',
    title: 'a value is kept before the lock is given back',
    mended: ['had', 'loaded', 'kept', 'given back'],
    defective: ['had', 'loaded', 'given back', 'kept'],
    async observe(cache) {
      const told: string[] = [];
      const note = (what: string): boolean => told.push(what) > 0;
      const load = async (): Promise<boolean> => note('loaded');
      const lock = (): Lock => ({ acquire: async () => note('had'), release: async () => void note('given back') });
      await cache.wrap(load, { lock, storage: new NotedStorage(note) })('a');
      return told;
    },
  },
];

const refused = new Error('refused');

class NotedStorage extends LocalInMemoryCacheStorage {
  readonly #note: (what: string) => unknown;

  constructor(note: (what: string) => unknown) {
    super();
    this.#note = note;
  }

  override offer(...offered: Parameters<LocalInMemoryCacheStorage['offer']>): Promise<OfferResult> {
    this.#note('kept');
    return super.offer(...offered);
  }
}
