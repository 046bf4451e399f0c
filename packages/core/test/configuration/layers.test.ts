import {
  DeepcopyPostprocessing,
  LeastRecentlyUsedEvictionStrategy,
  LocalInMemoryCacheStorage,
  type CacheStorage,
  type LayerOptions,
  type Lock,
} from '@memo/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationFromOptions } from '../../src/configuration/configuration-from-options.js';
import { coordinationSettingsOf } from '../../src/configuration/coordination-options.js';
import type { ResolvedOptions } from '../../src/configuration/layer-options.js';
import { checkLayer, regionRules } from '../../src/configuration/layer-rules.js';
import { type Layer, layerInMilliseconds, resolveLayers } from '../../src/configuration/layers.js';
import { expirationAfter } from '../../src/expiration/expiration-from.js';
import { expiringLifetimesOf } from '../../src/expiration/expiring-lifetimes.js';

type Option = keyof LayerOptions;

const lockOf = (): Lock => ({ acquire: () => Promise.resolve(true), release: () => Promise.resolve() });
const storageOf = (): CacheStorage => new LocalInMemoryCacheStorage();

/** Five values of each option, for the five layers; where there are fewer, they come again. */
const samples: { readonly [O in Option]-?: readonly unknown[] } = {
  namespace: ['a', 'b', 'c', 'd', 'e'],
  storage: [storageOf(), storageOf(), storageOf(), storageOf(), storageOf()],
  updateAfter: ['1 second', 2_000, { seconds: 3 }, 'PT4S', Infinity],
  expireAfter: ['1 hour', 7_200_000, { hours: 3 }, 'PT4H', Infinity],
  maxAge: ['1 minute', 0, () => '1 second', { minutes: 2 }, Infinity],
  etag: ['', 0, 'v1', (id: unknown) => `v${String(id)}`, () => Promise.resolve(null)],
  jitter: [0, 0.1, 0.2, 0.3, 0.4],
  timeout: ['1 minute', 2_000, { minutes: 3 }, Infinity, 'PT5M'],
  postprocessing: [1, 2, 3, 4, 5].map(() => new DeepcopyPostprocessing()),
  lock: [lockOf(), lockOf, lockOf(), () => lockOf(), lockOf()],
  coordination: ['lease', 'none', 'lease', 'none', 'lease'],
  leaseTime: ['1 second', 2_000, { seconds: 3 }, 'PT4S', 5_000],
  waitLimit: [0, '1 second', Infinity, { seconds: 2 }, 'PT3S'],
  onWaitLimit: ['compute', 'throw', 'stale', 'compute', 'throw'],
  earlyRefresh: [true, 1, 2, { isDue: () => true }, 0.5],
  retry: [0, 1, { count: 2 }, { count: 3, backoff: '1 second' }, 4],
  negative: [{}, { as: 'value' }, { when: () => false }, { expireAfter: '1 minute' }, { as: 'throw' }],
  staleIfError: ['1 minute', 0, { minutes: 2 }, 'PT3M', Infinity],
  enabled: [true, false, () => true, () => false, true],
  removeExpiredEvery: ['1 minute', 0, { minutes: 2 }, 'PT3M', 4_000],
  errors: ['wrapped', 'original', 'wrapped', 'original', 'wrapped'],
  onStorageError: ['bypass', 'throw', 'bypass', 'throw', 'bypass'],
};
const options = Object.keys(samples) as Option[];

/** What an option is when a layer says "explicitly nothing"; the options that are not here cannot be told that. */
const nothing = new Map<Option, unknown>([
  ['namespace', undefined],
  ['updateAfter', Infinity],
  ['expireAfter', Infinity],
  ['maxAge', undefined],
  ['etag', undefined],
  ['jitter', 0],
  ['timeout', Infinity],
  ['postprocessing', undefined],
  ['lock', null],
  ['waitLimit', undefined],
  ['earlyRefresh', undefined],
  ['retry', undefined],
  ['negative', undefined],
  ['staleIfError', undefined],
  ['enabled', undefined],
  ['removeExpiredEvery', undefined],
]);

