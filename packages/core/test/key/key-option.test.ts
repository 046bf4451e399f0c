import {
  DefaultInMemoryCacheConfiguration,
  InvalidKeyError,
  InvalidOptionError,
  Key,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  memoizedMethod,
  Memoizer,
  type MemoizedOptions,
  type MemoizeOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';

interface User {
  readonly id: string | number;
  readonly name?: string;
}

async function nameOf(user: User): Promise<string | undefined> {
  return user.name;
}

describe('a template as the option key', () => {
  it('names the calls of a function', async () => {
    const cached = memoize(nameOf, { key: 'user:{0.id}' });
    expect(await cached({ id: 1, name: 'Ada' })).toBe('Ada');
    expect(await cached({ id: 1, name: 'Grace' })).toBe('Ada');
    expect(await cached({ id: '1', name: 'Edsger' })).toBe('Edsger');
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 2, size: 2 });
    expect(await cached.delete([{ id: 1 }])).toBe(true);
    expect(await cached.exists([{ id: '1' }])).toBe(true);
  });

  it('stands after the name and the namespace of the function', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await memoize(nameOf, { storage, key: 'user:{0.id}' })({ id: 'u1' });
    await memoize(nameOf, { storage, key: '{user.id}', params: ['user'], name: 'user', namespace: 'app' })({ id: 2 });
    expect([storage.peek('nameOf:=user:u1'), storage.peek('app/user:=(2)')]).toEqual([
      expect.objectContaining({ value: undefined }),
      expect.objectContaining({ value: undefined }),
    ]);
  });

  it('is filled in with normalized arguments', async () => {
    const cached = memoize(async (id: string, limit = 10) => `${id} ${limit}`, {
      normalize: ([id, limit = 10]) => [id.toLowerCase(), limit],
      key: '{0}:{1}',
    });
    expect(await cached('A')).toBe('a 10');
    expect(await cached.exists(['a', 10])).toBe(true);
  });

  it('lets operations on all entries find those of the function', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const [one, other] = ['one', 'other'].map((name) => memoize(nameOf, { storage, name, key: 'user:{0.id}' }));
    await Promise.all([one!({ id: 1 }), other!({ id: 1 })]);
    await one!.clear();
    expect([await one!.exists([{ id: 1 }]), await other!.exists([{ id: 1 }])]).toEqual([false, true]);
  });

  it('rejects a call without a part that it names, and does not call the function', async () => {
    let calls = 0;
    const cached = memoize(async (user: Partial<User>) => (calls++, user.name), { key: 'user:{0.id}' });
    const error: unknown = await cached({ name: 'Ada' }).catch((reason: unknown) => reason);
    expect(InvalidKeyError.isInstance(error) && error.message).toBe(
      `{0.id} cannot be part of a key: {0} has no 'id', got an object of class Object. ` +
        `Where it may be missing, let the option 'key' be a function.`,
    );
    expect(calls).toBe(0);
  });

  it('names the calls of a function of a Memoizer, in its namespace and regions', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const memo = new Memoizer(storage, { namespace: 'pages', regions: { bare: { namespace: null } } });
    const cached = memo.memoize(nameOf, { key: 'user:{user.id}', params: ['user'] });
    await cached({ id: 'u1' });
    await cached.with({ region: 'bare' })({ id: 'u1' });
    expect(storage.peek('pages/nameOf:=user:u1')).toBeDefined();
    expect(storage.peek('/nameOf:=user:u1')).toBeDefined();
  });

  it('names the calls of a method, for each object apart, and without this', async () => {
    class Users {
      loads = 0;

      @memoized({ key: '{0.id}' })
      async find(user: User): Promise<string> {
        return `${user.id}, load ${++this.loads}`;
      }
    }
    const [one, other] = [new Users(), new Users()];
    expect([await one.find({ id: 1, name: 'a' }), await one.find({ id: 1, name: 'b' })]).toEqual([
      '1, load 1',
      '1, load 1',
    ]);
    expect(await other.find({ id: 1 })).toBe('1, load 1');
    expect(await memoizedMethod(one, 'find').exists([{ id: 1 }])).toBe(true);
  });

  it('says what a method in a shared storage depends on', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const shared = Object.defineProperty(storage, 'shared', { value: true });
    class Users {
      @memoized({ storage: shared, key: '{0.id}' })
      async find(user: User): Promise<string | number> {
        return user.id;
      }
    }
    await new Users().find({ id: 'u1' });
    expect(storage.peek('find:=u1')?.value).toBe('u1');
  });
});

