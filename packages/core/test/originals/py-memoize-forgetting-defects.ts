import { type CacheStorage, LocalInMemoryCacheStorage } from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { type Deferred, deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';
import { type AskedFunction, type CacheUnderTest, outcomeOf } from './cache-under-test.js';
import { asAnotherProcess } from './another-process.js';
import type { Defect } from './scenario.js';

/** The defects of py-memoize in letting go: eviction, invalidation, and whose entries they are. */
export const forgettingDefects: readonly Defect[] = [
  {
    row: 'M36',
    title: 'a release that fails is told with what failed and why, and its caller knows nothing of it',
    mended: { caller: 'value 2', told: ['release failed: Error: refused'] },
    defective: { caller: 'value 2', told: ['TypeError: not all arguments converted during string formatting'] },
    async observe(cache) {
      const told: string[] = [];
      const cached = cache.wrap(counter().call, {
        storage: new ChaosStorage(new LocalInMemoryCacheStorage(), { release: { fail: new Error('refused') } }),
        evictionStrategy: cache.evictionStrategy(1),
        onFault: (said) => void told.push(said),
      });
      await cached.call('a');
      const caller = await outcomeOf(cached.call('b'));
      await turn();
      return { caller, told };
    },
  },
  {
    row: 'M37',
    title: 'a key whose release failed goes with the next write',
    mended: ['value 3'],
    defective: ['value 1', 'value 3'],
    async observe(cache) {
      const inner = new LocalInMemoryCacheStorage();
      const storage = new ChaosStorage(inner, { release: 'fail' });
      const cached = cache.wrap(counter().call, { storage, evictionStrategy: cache.evictionStrategy(1) });
      await cached.call('a');
      await cached.call('b');
      await turn();
      storage.plan = {};
      await cached.call('c');
      await turn();
      return valuesIn(inner);
    },
  },
  {
    row: 'M37',
    title: 'a key that should go while it is refreshed goes, if the refresh fails',
    mended: ['c'],
    defective: ['a', 'c'],
    async observe(cache) {
      const clock = new ManualClock();
      const storage = new LocalInMemoryCacheStorage();
      const { source, answer, fail } = namedSource();
      const evictionStrategy = cache.evictionStrategy(1);
      const cached = cache.wrap(source, { clock, storage, evictionStrategy, updateAfter: '1 minute' });
      const stored = async (id: string): Promise<void> => {
        const call = cached.call(id);
        await turn();
        answer(id);
        await call;
        await turn();
      };
      await stored('a');
      await clock.advance('1 minute');
      await cached.call('a');
      await stored('b');
      fail('a');
      await turn();
      await stored('c');
      return valuesIn(storage);
    },
  },
  {
    row: 'M91',
    title: 'an invalidation reaches every function that it was passed to',
    mended: ['value 2', 'value 2'],
    defective: ['value 2', 'value 1'],
    async observe(cache) {
      const invalidation = cache.invalidation();
      const [one, other] = [cache.wrap(counter().call, { invalidation }), cache.wrap(counter().call, { invalidation })];
      await Promise.all([one.call('a'), other.call('a')]);
      await invalidation.invalidateForArguments(['a']);
      return Promise.all([one.call('a'), other.call('a')]);
    },
  },
  {
    row: 'M91',
    title: 'an invalidation follows a storage that was replaced',
    mended: ['value 2', 'value 3'],
    defective: ['value 2', 'value 2'],
    async observe(cache) {
      const invalidation = cache.invalidation();
      const cached = cache.wrap(counter().call, { invalidation });
      await cached.call('a');
      cached.replaceStorage(new LocalInMemoryCacheStorage());
      const before = await cached.call('a');
      await invalidation.invalidateForArguments(['a']);
      return [before, await cached.call('a')];
    },
  },
  {
    row: 'M93',
    title: 'an invalidated key takes up no room',
    mended: ['value 1', 'value 3'],
    defective: ['value 3'],
    async observe(cache) {
      const storage = new LocalInMemoryCacheStorage();
      const invalidation = cache.invalidation();
      const evictionStrategy = cache.evictionStrategy(2);
      const cached = cache.wrap(counter().call, { storage, invalidation, evictionStrategy });
      await cached.call('a');
      await cached.call('b');
      await invalidation.invalidateForArguments(['b']);
      await cached.call('c');
      await turn();
      return valuesIn(storage);
    },
  },
  {
    row: 'M94',
    title: 'a value whose load began before an invalidation is not kept',
    mended: { before: 'old', after: 'new' },
    defective: { before: 'old', after: 'old' },
    async observe(cache) {
      const invalidation = cache.invalidation();
      const source = slowSource();
      const cached = cache.wrap(source.call, { invalidation });
      const before = cached.call('a');
      await turn();
      await invalidation.invalidateForArguments(['a']);
      source.answer('old');
      const first = await before;
      const after = cached.call('a');
      await turn();
      if (source.calls.length > 1) source.answer('new');
      return { before: first, after: await outcomeOf(after) };
    },
  },
  {
    row: 'M94',
    title: 'a value whose load began before an invalidation in another process is not kept',
    mended: { before: 'old', after: 'new' },
    defective: { before: 'old', after: 'old' },
    async observe(cache) {
      const storage = new LocalInMemoryCacheStorage();
      const invalidation = cache.invalidation();
      const source = slowSource();
      const here = cache.wrap(source.call, { storage });
      cache.wrap(source.call, { storage: asAnotherProcess(storage), invalidation });
      const before = here.call('a');
      await turn();
      await invalidation.invalidateForArguments(['a']);
      source.answer('old');
      const first = await before;
      const after = here.call('a');
      await turn();
      if (source.calls.length > 1) source.answer('new');
      return { before: first, after: await outcomeOf(after) };
    },
  },
  {
    row: 'M101',
    title: 'two functions of one name in one storage are never answered with the results of the other',
    mended: 'InvalidOptionError',
    defective: 'of the first',
    async observe(cache) {
      const storage = new LocalInMemoryCacheStorage();
      await wrapByName(cache, storage, async () => 'of the first')('a');
      return outcomeOf((async () => wrapByName(cache, storage, async () => 'of the second')('a'))());
    },
  },
];

/** Wraps a function that is called `find`, whatever it does. */
function wrapByName(cache: CacheUnderTest, storage: CacheStorage, body: AskedFunction): AskedFunction {
  const { find } = { find: (...args: string[]) => body(...args) };
  const cached = cache.wrap(find, { storage, keys: 'by name' });
  return (...args) => cached.call(...args);
}

/** All values that `storage` keeps, in order. */
async function valuesIn(storage: LocalInMemoryCacheStorage): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for await (const [, { value }] of storage.entries()) values.push(value);
  return values.sort();
}

/** A slow function whose latest call for each argument is answered by that argument. */
function namedSource() {
  const calls = new Map<string, Deferred<string>>();
  const source = (id = ''): Promise<string> => {
    const call = deferred<string>();
    calls.set(id, call);
    return call.promise;
  };
  return {
    source,
    answer: (id: string) => calls.get(id)?.resolve(id),
    fail: (id: string) => calls.get(id)?.reject(new Error('down')),
  };
}
