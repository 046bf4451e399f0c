import { InvalidOptionError, LocalInMemoryCacheStorage, UnknownRegionError, type RegionOptions } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { resolveLayers } from '../../src/configuration/layers.js';
import { Regions } from '../../src/configuration/regions.js';
import { expirationAfter } from '../../src/expiration/expiration-from.js';

const storage = new LocalInMemoryCacheStorage();
const other = new LocalInMemoryCacheStorage();

/** As written by someone who has no types. */
type Untyped = Readonly<Record<string, RegionOptions>>;
const regionsOf = (regions: Untyped = {}, defaults: object = {}) =>
  new Regions<string>({ storage, ...defaults }, regions);
const untyped = (value: unknown): never => value as never;

/** What a region says together with all who are asked after it. */
const resolved = (regions: Regions<string>, name?: string | null) => resolveLayers(regions.layersOf(name));

describe('regions', () => {
  it('are asked one after the other: the region, its parents, the Memoizer', () => {
    const regions = regionsOf(
      {
        inner: { parent: 'middle', namespace: 'i' },
        middle: { parent: 'outer', namespace: 'm', etag: 'm' },
        outer: { namespace: 'o', etag: 'o', maxAge: 3 },
        apart: {},
      },
      { namespace: 'd', etag: 'd', maxAge: 4, jitter: 0.5 },
    );
    expect(resolved(regions, 'inner')).toStrictEqual({ storage, namespace: 'i', etag: 'm', maxAge: 3, jitter: 0.5 });
    expect(resolved(regions, 'middle')).toMatchObject({ namespace: 'm', etag: 'm' });
    expect(resolved(regions, 'outer')).toMatchObject({ namespace: 'o', etag: 'o' });
    expect(resolved(regions, 'apart')).toMatchObject({ namespace: 'd', etag: 'd' });
  });

  it.each([undefined, null, 'default'])('none chosen (%s): only what the Memoizer says', (name) => {
    const regions = regionsOf({ a: { namespace: 'a' } }, { namespace: 'd' });
    expect(regions.layersOf(name)).toStrictEqual([{ storage, namespace: 'd' }]);
  });

  it('of the default as their parent are those without', () => {
    const regions = regionsOf({ a: { parent: 'default' }, b: {} });
    expect(regions.layersOf('a')).toHaveLength(2);
    expect(regions.layersOf('b')).toHaveLength(2);
  });

  it('may stand in any order', () => {
    const regions = regionsOf({ long: { parent: 'short' }, short: { namespace: 's' } });
    expect(resolved(regions, 'long').namespace).toBe('s');
  });

  it('may be left out where they are declared only', () => {
    const regions = new Regions<'a' | 'b'>({ storage }, { a: {}, b: untyped(undefined) });
    expect(regions.names()).toEqual(['default', 'a']);
    expect(new Regions({ storage }).names()).toEqual(['default']);
  });

  it('tell what they say, as it was given', () => {
    const regions = regionsOf({ a: { expireAfter: '1 hour', parent: 'default' } }, { maxAge: '5 minutes' });
    expect(regions.get('a')).toStrictEqual({ expireAfter: '1 hour', parent: 'default' });
    expect(regions.get('default')).toStrictEqual({ storage, maxAge: '5 minutes' });
    expect(regions.get('b')).toBeUndefined();
    expect(regions.has('a')).toBe(true);
    expect(regions.has('default')).toBe(true);
    expect(regions.has('b')).toBe(false);
    expect(regions.has('toString')).toBe(false);
  });

  it('of the default keep to themselves what is no option of a region', () => {
    const regions = regionsOf({}, { name: 'memo', clock: {}, onEvent: () => undefined, regions: {}, capacity: 5 });
    expect(regions.get('default')).toStrictEqual({ storage, capacity: 5 });
    expect(resolved(regions)).toStrictEqual({ storage, capacity: 5 });
  });

  it('are not changed by those who gave them, nor by those who read them', () => {
    const expireAfter = { minutes: 5 };
    const given: { expireAfter: { minutes: number }; namespace?: string } = { expireAfter };
    const regions = regionsOf({ a: given });
    regions.set('b', given);
    given.namespace = 'later';
    expireAfter.minutes = 7;
    for (const name of ['a', 'b']) {
      expect(resolved(regions, name)).toStrictEqual({ storage, expireAfter: expirationAfter(300_000) });
      expect(Object.isFrozen(regions.get(name))).toBe(true);
      expect(Object.isFrozen(regions.layersOf(name)[0])).toBe(true);
    }
    expect(Object.isFrozen(given)).toBe(false);
  });

  it('have their durations read once', () => {
    const regions = regionsOf({ a: { updateAfter: '1 minute', waitLimit: 'PT1S' } }, { expireAfter: '1 hour' });
    expect(regions.layersOf('a')).toStrictEqual([
      { updateAfter: 60_000, waitLimit: 1_000 },
      { storage, expireAfter: expirationAfter(3_600_000) },
    ]);
    expect(regions.layersOf('a')).toBe(regions.layersOf('a'));
  });

  it('may have any name', () => {
    const regions = regionsOf({ ['__proto__']: { namespace: 'p' }, toString: { namespace: 't' } });
    expect(regions.names()).toEqual(['default', '__proto__', 'toString']);
    expect(resolved(regions, '__proto__').namespace).toBe('p');
    expect(resolved(regions, 'toString').namespace).toBe('t');
  });
});

