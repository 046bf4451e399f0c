import {
  DefaultInMemoryCacheConfiguration,
  EncodedMethodNameAndArgsKeyExtractor,
  InvalidationSupport,
  LocalInMemoryCacheStorage,
  memoized,
  memoizedMethod,
  MutableCacheConfiguration,
  type CacheStorage,
} from '@memo/core';
import { describe, expect, it } from 'vitest';

class Users {
  loads = 0;
  readonly table: string;

  constructor(table: string) {
    this.table = table;
  }

  @memoized({ expireAfter: '5 minutes' })
  async find(id: string): Promise<string> {
    this.loads++;
    return `${this.table}/${id}`;
  }
}

const sharedStorage: CacheStorage = {
  get: async () => undefined,
  offer: async () => 'declined',
  release: async () => {},
};

describe('@memoized', () => {
  it('caches for each object apart, with its own this', async () => {
    const [cats, dogs] = [new Users('cats'), new Users('dogs')];
    expect([await cats.find('1'), await cats.find('1'), await dogs.find('1')]).toEqual(['cats/1', 'cats/1', 'dogs/1']);
    expect([cats.loads, dogs.loads]).toEqual([1, 1]);
  });

  it('keeps the name and the length of the method', () => {
    expect([Users.prototype.find.name, Users.prototype.find.length]).toEqual(['find', 1]);
  });

  it('gives the operations on the entries of one object', async () => {
    const [cats, dogs] = [new Users('cats'), new Users('dogs')];
    await Promise.all([cats.find('1'), dogs.find('1')]);
    expect(await memoizedMethod(cats, 'find').delete(['1'])).toBe(true);
    expect(await memoizedMethod(dogs, 'find').exists(['1'])).toBe(true);
    expect(await memoizedMethod(cats, 'find').refresh('1')).toBe('cats/1');
    expect(cats.loads).toBe(2);
    expect(() => memoizedMethod(cats, 'table')).toThrow(
      'memoizedMethod: expected the name of a method decorated with @memoized, got "table".',
    );
  });

  it('keeps objects apart that share a storage or a configuration of this process', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const configuration = MutableCacheConfiguration.initializedWith(
      new DefaultInMemoryCacheConfiguration(),
    ).setKeyExtractor(new EncodedMethodNameAndArgsKeyExtractor());
    class Shops {
      readonly town: string;
      constructor(town: string) {
        this.town = town;
      }
      @memoized({ storage })
      async stock(sku: string): Promise<string> {
        return `${sku} in ${this.town}`;
      }
      @memoized({ configuration })
      async price(sku: string): Promise<string> {
        return `price of ${sku} in ${this.town}`;
      }
    }
    const [here, there] = [new Shops('Here'), new Shops('There')];
    expect([await here.stock('a'), await there.stock('a')]).toEqual(['a in Here', 'a in There']);
    expect([await here.price('a'), await there.price('a')]).toEqual(['price of a in Here', 'price of a in There']);
    await memoizedMethod(here, 'stock').clear();
    expect(await memoizedMethod(here, 'stock').exists(['a'])).toBe(false);
    expect(await memoizedMethod(there, 'stock').exists(['a'])).toBe(true);
  });

  it('shares entries between all objects where per is class', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    class Countries {
      static loads = 0;
      @memoized({ per: 'class', invalidation })
      async name(code: string): Promise<string> {
        Countries.loads++;
        return `name of ${code}`;
      }
    }
    await new Countries().name('de');
    await new Countries().name('de');
    expect(Countries.loads).toBe(1);
    await invalidation.invalidateForArguments(['de']);
    await new Countries().name('de');
    expect(Countries.loads).toBe(2);
  });

  it('caches static methods', async () => {
    class Clockwork {
      static ticks = 0;
      @memoized()
      static async tick(): Promise<number> {
        return ++this.ticks;
      }
    }
    expect([await Clockwork.tick(), await Clockwork.tick()]).toEqual([1, 1]);
  });

  it('refuses a shared storage unless the class or a key is said to name the result', async () => {
    const decorate = (options: object) => {
      class Pages {
        @memoized({ storage: sharedStorage, ...options })
        async render(path: string): Promise<string> {
          return path;
        }
      }
      return new Pages();
    };
    expect(() => decorate({})).toThrow(
      `@memoized: option 'storage' should be one of this process where each object has entries of its own, got an object of class Object. ` +
        `Say per: 'class' if the result depends on the arguments alone, or give a 'key'.`,
    );
    expect(await decorate({ per: 'class' }).render('/')).toBe('/');
    expect(await decorate({ key: (path: string) => path, name: 'keyed' }).render('/')).toBe('/');
  });

  it('refuses what cannot work, when the class is defined', () => {
    const decorate = memoized as (options: unknown) => (method: unknown, context: object) => unknown;
    expect(() => decorate({ per: 'object' })).toThrow(
      `@memoized: option 'per' should be 'instance' or 'class', got "object".`,
    );
    expect(() => decorate({ capacity: 'many' })(() => {}, { kind: 'method' })).toThrow(/^@memoized: option 'capacity'/);
    expect(() => decorate(() => {})).toThrow('Write @memoized() above the method.');
    expect(() => decorate({})({}, 'find' as unknown as object)).toThrow(
      `@memoized: expected to be called as a TC39 decorator, got "find". ` +
        `Remove 'experimentalDecorators' from tsconfig.json, or wrap the method with memoize().`,
    );
    expect(() => decorate({})(() => {}, { kind: 'getter' })).toThrow(
      '@memoized: expected a method to be cached, got "getter". Only methods can be cached.',
    );
    expect(() => decorate({ invalidation: new InvalidationSupport() })).toThrow(
      /^@memoized: option 'invalidation' should be left out unless per is 'class'/,
    );
  });

  it('calls a method of the class with the object that asked, also through its operations', async () => {
    class Scales {
      readonly factor: number;
      constructor(factor: number) {
        this.factor = factor;
      }
      @memoized({ per: 'class', key: (id: number) => id })
      async weigh(id: number): Promise<number> {
        return id * this.factor;
      }
    }
    const scales = new Scales(3);
    expect(await memoizedMethod(scales, 'weigh')(2)).toBe(6);
    expect(await memoizedMethod(scales, 'weigh').refresh(2)).toBe(6);
    expect(await new Scales(5).weigh(2)).toBe(6);
    expect(memoizedMethod(scales, 'weigh').cacheInfo()).toMatchObject({ hits: 1, misses: 1, refreshes: 1 });
  });

  it('says that a method was called without its object', async () => {
    const { find } = new Users('cats');
    await expect(find('1')).rejects.toThrow(
      'find: expected to be called on its object, got undefined. Write object.find(…).',
    );
  });
});