const layerNames = ['the call', 'the function', 'the region', 'its parent', 'the default'] as const;
const cases = options.flatMap((option) => layerNames.map((name, place) => ({ option, name, place })));

const layerOf = (option: Option, value: unknown): Layer => ({ [option]: value });

describe('the layers of a call', () => {
  it.each(cases)('$option: what $name says holds where nobody before it says anything', ({ option, place }) => {
    const layers = samples[option].map((value, index) =>
      index < place ? layerOf(option, undefined) : layerOf(option, value),
    );
    expect(resolveLayers(layers)).toEqual({ [option]: samples[option][place] });
    // The very same thing, not one that is equal to it.
    expect(resolveLayers(layers)[option]).toBe(samples[option][place]);
  });

  it.each(cases.filter(({ option }) => nothing.has(option)))(
    '$option: null said by $name stops the search',
    ({ option, place }) => {
      const layers = samples[option].map((value, index) => {
        if (index < place) return {};
        return layerOf(option, index === place ? null : value);
      });
      const meaning = nothing.get(option);
      expect(resolveLayers(layers)).toStrictEqual(meaning === undefined ? {} : { [option]: meaning });
    },
  );

  it('know all options, each with a meaning of null or none', () => {
    const never = options.filter((option) => !nothing.has(option));
    expect(never).toEqual(['storage', 'coordination', 'leaseTime', 'onWaitLimit', 'errors', 'onStorageError']);
  });

  it('say nothing where there is none, or none says anything', () => {
    expect(resolveLayers([])).toStrictEqual({});
    expect(resolveLayers([{}, { namespace: undefined }, {}])).toStrictEqual({});
  });

  it('are asked for each option apart', () => {
    const layers: Layer[] = [{ etag: 1 }, { namespace: 'a', timeout: null }, { etag: 2, expireAfter: 5, timeout: 1 }];
    expect(resolveLayers(layers)).toStrictEqual({ etag: 1, namespace: 'a', timeout: Infinity, expireAfter: 5 });
  });

  it('give only what layers have in common of all that a call or a function says', () => {
    const call = {
      region: 'a',
      args: [1],
      signal: AbortSignal.abort(),
      refresh: true,
      parent: 'b',
      name: 'c',
      etag: 'd',
    };
    expect(resolveLayers([call])).toStrictEqual({ etag: 'd' });
  });

  it('are left as they are', () => {
    const layers = [Object.freeze({ namespace: null, updateAfter: '1h' }), Object.freeze({ expireAfter: '1m' })];
    expect(resolveLayers(layers)).toStrictEqual({ updateAfter: Infinity, expireAfter: '1m' });
    expect(layers).toStrictEqual([{ namespace: null, updateAfter: '1h' }, { expireAfter: '1m' }]);
  });
});

