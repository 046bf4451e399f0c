import {
  DefaultInMemoryCacheConfiguration,
  EncodedMethodNameAndArgsKeyExtractor,
  InMemoryUpdateStatuses,
  InvalidationSupport,
  InvalidOptionError,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  memoizedMethod,
  MutableCacheConfiguration,
  ProvidedLifeSpanCacheEntryBuilder,
} from '@memo/core';
import { describe, expect, it } from 'vitest';

const mutable = () => MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
/** Says nothing of types: these tests are what a program without types may do. */
const untyped = (value: unknown): never => value as never;

describe('bad options', () => {
  const cases: readonly [title: string, act: () => unknown, message: string][] = [
    [
      'an unknown option of DefaultInMemoryCacheConfiguration',
      () => new DefaultInMemoryCacheConfiguration(untyped({ capcity: 5 })),
      `DefaultInMemoryCacheConfiguration: option 'capcity' should be left out, since there is no such option, got 5. Did you mean 'capacity'?`,
    ],
    [
      'its capacity',
      () => new DefaultInMemoryCacheConfiguration({ capacity: -1 }),
      `DefaultInMemoryCacheConfiguration: option 'capacity' should be a whole number from 0 on, or null for no bound, got -1.`,
    ],
    [
      'no options at all',
      () => new DefaultInMemoryCacheConfiguration(untyped(null)),
      `DefaultInMemoryCacheConfiguration: expected an object of options, got null.`,
    ],
    [
      'an unknown option of ProvidedLifeSpanCacheEntryBuilder',
      () => new ProvidedLifeSpanCacheEntryBuilder(untyped({ expiresAfter: '1m' })),
      `ProvidedLifeSpanCacheEntryBuilder: option 'expiresAfter' should be left out, since there is no such option, got "1m". Did you mean 'expireAfter'?`,
    ],
    [
      'an unknown option of InMemoryUpdateStatuses',
      () => new InMemoryUpdateStatuses(untyped({ lockTimout: '1m' })),
      `InMemoryUpdateStatuses: option 'lockTimout' should be left out, since there is no such option, got "1m". Did you mean 'lockTimeout'?`,
    ],
    [
      'an unknown option of EncodedMethodNameAndArgsKeyExtractor',
      () => new EncodedMethodNameAndArgsKeyExtractor(untyped({ skipFirstArgAsSelf: true })),
      `EncodedMethodNameAndArgsKeyExtractor: option 'skipFirstArgAsSelf' should be left out, since there is no such option, got true. Did you mean 'skipFirstArgumentAsSelf'?`,
    ],
    [
      'a storage set to nothing',
      () => mutable().setStorage(untyped(undefined)),
      `MutableCacheConfiguration: option 'storage' should be a CacheStorage with get, offer, release, got undefined.`,
    ],
    [
      'a key extractor that is none',
      () => mutable().setKeyExtractor(untyped({})),
      `MutableCacheConfiguration: option 'keyExtractor' should be a KeyExtractor with formatKey, got an object of class Object.`,
    ],
    [
      'an eviction strategy that is none',
      () => mutable().setEvictionStrategy(untyped({})),
      `MutableCacheConfiguration: option 'evictionStrategy' should be an EvictionStrategy with markRead, markWritten, markReleased, nextToRelease, got an object of class Object.`,
    ],
    [
      'an entry builder that is none',
      () => mutable().setEntryBuilder(untyped({})),
      `MutableCacheConfiguration: option 'entryBuilder' should be a CacheEntryBuilder with build, got an object of class Object.`,
    ],
    [
      'a postprocessing that is none',
      () => mutable().setPostprocessing(untyped({})),
      `MutableCacheConfiguration: option 'postprocessing' should be a Postprocessing with apply, got an object of class Object.`,
    ],
    [
      'configured in words',
      () => mutable().setConfigured(untyped('yes')),
      `MutableCacheConfiguration: option 'configured' should be true or false, got "yes".`,
    ],
    [
      'a configuration to begin with that is none',
      () => MutableCacheConfiguration.initializedWith(untyped(undefined)),
      `MutableCacheConfiguration: expected a CacheConfiguration, got undefined.`,
    ],
    [
      'a configuration with a timeout that is none',
      () =>
        memoize(async () => 1, {
          configuration: { ...partsOf(new DefaultInMemoryCacheConfiguration()), methodTimeout: NaN },
        }),
      `memoize: option 'configuration.methodTimeout' should be a time longer than 0, or Infinity for no limit, got NaN.`,
    ],
    [
      'a list of options',
      () => memoize(async () => 1, untyped([])),
      `memoize: expected an object of options, got an object of class Array.`,
    ],
    [
      'options from a prototype',
      () => memoize(async () => 1, untyped(Object.create({ errors: 'orignal' }))),
      `memoize: expected an object of options, got an object of an unknown class.`,
    ],
    ['timeout: NaN', () => memoize(async () => 1, { timeout: NaN }), `memoize: option 'timeout' should be `],
    ['timeout: null', () => memoize(async () => 1, { timeout: untyped(null) }), `memoize: option 'timeout' should be `],
    [
      'an invalidation that is none',
      () => memoize(async () => 1, { invalidation: untyped({}) }),
      `memoize: option 'invalidation' should be an InvalidationSupport with bind, got an object of class Object.`,
    ],
    [
      'a clock that is none',
      () => memoize(async () => 1, { clock: untyped({}) }),
      `memoize: option 'clock' should be a Clock with now, setTimer, got an object of class Object.`,
    ],
    [
      'update statuses that are half of it',
      () => memoize(async () => 1, { updateStatuses: untyped({ isBeingUpdated: () => false }) }),
      `memoize: option 'updateStatuses' should be an UpdateStatuses with isBeingUpdated, markBeingUpdated, markUpdated, markUpdateAborted, awaitUpdated, detach, keys, got an object of class Object.`,
    ],
    [
      'a coordination that there is not',
      () => memoize(async () => 1, { coordination: untyped('lock') }),
      `memoize: option 'coordination' should be 'lease' or 'none', got "lock".`,
    ],
    [
      'a lease that is too short',
      () => memoize(async () => 1, { leaseTime: '99 ms' }),
      `memoize: option 'leaseTime' should be a time from 100 milliseconds to 49 days, got "99 ms". It is renewed while the function runs, so it need not be as long as a load.`,
    ],
    [
      'a lease without end',
      () => memoize(async () => 1, { leaseTime: Infinity }),
      `memoize: option 'leaseTime' should be a time from 100 milliseconds to 49 days, got Infinity. It is renewed while the function runs, so it need not be as long as a load.`,
    ],
    [
      'a lease that is too long',
      () => memoize(async () => 1, { leaseTime: { days: 49, milliseconds: 1 } }),
      `memoize: option 'leaseTime' should be a time from 100 milliseconds to 49 days, got an object of class Object. It is renewed while the function runs, so it need not be as long as a load.`,
    ],
    [
      'a lease time that is none',
      () => memoize(async () => 1, { leaseTime: '3' }),
      `memoize: option 'leaseTime' should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got "3". A number in text says no unit: write '3 seconds' or '3 ms'.`,
    ],
    [
      'a negative limit of waiting',
      () => memoize(async () => 1, { waitLimit: -1 }),
      `memoize: option 'waitLimit' should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got -1. A length of time cannot be negative.`,
    ],
    [
      'something to do after waiting that there is not',
      () => memoize(async () => 1, { onWaitLimit: untyped('wait') }),
      `memoize: option 'onWaitLimit' should be 'compute' or 'throw' or 'stale', got "wait".`,
    ],
    [
      'half a lock',
      () => memoize(async () => 1, { lock: untyped({ acquire: async () => true }) }),
      `memoize: option 'lock' should be a function of a key that gives a Lock, or a Lock with acquire, release, got an object of class Object.`,
    ],
    [
      'no lock at all',
      () => memoize(async () => 1, { lock: untyped(null) }),
      `memoize: option 'lock' should be a function of a key that gives a Lock, or a Lock with acquire, release, got null.`,
    ],
    [
      'an early refresh of beta 0',
      () => memoize(async () => 1, { earlyRefresh: 0 }),
      `memoize: option 'earlyRefresh' should be true, or a finite number above 0, or an EarlyRefresh with isDue, got 0.`,
    ],
    [
      'an early refresh without end',
      () => memoize(async () => 1, { earlyRefresh: Infinity }),
      `memoize: option 'earlyRefresh' should be true, or a finite number above 0, or an EarlyRefresh with isDue, got Infinity.`,
    ],
    [
      'an early refresh that is switched off in a word',
      () => memoize(async () => 1, { earlyRefresh: untyped(false) }),
      `memoize: option 'earlyRefresh' should be true, or a finite number above 0, or an EarlyRefresh with isDue, got false.`,
    ],
    [
      'an early refresh that is none',
      () => memoize(async () => 1, { earlyRefresh: untyped({ isdue: () => true }) }),
      `memoize: option 'earlyRefresh' should be true, or a finite number above 0, or an EarlyRefresh with isDue, got an object of class Object.`,
    ],
    [
      'a jitter of everything',
      () => memoize(async () => 1, { jitter: 1 }),
      `memoize: option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, got 1.`,
    ],
    [
      'a negative jitter',
      () => memoize(async () => 1, { jitter: -0.05 }),
      `memoize: option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, got -0.05.`,
    ],
    ['jitter: NaN', () => memoize(async () => 1, { jitter: NaN }), `memoize: option 'jitter' should be a fraction `],
    [
      'a jitter as a time',
      () => memoize(async () => 1, { jitter: untyped('1 minute') }),
      `memoize: option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, got "1 minute".`,
    ],
    [
      'a jitter beside a configuration',
      () => memoize(async () => 1, { configuration: new DefaultInMemoryCacheConfiguration(), jitter: 0.1 }),
      `memoize: option 'jitter' should be left out where 'configuration' is given, which has that part already, got 0.1. Set it on the configuration; MutableCacheConfiguration.initializedWith(configuration) makes one to be changed.`,
    ],
    [
      'a wrong option of coordination at @memoized',
      () =>
        class {
          @memoized({ leaseTime: 0 })
          async find(): Promise<number> {
            return 1;
          }
        },
      `@memoized: option 'leaseTime' should be a time from 100 milliseconds to 49 days, got 0. It is renewed while the function runs, so it need not be as long as a load.`,
    ],
    [
      'an unknown option of @memoized',
      () => memoized(untyped({ perr: 'class' })),
      `@memoized: option 'perr' should be left out, since there is no such option, got "class". Did you mean 'per'?`,
    ],
    ['no options of @memoized', () => memoized(untyped(null)), `@memoized: expected an object of options, got null.`],
    [
      'no object of memoizedMethod',
      () => memoizedMethod(untyped(null), untyped('find')),
      `memoizedMethod: expected the name of a method decorated with @memoized, got "find".`,
    ],
  ];
  it.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  it('an address that is no list of arguments', async () => {
    await expect(new InvalidationSupport().invalidateForArguments(untyped('42'))).rejects.toThrow(
      `invalidateForArguments: expected the arguments of a call as an array, got "42". Write invalidateForArguments(['42']).`,
    );
  });

  it('leave a configuration as it was', () => {
    const configuration = mutable();
    const { storage } = configuration;
    expect(() => configuration.setStorage(untyped(new Map()))).toThrow(InvalidOptionError);
    expect(configuration.storage).toBe(storage);
  });
});