describe('regions.set', () => {
  it('adds a region', () => {
    const regions = regionsOf({ a: { namespace: 'a' } });
    regions.set('b', { parent: 'a', etag: 1 });
    expect(regions.names()).toEqual(['default', 'a', 'b']);
    expect(resolved(regions, 'b')).toStrictEqual({ storage, namespace: 'a', etag: 1 });
  });

  it('replaces all that a region says, also for those whose parent it is', () => {
    const regions = regionsOf({ a: { namespace: 'a', etag: 1 }, b: { parent: 'a' } });
    expect(resolved(regions, 'b')).toStrictEqual({ storage, namespace: 'a', etag: 1 });
    regions.set('a', { etag: 2 });
    expect(resolved(regions, 'b')).toStrictEqual({ storage, etag: 2 });
    expect(regions.names()).toEqual(['default', 'a', 'b']);
  });

  it(`changes what the Memoizer itself says, but for the storage that it was made with, and what bounds it`, () => {
    const regions = regionsOf({ a: {} }, { capacity: 5, namespace: 'd' });
    regions.set('default', { etag: 1 });
    expect(resolved(regions, 'a')).toStrictEqual({ storage, capacity: 5, etag: 1 });
    expect(regions.get('default')).toStrictEqual({ storage, capacity: 5, etag: 1 });
    regions.set('default', { storage: other });
    expect(resolved(regions, 'a')).toStrictEqual({ storage: other });
    regions.set('default', {});
    expect(resolved(regions, 'a')).toStrictEqual({ storage, capacity: 5 });
    expect(regions.names()).toEqual(['default', 'a']);
  });

  it('changes the version each time', () => {
    const regions = regionsOf({ a: {} });
    const versions = [regions.version];
    for (const name of ['a', 'b', 'default']) {
      regions.set(name, {});
      versions.push(regions.version);
    }
    expect(versions).toEqual([0, 1, 2, 3]);
  });

  it('gives a region another parent, if that makes no cycle', () => {
    const regions = regionsOf({ a: { namespace: 'a' }, b: { namespace: 'b' }, c: { parent: 'a' } });
    regions.set('c', { parent: 'b' });
    expect(resolved(regions, 'c').namespace).toBe('b');
    regions.set('a', { parent: 'c' });
    expect(resolved(regions, 'a').namespace).toBe('b');
  });

  it.each<[string, string, RegionOptions]>([
    ['an unknown option', 'a', untyped({ expireAfer: 1 })],
    ['a bad value', 'a', { expireAfter: '5' }],
    ['an unknown parent', 'a', { parent: 'nowhere' }],
    ['a cycle', 'a', { parent: 'b' }],
    ['a parent of the default', 'default', { parent: 'a' }],
    ['a new region with a bad value', 'c', { jitter: 7 }],
  ])('changes nothing when it fails: %s', (_title, name, options) => {
    const regions = regionsOf({ a: { namespace: 'a' }, b: { parent: 'a' } }, { namespace: 'd' });
    const before = [regions.names(), regions.version, regions.layersOf('b'), regions.layersOf(null)];
    expect(() => regions.set(name, options)).toThrow(InvalidOptionError);
    expect([regions.names(), regions.version, regions.layersOf('b'), regions.layersOf(null)]).toEqual(before);
  });
});