describe('the lifetimes that layers say', () => {
  const lifetimes = (...layers: Layer[]) => {
    const { updateAfter, expiration } = expiringLifetimesOf(resolveLayers(layers), 'test');
    return { updateAfter, expireAfter: expiration.after };
  };

  it.each<[title: string, layers: readonly Layer[], updateAfter: number, expireAfter: number | undefined]>([
    ['a refresh before a moment', [{ updateAfter: '1h' }, { expireAfter: '2030-01-01' }], 3_600_000, undefined],
    ['a refresh before a function knows', [{ updateAfter: '1h' }, { expireAfter: () => 1 }], 3_600_000, undefined],
    ['a refresh of what never expires', [{ updateAfter: '1h' }, { expireAfter: false }], 3_600_000, Infinity],
    ['no refresh of what expires at once', [{ updateAfter: '1h' }, { expireAfter: true }], Infinity, 0],
    ['both inherited', [{}, { updateAfter: '1m', expireAfter: '1h' }], 60_000, 3_600_000],
    ['a refresh in time', [{ expireAfter: '2m' }, { updateAfter: '1m', expireAfter: '1h' }], 60_000, 120_000],
    ['a refresh too late', [{ expireAfter: '30s' }, { updateAfter: '1m', expireAfter: '1h' }], Infinity, 30_000],
    ['a refresh at the expiry', [{ expireAfter: '1m' }, { updateAfter: '1m', expireAfter: '1h' }], Infinity, 60_000],
    ['a refresh too late, of an inner layer', [{ updateAfter: '1h' }, { expireAfter: '1m' }], Infinity, 60_000],
    ['both at once in one layer', [{ updateAfter: '1m', expireAfter: '1m' }], 60_000, 60_000],
    ['no refresh', [{ updateAfter: null }, { updateAfter: '1m', expireAfter: '1h' }], Infinity, 3_600_000],
    ['no refresh, and no lifetime said', [{ updateAfter: null }, { updateAfter: '1m' }], Infinity, 1_800_000],
    ['no end', [{ expireAfter: null }, { updateAfter: '1m', expireAfter: '1h' }], 60_000, Infinity],
    ['no end, and nothing else', [{ expireAfter: null }], Infinity, Infinity],
    ['neither refresh nor end', [{ updateAfter: null, expireAfter: null }, { updateAfter: '1m' }], Infinity, Infinity],
    ['an expiry of now', [{ expireAfter: 0 }, { updateAfter: 0 }], Infinity, 0],
    ['nothing at all', [{}], 600_000, 1_800_000],
  ])('agree: %s', (_title, layers, updateAfter, expireAfter) => {
    expect(lifetimes(...layers)).toEqual({ updateAfter, expireAfter });
    expect(lifetimes(...layers.map(layerInMilliseconds))).toEqual({ updateAfter, expireAfter });
  });
});

describe('how processes decide who loads, said by layers', () => {
  const settings = (...layers: Layer[]) => coordinationSettingsOf(resolveLayers(layers), 'test');
  const alone = { coordination: 'none', leaseTime: 3_000, waitLimit: undefined, onWaitLimit: 'compute' };

  it('how to wait is void where no process waits for another', () => {
    const waiting: Layer = { leaseTime: '1s', waitLimit: 0, onWaitLimit: 'throw', lock: lockOf() };
    expect(settings({ coordination: 'none' }, waiting)).toEqual({ ...alone, lock: undefined });
    expect(settings(waiting, { coordination: 'none' })).toEqual({ ...alone, lock: undefined });
    expect(settings({ coordination: 'lease' }, waiting, { coordination: 'none' })).toMatchObject({ waitLimit: 0 });
  });

  it('a limit of nothing is as long as a load may take', () => {
    expect(settings({ waitLimit: null }, { waitLimit: 0 }).waitLimit).toBeUndefined();
  });

  it('a lock of nothing is another thing than no lock said', () => {
    expect(settings({ lock: null }, { lock: lockOf() }).lock).toBeNull();
    expect(settings({}, {}).lock).toBeUndefined();
  });
});

describe('what bounds the entries of a storage', () => {
  const storage = storageOf();
  const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(5);
  const weigh = () => 1;

  it.each<[title: string, layers: readonly Layer[], bound: ResolvedOptions]>([
    ['is said with the storage', [{}, { storage, capacity: 1 }], { storage, capacity: 1 }],
    ['may be a strategy', [{}, { storage, evictionStrategy }], { storage, evictionStrategy }],
    [
      'may be none, on purpose',
      [
        { storage, capacity: null },
        { storage, capacity: 1 },
      ],
      { storage, capacity: null },
    ],
    ['may be said before the storage', [{ capacity: 1 }, { storage, capacity: 2 }], { storage, capacity: 1 }],
    ['is never that of another storage', [{ storage }, { storage: storageOf(), capacity: 1 }], { storage }],
    ['is one or the other, not both', [{ capacity: 1 }, { storage, evictionStrategy }], { storage, capacity: 1 }],
    [
      'is one or the other, not both, the other way round',
      [{ evictionStrategy }, { storage, capacity: 1 }],
      { storage, evictionStrategy },
    ],
    ['may be a weight', [{}, { storage, maxWeight: 5, weigh }], { storage, maxWeight: 5, weigh }],
    [
      'is a number or a weight, not both',
      [{ maxWeight: 5 }, { storage, maxWeight: 6, weigh, capacity: 1 }],
      { storage, maxWeight: 5 },
    ],
    ['may be said where nobody says a storage', [{}, { capacity: 3 }], { capacity: 3 }],
  ])('%s', (_title, layers, bound) => {
    expect(resolveLayers(layers)).toStrictEqual(bound);
  });
});

