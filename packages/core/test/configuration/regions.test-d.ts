import {
  LocalInMemoryCacheStorage,
  Memoizer,
  type KeyedCallOptions,
  type LayerOptions,
  type MemoizerFunctionOptions,
  type MemoizerOptions,
  type RegionOptions,
  type Regions,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

declare function fetchUser(id: string, fresh?: boolean): Promise<string>;
const storage = new LocalInMemoryCacheStorage();
const memo = new Memoizer(storage, {
  namespace: 'pages',
  regions: { short: { expireAfter: '1 minute' }, long: { parent: 'short', expireAfter: '1 hour' } },
});

describe('the names of regions', () => {
  it('are those that the Memoizer is made with', () => {
    expectTypeOf(memo).toEqualTypeOf<Memoizer<'short' | 'long'>>();
    expectTypeOf(memo.regions).toEqualTypeOf<Regions<'short' | 'long'>>();
    void memo.get('home', () => 1, { region: 'long' });
    void memo.get('home', () => 1, { region: 'default' });
    void memo.get('home', () => 1, { region: null });
    // @ts-expect-error there is no such region
    void memo.get('home', () => 1, { region: 'lnog' });
    // @ts-expect-error there is no such region
    void memo.exists('home', { region: 'lnog' });
    // @ts-expect-error there is no such region
    void memo.memoize(fetchUser, { region: 'lnog' });
  });

  it('are none where no region is given', () => {
    const plain = new Memoizer(storage, { namespace: 'pages' });
    expectTypeOf(plain).toEqualTypeOf<Memoizer>();
    void plain.get('home', () => 1, { region: 'default' });
    // @ts-expect-error there is no region
    void plain.get('home', () => 1, { region: 'short' });
    expectTypeOf(new Memoizer(storage)).toEqualTypeOf<Memoizer>();
  });

  it('may be declared, to be added later', () => {
    const later = new Memoizer<'short' | 'late'>(storage, { regions: { short: { expireAfter: '1 minute' } } });
    later.regions.set('late', { parent: 'short' });
    void later.get('home', () => 1, { region: 'late' });
    // @ts-expect-error it is not declared
    later.regions.set('later', {});
    // @ts-expect-error it is not declared
    new Memoizer<'short' | 'late'>(storage, { regions: { shrot: {} } });
  });

  it('are known to parents', () => {
    new Memoizer(storage, { regions: { a: { parent: 'b' }, b: { parent: 'default' } } });
    // @ts-expect-error there is no region 'c'
    new Memoizer(storage, { regions: { a: { parent: 'c' }, b: {} } });
    memo.regions.set('long', { parent: 'default' });
    // @ts-expect-error there is no region 'lnog'
    memo.regions.set('short', { parent: 'lnog' });
    // @ts-expect-error the default has no parent
    memo.regions.set('default', { parent: 'short' });
    // @ts-expect-error what the Memoizer says is written beside its regions
    new Memoizer(storage, { regions: { default: {} } });
  });

  it('may be any where they are not known before', () => {
    const regions: Record<string, RegionOptions> = {};
    const tenants = new Memoizer(storage, { regions });
    expectTypeOf(tenants).toEqualTypeOf<Memoizer<string>>();
    tenants.regions.set('tenant-1', { namespace: 'tenant-1' });
    void tenants.get('home', () => 1, { region: 'tenant-1' });
  });

  it('are known where the regions tell them', () => {
    for (const region of memo.regions.names()) {
      void memo.get('home', () => 1, { region });
      memo.regions.set('long', { ...memo.regions.get(region), parent: region });
    }
    const parent = memo.regions.get('long')?.parent;
    if (parent !== undefined) void memo.get('home', () => 1, { region: parent });
    expectTypeOf(parent).toExtend<string | undefined>();
  });

  it('may be more than those need whom the Memoizer is given', () => {
    const ofAny = (any: Memoizer): Promise<number> => any.get('home', () => 1, { region: 'default' });
    const ofShort = (pages: Memoizer<'short'>): Promise<number> => pages.get('home', () => 1, { region: 'short' });
    void ofAny(memo);
    void ofShort(memo);
    const plain = new Memoizer(storage);
    // @ts-expect-error it has no region 'short'
    void ofShort(plain);
  });

  it('of what a region says are known to those who change a part of it', () => {
    memo.regions.set('long', { ...memo.regions.get('long'), expireAfter: '2 hours' });
    memo.regions.set('default', { ...memo.regions.get('default'), maxAge: '1 hour' });
  });
});

describe('the options of layers', () => {
  it('may say nothing, or explicitly nothing', () => {
    const layer: LayerOptions = {
      namespace: null,
      updateAfter: null,
      expireAfter: null,
      maxAge: null,
      etag: null,
      jitter: null,
      timeout: null,
      postprocessing: null,
      lock: null,
      waitLimit: null,
      earlyRefresh: null,
      storage: undefined,
    };
    new Memoizer(storage, { regions: { a: layer } });
    // @ts-expect-error there is always a storage
    new Memoizer(storage, { regions: { a: { storage: null } } });
    // @ts-expect-error it is 'lease' or 'none'
    new Memoizer(storage, { coordination: null });
    // @ts-expect-error a lease has a length
    new Memoizer(storage, { leaseTime: null });
    // @ts-expect-error it is 'compute', 'throw' or 'stale'
    new Memoizer(storage, { onWaitLimit: null });
    // @ts-expect-error it is 'wrapped' or 'original'
    new Memoizer(storage, { errors: null });
    // @ts-expect-error it is 'bypass' or 'throw'
    new Memoizer(storage, { onStorageError: null });
  });

  it('are those of their layer only', () => {
    // @ts-expect-error the storage is the first argument
    new Memoizer(storage, { storage });
    // @ts-expect-error there is no such option
    new Memoizer(storage, { expiresAfter: '1 hour' });
    // @ts-expect-error there is no such option
    new Memoizer(storage, { regions: { short: { expiresAfter: '1 hour' } } });
    // @ts-expect-error a region has no clock
    new Memoizer(storage, { regions: { short: { clock: undefined } } });
    expectTypeOf<keyof RegionOptions>().toEqualTypeOf<
      keyof LayerOptions | 'parent' | 'capacity' | 'maxWeight' | 'weigh' | 'evictionStrategy'
    >();
    expectTypeOf<keyof KeyedCallOptions>().toEqualTypeOf<
      keyof LayerOptions | 'region' | 'args' | 'signal' | 'refresh'
    >();
    expectTypeOf<keyof MemoizerFunctionOptions>().toEqualTypeOf<
      | keyof LayerOptions
      | 'region'
      | 'name'
      | 'key'
      | 'params'
      | 'normalize'
      | 'invalidation'
      | 'onEvent'
      | 'dispose'
      | 'closeDelay'
      | 'capacity'
      | 'maxWeight'
      | 'weigh'
      | 'evictionStrategy'
    >();
    expectTypeOf<keyof MemoizerOptions>().toEqualTypeOf<
      | Exclude<keyof LayerOptions, 'storage'>
      | 'regions'
      | 'name'
      | 'clock'
      | 'onEvent'
      | 'capacity'
      | 'maxWeight'
      | 'weigh'
      | 'evictionStrategy'
    >();
  });

  it('may be functions of the arguments', () => {
    void memo.memoize(fetchUser, { etag: (id) => id.trim(), maxAge: (_id, fresh) => (fresh === true ? 0 : null) });
    // @ts-expect-error the function takes text
    void memo.memoize(fetchUser, { etag: (id: number) => id });
    // @ts-expect-error an etag is text or a number
    void memo.memoize(fetchUser, { etag: () => ({}) });
    void memo.get('user', fetchUser, { args: ['42'], etag: async (id) => id.trim() });
    // @ts-expect-error the load takes text
    void memo.get('user', fetchUser, { args: [42] });
    // A region serves loads of any arguments.
    new Memoizer(storage, { regions: { a: { etag: (id) => String(id), maxAge: (...args) => args.length } } });
    // @ts-expect-error nobody says that it is a number
    new Memoizer(storage, { regions: { a: { etag: (id: number) => id } } });
  });
});