describe('a mistake in a region is told where it is written', () => {
  const made = (regions: unknown) => () => regionsOf(untyped(regions));
  const set = (name: unknown, options: unknown) => () =>
    regionsOf({ short: {}, long: { parent: 'short' } }).set(untyped(name), untyped(options));
  const expected = 'the name of a region, a text that is not empty';

  it.each<[title: string, act: () => unknown, message: string]>([
    [
      'an unknown option',
      made({ short: { expiresAfter: '1m' } }),
      `new Memoizer, region 'short': option 'expiresAfter' should be left out, since there is no such option, got "1m". Did you mean 'expireAfter'?`,
    ],
    [
      'an unknown option, later',
      set('short', { expiresAfter: '1m' }),
      `regions.set('short'): option 'expiresAfter' should be left out, since there is no such option, got "1m". Did you mean 'expireAfter'?`,
    ],
    ['no options', made({ short: null }), `new Memoizer, region 'short': expected an object of options, got null.`],
    ['no options, later', set('late', undefined), `regions.set('late'): expected an object of options, got undefined.`],
    [
      'a list of regions',
      made([{ namespace: 'a' }]),
      `new Memoizer: option 'regions' should be an object of regions by name, got an object of class Array.`,
    ],
    [
      'regions that are none',
      made('short'),
      `new Memoizer: option 'regions' should be an object of regions by name, got "short".`,
    ],
    [
      'no regions at all',
      made(null),
      `new Memoizer: option 'regions' should be an object of regions by name, got null.`,
    ],
    [
      'the default among them',
      made({ default: {} }),
      `new Memoizer: option 'regions.default' should be left out, since the options of the Memoizer itself are that region, got an object of class Object. Write them beside 'regions'.`,
    ],
    ['an empty name', made({ '': {} }), `new Memoizer, regions: expected ${expected}, got "".`],
    ['an empty name, later', set('', {}), `regions.set: expected ${expected}, got "".`],
    ['a name that is no text', set(5, {}), `regions.set: expected ${expected}, got 5.`],
    [
      'a name that would break the message',
      made({ 'a\nb': { jitter: 5 } }),
      `new Memoizer, region 'a\\nb': option 'jitter' should be a fraction from 0 on and below 1, such as 0.05, or null, got 5.`,
    ],
    [
      'an unknown parent',
      made({ short: {}, long: { parent: 'shrot' } }),
      `new Memoizer, region 'long': option 'parent' should be a region that there is, got "shrot". Did you mean 'short'? The regions are 'default', 'short', 'long'.`,
    ],
    [
      'an unknown parent, which nothing resembles',
      made({ short: {}, long: { parent: 'x' } }),
      `new Memoizer, region 'long': option 'parent' should be a region that there is, got "x". The regions are 'default', 'short', 'long'.`,
    ],
    [
      'a parent that is no name',
      set('late', { parent: null }),
      `regions.set('late'): option 'parent' should be a region that there is, got null. The regions are 'default', 'short', 'long'.`,
    ],
    [
      'a parent that is yet to come',
      set('late', { parent: 'later' }),
      `regions.set('late'): option 'parent' should be a region that there is, got "later". The regions are 'default', 'short', 'long'.`,
    ],
    [
      'a region that is its own parent',
      made({ a: { parent: 'a' } }),
      `new Memoizer, region 'a': option 'parent' should be a region whose parents do not lead back to this one, got "a". They go 'a' → 'a'.`,
    ],
    [
      'a new region that is its own parent',
      set('late', { parent: 'late' }),
      `regions.set('late'): option 'parent' should be a region whose parents do not lead back to this one, got "late". They go 'late' → 'late'.`,
    ],
    [
      'a cycle, with one who leads to it',
      made({ x: { parent: 'a' }, a: { parent: 'b' }, b: { parent: 'c' }, c: { parent: 'a' } }),
      `new Memoizer, region 'a': option 'parent' should be a region whose parents do not lead back to this one, got "b". They go 'a' → 'b' → 'c' → 'a'.`,
    ],
    [
      'a cycle, later',
      set('short', { parent: 'long' }),
      `regions.set('short'): option 'parent' should be a region whose parents do not lead back to this one, got "long". They go 'short' → 'long' → 'short'.`,
    ],
    [
      'a parent of the default',
      set('default', { parent: 'short' }),
      `regions.set('default'): option 'parent' should be left out for 'default', which is asked after all others, got "short".`,
    ],
    [
      'a capacity of no storage',
      made({ short: { capacity: 5 } }),
      `new Memoizer, region 'short': option 'capacity' should be left out where no 'storage' is given beside it, got 5. It bounds the entries of a storage, so it is said where the storage is.`,
    ],
    [
      'a capacity of a storage that the parent has',
      made({ short: { storage: other }, long: { parent: 'short', capacity: null } }),
      `new Memoizer, region 'long': option 'capacity' should be left out where no 'storage' is given beside it, got null. It bounds the entries of a storage, so it is said where the storage is.`,
    ],
    [
      'no storage',
      set('short', { storage: null }),
      `regions.set('short'): option 'storage' should be a CacheStorage, or left out, got null. Entries are always kept somewhere: where it is left out, the next layer says where.`,
    ],
    [
      'lifetimes that contradict one another',
      set('default', { updateAfter: 2, expireAfter: 1 }),
      `regions.set('default'): option 'updateAfter' should be no longer than expireAfter (1 ms), got 2. An entry that has expired is never refreshed in the background; leave updateAfter out if none should be.`,
    ],
  ])('%s', (_title, act, message) => {
    expect(act).toThrow(expect.objectContaining({ message }));
  });

  it('lifetimes of different regions never contradict one another', () => {
    const regions = regionsOf({ a: { expireAfter: 1 }, b: { parent: 'a', updateAfter: 2 } });
    expect(resolved(regions, 'b')).toStrictEqual({ storage, updateAfter: Infinity, expireAfter: expirationAfter(1) });
  });
});