describe('a layer in milliseconds', () => {
  it('has its durations read, and all else as it was', () => {
    const maxAge = () => 5;
    const layer = {
      updateAfter: '1m',
      expireAfter: { hours: 1 },
      maxAge,
      timeout: null,
      namespace: 'a',
      etag: undefined,
    };
    const read = layerInMilliseconds(layer);
    expect(read).toStrictEqual({ ...layer, updateAfter: 60_000, expireAfter: expirationAfter(3_600_000) });
    expect(Object.isFrozen(read)).toBe(true);
    expect(layer.updateAfter).toBe('1m');
  });

  it('has all of its durations read', () => {
    const names = ['updateAfter', 'maxAge', 'timeout', 'leaseTime', 'waitLimit'];
    const layer: LayerOptions = Object.fromEntries(names.map((name) => [name, '2 seconds']));
    expect(layerInMilliseconds(layer)).toStrictEqual(Object.fromEntries(names.map((name) => [name, 2_000])));
  });

  it.each<[string, LayerOptions['expireAfter']]>([
    ['a pointer', '$.token.expiresAt:ignore_missing'],
    ['a function', () => null],
    ['nothing', null],
  ])('keeps what does not mean the same everywhere: %s', (_, expireAfter) => {
    expect(layerInMilliseconds({ expireAfter })).toStrictEqual({ expireAfter });
  });
});

describe('any layers', () => {
  const aSample = (option: Option) =>
    fc.constantFrom(undefined, ...(nothing.has(option) ? [null] : []), ...samples[option]);
  const isFine = (layer: LayerOptions): boolean => {
    try {
      checkLayer('test', layer, regionRules);
      return true;
    } catch {
      return false;
    }
  };
  const anyLayer = fc
    .record(Object.fromEntries(options.map((option) => [option, aSample(option)])), { requiredKeys: [] })
    .map((layer) => (isFine(layer) ? layer : { ...layer, coordination: undefined }))
    .filter(isFine) as fc.Arbitrary<Layer>;
  const anyLayers = fc.array(anyLayer, { maxLength: 6 });

  /** The first that says anything of an option wins. The model knows of no other rule. */
  const firstOf = (option: Option, layers: readonly Layer[]): unknown => {
    const values = layers.map((layer) => layer[option]).filter((value) => value !== undefined);
    return values[0] === null ? nothing.get(option) : values[0];
  };

  it('say together what the first of them says of each option', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const resolved = resolveLayers(layers);
        const isVain = firstOf('coordination', layers) === 'none';
        for (const option of options) {
          if (
            option === 'updateAfter' ||
            (isVain && ['leaseTime', 'waitLimit', 'onWaitLimit', 'lock'].includes(option))
          )
            continue;
          expect(resolved[option]).toBe(firstOf(option, layers));
        }
        expect([firstOf('updateAfter', layers), Infinity]).toContain(resolved.updateAfter);
      }),
    );
  });

  it('never contradict one another', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const resolved = resolveLayers(layers);
        configurationFromOptions('test', () => 1, { ...resolved, name: 'test' });
        coordinationSettingsOf(resolved, 'test');
      }),
    );
  });

  it('say the same when their durations have been read before', () => {
    fc.assert(
      fc.property(anyLayers, (layers) => {
        const before = resolveLayers(layers.map(layerInMilliseconds));
        expect(layerInMilliseconds(before)).toEqual(layerInMilliseconds(resolveLayers(layers)));
      }),
    );
  });
});