describe('the options key and params', () => {
  const configuration = new DefaultInMemoryCacheConfiguration();
  const template = `a template such as 'user:{0.id}'`;
  const anyKey = `${template}, or a function of the arguments, or a KeyExtractor with formatKey`;
  const names = `a list of names that are all different, such as ['environment', 'user']`;
  const inVain = `It names the arguments for a template such as '{user.id}'.`;
  const bad: [options: object, option: string, what: string][] = [
    [{ key: '' }, 'key', `${anyKey}, got "".`],
    [{ key: '\ud800{0}' }, 'key', `${anyKey}, got "\\ud800{0}".`],
    [
      { key: 'id:{}' },
      'key',
      `${template}, got "id:{}". There is nothing in the braces at character 4: write {0} for the first argument.`,
    ],
    [
      { key: '{user}' },
      'key',
      `${template}, got "{user}". There is no argument 'user' (character 2): name all arguments by the option 'params', or write {0} for the first.`,
    ],
    [
      { key: '{1}', params: ['user'] },
      'key',
      `${template}, got "{1}". There is no argument 1 (character 2): the last in 'params' is {0}.`,
    ],
    [
      { key: 'user', params: ['user'] },
      'key',
      `${template}, got "user". It has no place for what 'params' names: write {user} for the first argument.`,
    ],
    [{ key: '{user}', params: 'user' }, 'params', `${names}, got "user".`],
    [{ key: '{user}', params: ['user', 'user'] }, 'params', `${names}, got an object of class Array.`],
    [{ params: ['user'] }, 'params', `left out where 'key' is no template, got an object of class Array. ${inVain}`],
    [
      { key: Key.single, params: ['user'] },
      'params',
      `left out where 'key' is no template, got an object of class Array. ${inVain}`,
    ],
    [
      { key: { formatKey: () => 'k' }, params: ['user'] },
      'params',
      `left out where 'key' is no template, got an object of class Array. ${inVain}`,
    ],
  ];

  it.each(bad)('refuse %j at every door', (options, option, what) => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage());
    const doors: [call: string, wrap: () => unknown][] = [
      ['memoize', () => memoize(nameOf, options as MemoizeOptions<[User]>)],
      ['Memoizer.memoize', () => memo.memoize(nameOf, options)],
      ['@memoized', () => decorated(options)],
    ];
    for (const [call, wrap] of doors) {
      const error = thrownBy(wrap);
      expect(InvalidOptionError.isInstance(error) && error.message).toBe(
        `${call}: option '${option}' should be ${what}`,
      );
    }
  });

  it.each([{ key: '{0}' }, { params: ['user'] }])('refuse %j beside a configuration', (options) => {
    const [option] = Object.keys(options);
    expect(() => memoize(nameOf, { configuration, ...options })).toThrow(
      `memoize: option '${option}' should be left out where 'configuration' is given, which has that part already`,
    );
  });
});

describe('Key.single', () => {
  const unnameable = [() => 1, Symbol('s'), new WeakMap(), new Date(NaN)];

  it('keeps one entry at most, whatever the arguments', async () => {
    let calls = 0;
    const cached = memoize(async (..._args: unknown[]) => ++calls, { key: Key.single });
    const answers = await Promise.all([[], ['a'], [1, 2], unnameable].map((args) => cached(...args)));
    expect(answers).toEqual([1, 1, 1, 1]);
    expect(cached.cacheInfo().size).toBe(1);
    expect(await cached.exists([Symbol('other')])).toBe(true);
    expect(await cached.delete([])).toBe(true);
    expect(await cached('anew')).toBe(2);
    expect(cached.cacheInfo().size).toBe(1);
  });

  it('loads with the arguments of who asks, not of who asked first', async () => {
    const clock = new ManualClock();
    const cached = memoize(async (id: string) => id, { key: Key.single, expireAfter: '1 minute', clock });
    expect([await cached('first'), await cached('second')]).toEqual(['first', 'first']);
    await clock.advance('1 minute');
    expect(await cached('second')).toBe('second');
  });

  it('is for methods, too', async () => {
    class Users {
      @memoized({ key: Key.single })
      async count(reason: string): Promise<string> {
        return reason;
      }
    }
    const users = new Users();
    expect([await users.count('at start'), await users.count('again')]).toEqual(['at start', 'at start']);
  });
});

function decorated(options: object): unknown {
  class Users {
    @memoized(options as Omit<MemoizedOptions, 'key' | 'normalize' | 'invalidation' | 'etag' | 'maxAge'>)
    async find(user: User): Promise<User> {
      return user;
    }
  }
  return Users;
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}