describe('a region that there is not', () => {
  const regions = regionsOf({ short: {}, long: {} });

  it.each<[title: string, name: unknown, message: string]>([
    ['misspelt', 'lnog', `There is no region "lnog". Did you mean 'long'? The regions are 'default', 'short', 'long'.`],
    ['made up', 'night', `There is no region "night". The regions are 'default', 'short', 'long'.`],
    ['empty', '', `There is no region "". The regions are 'default', 'short', 'long'.`],
    ['no name', 5, `There is no region 5. The regions are 'default', 'short', 'long'.`],
    ['an object', {}, `There is no region an object of class Object. The regions are 'default', 'short', 'long'.`],
  ])('is told with those that there are: %s', (_title, name, message) => {
    const look = () => regions.layersOf(untyped(name));
    expect(look).toThrow(expect.objectContaining({ message, code: 'UNKNOWN_REGION', context: { region: name } }));
    expect(look).toThrow(UnknownRegionError);
  });

  it('is told with some of those that there are, where they are many', () => {
    const many = regionsOf(Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`tenant${number}`, {}])));
    const some = Array.from({ length: 19 }, (_, number) => `'tenant${number}'`).join(', ');
    expect(() => many.layersOf('x')).toThrow(
      new UnknownRegionError('x', `The regions are 'default', ${some}, 11 more.`).message,
    );
  });

  it('may be there later', () => {
    const later = regionsOf();
    expect(() => later.layersOf('late')).toThrow(UnknownRegionError);
    later.set('late', { namespace: 'l' });
    expect(resolved(later, 'late').namespace).toBe('l');
  });
});
