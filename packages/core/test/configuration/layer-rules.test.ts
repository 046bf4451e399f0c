import { LeastRecentlyUsedEvictionStrategy, LocalInMemoryCacheStorage, type Lock } from '@memo/core';
import { describe, expect, it } from 'vitest';
import type { OptionRules } from '../../src/check-options.js';
import {
  checkLayer,
  keyedCallRules,
  memoizerFunctionRules,
  memoizerRules,
  regionRules,
} from '../../src/configuration/layer-rules.js';

const lock: Lock = { acquire: () => Promise.resolve(true), release: () => Promise.resolve() };
const storage = new LocalInMemoryCacheStorage();
const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(5);
const kinds: readonly [kind: string, rules: OptionRules][] = [
  ['a Memoizer', memoizerRules],
  ['a region', regionRules],
  ['a call', keyedCallRules],
  ['a function', memoizerFunctionRules],
];
const aDuration = `a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds`;
const anExpiration = `an expiration such as '10 minutes', '2030-01-01', '11:05Z', '$.token.expiresAt', null or a function of the item`;
const noOption = `should be left out, since there is no such option`;

describe('what one layer says', () => {
  it.each(kinds)('of %s may be nothing, or all that every layer may say', (_kind, rules) => {
    checkLayer('test', {}, rules);
    const all = {
      namespace: 'a',
      updateAfter: '1m',
      expireAfter: '1h',
      maxAge: '1m',
      etag: '',
      jitter: 0,
      timeout: Infinity,
      postprocessing: { apply: (value: unknown) => value },
      lock,
      coordination: 'lease',
      leaseTime: '3s',
      waitLimit: 0,
      onWaitLimit: 'stale',
      earlyRefresh: true,
      errors: 'original',
      onStorageError: 'throw',
    };
    checkLayer('test', all, rules);
    checkLayer('test', Object.fromEntries(Object.keys(all).map((option) => [option, undefined])), rules);
  });

  it.each(kinds)('of %s may be that there is explicitly nothing', (_kind, rules) => {
    const options = ['namespace', 'updateAfter', 'expireAfter', 'maxAge', 'etag', 'jitter', 'timeout'];
    const others = ['postprocessing', 'lock', 'waitLimit', 'earlyRefresh'];
    checkLayer('test', Object.fromEntries([...options, ...others].map((option) => [option, null])), rules);
    checkLayer('test', { coordination: 'none', lock: null, waitLimit: null }, rules);
  });

  it('may be an etag or an age that is found by a function', () => {
    checkLayer('test', { etag: async () => 1, maxAge: () => '1 minute' }, keyedCallRules);
    checkLayer('test', { etag: 0 }, keyedCallRules);
  });

  it('is more where the layer is more', () => {
    checkLayer('test', { storage }, keyedCallRules);
    checkLayer('test', { storage, capacity: null, parent: 'a' }, regionRules);
    checkLayer('test', { storage, maxWeight: 1_000_000, weigh: () => 1 }, regionRules);
    checkLayer('test', { capacity: Infinity, name: 'a', onEvent: () => undefined, regions: {} }, memoizerRules);
    checkLayer('test', { region: 'a', args: [], signal: AbortSignal.abort(), refresh: false }, keyedCallRules);
    checkLayer('test', { region: null }, keyedCallRules);
    const key = () => 'a';
    const normalize = (args: readonly unknown[]) => args;
    checkLayer('test', { region: 'a', name: 'b', key, normalize, evictionStrategy, storage }, memoizerFunctionRules);
  });

  const oneOfEach: readonly [title: string, rules: OptionRules, layer: unknown, message: string][] = [
    ['no object', regionRules, 'short', `expected an object of options, got "short".`],
    [
      'an unknown option',
      regionRules,
      { expireAfer: 1 },
      `option 'expireAfer' ${noOption}, got 1. Did you mean 'expireAfter'?`,
    ],
    [
      'the storage of a Memoizer, which is its first argument',
      memoizerRules,
      { storage },
      `option 'storage' ${noOption}, got an object of class LocalInMemoryCacheStorage. The options are ` +
        `namespace, updateAfter, expireAfter, maxAge, etag, jitter, timeout, postprocessing, lock, coordination, ` +
        `leaseTime, waitLimit, onWaitLimit, earlyRefresh, retry, negative, staleIfError, enabled, removeExpiredEvery, ` +
        `errors, onStorageError, capacity, maxWeight, weigh, evictionStrategy, regions, name, clock, onEvent.`,
    ],
    [
      'a parent of a call',
      keyedCallRules,
      { parent: 'a' },
      `option 'parent' ${noOption}, got "a". The options are namespace, updateAfter, expireAfter, maxAge, etag, jitter, timeout, postprocessing, lock, coordination, leaseTime, waitLimit, onWaitLimit, earlyRefresh, retry, negative, staleIfError, enabled, removeExpiredEvery, errors, onStorageError, storage, region, args, signal, refresh.`,
    ],
    ['a clock of a region', regionRules, { clock: 1 }, `option 'clock' ${noOption}, got 1. Did you mean 'lock'?`],
    ['a capacity of a call', keyedCallRules, { capacity: 1 }, `option 'capacity' ${noOption}, got 1. `],
    [
      'an empty namespace',
      regionRules,
      { namespace: '' },
      `option 'namespace' should be a text that is not empty, or null, got "".`,
    ],
    [
      'no storage at all',
      regionRules,
      { storage: null },
      `option 'storage' should be a CacheStorage, or left out, got null. ` +
        `Entries are always kept somewhere: where it is left out, the next layer says where.`,
    ],
    [
      'half a storage',
      regionRules,
      { storage: {} },
      `option 'storage' should be a CacheStorage with get, offer, release, got an object of class Object.`,
    ],
    [
      'a duration without a unit',
      regionRules,
      { updateAfter: '30' },
      `option 'updateAfter' should be ${aDuration}, got "30". A number in text says no unit: write '30 seconds' or '30 ms'.`,
    ],
    [
      'a moment for a duration',
      regionRules,
      { expireAfter: 1.7e12 },
      `option 'expireAfter' should be ${anExpiration}, got 1700000000000. A number is a length in milliseconds, and this one is over ten years: it is probably a moment. Text such as '4000 days' may be longer, Infinity means for ever.`,
    ],
    [
      'a negative age',
      regionRules,
      { maxAge: -1 },
      `option 'maxAge' should be ${aDuration}, got -1. A length of time cannot be negative.`,
    ],
    [
      'lifetimes that contradict one another',
      regionRules,
      { updateAfter: '1 hour', expireAfter: '1 minute' },
      `option 'updateAfter' should be no longer than expireAfter (60000 ms), got 3600000. ` +
        `An entry that has expired is never refreshed in the background; leave updateAfter out if none should be.`,
    ],
    [
      'an etag that is an object',
      regionRules,
      { etag: {} },
      `option 'etag' should be a text or a number, or a function of the arguments, or null, got an object of class Object.`,
    ],
    [
      'an etag that is no number',
      regionRules,
      { etag: NaN },
      `option 'etag' should be a text or a number, or a function of the arguments, or null, got NaN.`,
    ],
    [
      'a jitter in percent',
      regionRules,
      { jitter: 5 },
      `option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, or null, got 5.`,
    ],
    [
      'no time for loads',
      regionRules,
      { timeout: 0 },
      `option 'timeout' should be a time longer than 0, or Infinity for no limit, got 0.`,
    ],
    [
      'half a postprocessing',
      regionRules,
      { postprocessing: {} },
      `option 'postprocessing' should be a Postprocessing with apply, or null, got an object of class Object.`,
    ],
    [
      'half a lock',
      regionRules,
      { lock: {} },
      `option 'lock' should be a function of a key that gives a Lock, or a Lock with acquire, release, or null, got an object of class Object.`,
    ],
    [
      'no coordination',
      regionRules,
      { coordination: null },
      `option 'coordination' should be 'lease' or 'none', got null.`,
    ],
    [
      'no lease time',
      regionRules,
      { leaseTime: null },
      `option 'leaseTime' should be a time from 100 milliseconds to 49 days, got null.`,
    ],
    [
      'a short lease',
      regionRules,
      { leaseTime: 1 },
      `option 'leaseTime' should be a time from 100 milliseconds to 49 days, got 1. It is renewed while the function runs, so it need not be as long as a load.`,
    ],
    [
      'a limit that cannot be read',
      regionRules,
      { waitLimit: 'long' },
      `option 'waitLimit' should be ${aDuration}, got "long".`,
    ],
    [
      'nothing to do at the limit',
      regionRules,
      { onWaitLimit: null },
      `option 'onWaitLimit' should be 'compute' or 'throw' or 'stale', got null.`,
    ],
    [
      'a limit in vain',
      regionRules,
      { coordination: 'none', waitLimit: 5 },
      `option 'waitLimit' should be left out where 'coordination' is 'none', got 5. Every process then loads for itself, and none waits for another.`,
    ],
    [
      'an early refresh of false',
      regionRules,
      { earlyRefresh: false },
      `option 'earlyRefresh' should be true, or a finite number above 0, or an EarlyRefresh with isDue, or null, got false.`,
    ],
    ['other errors', regionRules, { errors: null }, `option 'errors' should be 'wrapped' or 'original', got null.`],
    [
      'another answer to a failing storage',
      regionRules,
      { onStorageError: 'ignore' },
      `option 'onStorageError' should be 'bypass' or 'throw', got "ignore".`,
    ],
    [
      'half a capacity',
      regionRules,
      { capacity: 0.5, storage },
      `option 'capacity' should be a whole number from 0 on, or null for no bound, got 0.5.`,
    ],
    [
      'two bounds',
      regionRules,
      { capacity: 5, evictionStrategy, storage },
      `option 'capacity' should be left out where 'evictionStrategy' is given, got 5. Give the capacity to the strategy.`,
    ],
    [
      'a number and a weight',
      memoizerRules,
      { capacity: 5, maxWeight: 5 },
      `option 'capacity' should be left out where 'maxWeight' is given, got 5. Entries are either counted or weighed.`,
    ],
    [
      'a weight beside a strategy',
      memoizerFunctionRules,
      { maxWeight: 5, evictionStrategy },
      `option 'maxWeight' should be left out where 'evictionStrategy' is given, got 5. Give it to the strategy.`,
    ],
    [
      'half a weight',
      memoizerRules,
      { maxWeight: 0.5 },
      `option 'maxWeight' should be a whole number from 0 on, got 0.5.`,
    ],
    [
      'what is weighed in vain',
      memoizerRules,
      { weigh: () => 1 },
      `option 'weigh' should be left out where no 'maxWeight' is given, got function weigh.`,
    ],
    [
      'what is weighed beside a strategy',
      memoizerRules,
      { weigh: () => 1, evictionStrategy },
      `option 'weigh' should be left out where 'evictionStrategy' is given, got function weigh. Give it to the strategy.`,
    ],
    [
      'a weight in words',
      memoizerRules,
      { maxWeight: 5, weigh: 'bytes' },
      `option 'weigh' should be a function of an entry, got "bytes".`,
    ],
    [
      'arguments that are no list',
      keyedCallRules,
      { args: 'a' },
      `option 'args' should be a list of arguments, got "a".`,
    ],
    [
      'a signal that is none',
      keyedCallRules,
      { signal: {} },
      `option 'signal' should be an AbortSignal with throwIfAborted, addEventListener, got an object of class Object.`,
    ],
    ['a refresh in words', keyedCallRules, { refresh: 'yes' }, `option 'refresh' should be true or false, got "yes".`],
    [
      'no normalization',
      memoizerFunctionRules,
      { normalize: null },
      `option 'normalize' should be a function of a list of arguments, got null.`,
    ],
    [
      'a nameless function',
      memoizerFunctionRules,
      { name: '' },
      `option 'name' should be a text that is not empty, got "".`,
    ],
  ];

  it.each(oneOfEach)('is wrong, and said so: %s', (_title, rules, layer, message) => {
    expect(() => checkLayer('the call', layer, rules)).toThrow(`the call: ${message}`);
  });
});