describe('options that go together', () => {
  it('a name on purpose and the same by chance are refused, whichever comes first', () => {
    const find = { find: async () => 1 }.find;
    const other = { find: async () => 2 }.find;
    for (const [first, second] of [
      [{ name: 'find' }, {}],
      [{}, { name: 'find' }],
    ]) {
      const storage = new LocalInMemoryCacheStorage();
      memoize(find, { storage, ...first });
      expect(() => memoize(other, { storage, ...second })).toThrow(InvalidOptionError);
    }
  });

  it('a lifetime that is not given stays, also where it is said to be undefined', () => {
    const builder = new ProvidedLifeSpanCacheEntryBuilder({ updateAfter: '1 minute', expireAfter: '2 minutes' });
    builder.updateTimeouts(untyped({ updateAfter: undefined, expireAfter: '3 minutes' }));
    expect([builder.updateAfter, builder.expireAfter]).toEqual([60_000, 180_000]);
  });

  it('one failing storage does not keep an invalidation from the others, and is told', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    class Failing extends LocalInMemoryCacheStorage {
      override invalidate(): Promise<number | undefined> {
        return Promise.reject(new Error('refused'));
      }
    }
    const onEvent = () => {};
    const first = memoize(async (id: string) => id, { name: 'a', storage: new Failing(), invalidation, onEvent });
    const second = memoize(async (id: string) => id, { invalidation });
    await Promise.all([first('1'), second('1')]);
    await expect(invalidation.invalidateForArguments(['1'])).rejects.toThrow(
      'The storage failed at invalidate of key "a:1": refused',
    );
    expect(await second.exists(['1'])).toBe(false);
  });
});

function partsOf(configuration: DefaultInMemoryCacheConfiguration) {
  const { configured, storage, keyExtractor, evictionStrategy, entryBuilder, postprocessing, methodTimeout } =
    configuration;
  return { configured, storage, keyExtractor, evictionStrategy, entryBuilder, postprocessing, methodTimeout };
}
