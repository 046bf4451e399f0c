import { InvalidKeyError, InvalidOptionError, Key, LocalInMemoryCacheStorage, memoize } from '@memo/core';
import { describe, expect, it } from 'vitest';

/** Keyword arguments of the original are a last argument here. */
interface Options {
  readonly user?: { readonly username: string; readonly password: string } | null;
  readonly token?: string;
  readonly custom_arg?: string;
}

/** The function of the original's tests; its defaults are filled in by `normalize`. */
async function userFunction(_id: string, _environment: string, ..._more: readonly unknown[]): Promise<undefined> {}

type UserFunction = Parameters<typeof userFunction>;

const params = ['id', 'environment', 'options'];
const paramsWithMore = ['id', 'environment', 'first', 'second', 'options'];

/** The key of a call, as it stands in the storage after the name of the function. */
async function keyOf(template: string, names: readonly string[], args: UserFunction): Promise<string | undefined> {
  const keys: string[] = [];
  const storage = new LocalInMemoryCacheStorage();
  const cached = memoize(userFunction, {
    name: 'f',
    storage,
    key: template,
    ...(template.includes('{') && { params: names }),
    normalize: (given) => [...given.slice(0, -1), { user: null, token: 'dummy_token', ...(given.at(-1) as Options) }],
    onEvent: ({ key }) => keys.push(key),
  });
  await cached(...args);
  return keys[0]?.replace(/^f:=/, '');
}

const user = { username: 'file.peter', password: 'random123' };
const [bareEmpty, bareTwice] = [
  `There is nothing in the braces at character 1: write {id} for the first argument.`,
  `There is nothing in the braces at character 4: write {id} for the first argument.`,
];

/** What the original makes of its template, and what memo makes of the same template in its own spelling. */
type Row = readonly [theirs: string, theirKey: string, ours: string, ourKey: string | { readonly refused: string }];

/** The six that all three tables of the original have. */
const common: readonly Row[] = [
  ['hej', 'hej', 'hej', 'hej'],
  ['env:{environment}:id:{id}', 'env:prod:id:id1', 'env:{environment}:id:{id}', 'env:prod:id:id1'],
  // There is no counting of places: each says which argument it means.
  ['id:{}:env:{}', 'id:id1:env:prod', 'id:{}:env:{}', { refused: bareTwice }],
  ['env:{1}:id:{0}', 'env:prod:id:id1', 'env:{1}:id:{0}', 'env:prod:id:id1'],
  ['{}', 'id1', '{}', { refused: bareEmpty }],
  ['{environment}', 'prod', '{environment}', 'prod'],
];

const token = 'env:{environment}:id:{id}:token:{options.token}';

async function check([, , template, expected]: Row, names: readonly string[], args: UserFunction): Promise<void> {
  if (typeof expected === 'string') {
    expect(await keyOf(template, names, args)).toBe(expected);
    return;
  }
  await expect(keyOf(template, names, args)).rejects.toThrow(
    `memoize: option 'key' should be a template such as 'user:{0.id}', got ${JSON.stringify(template)}. ${expected.refused}`,
  );
}

describe('aquiche test_hash', () => {
  it('test_single_key: one key, whatever the arguments', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await memoize(userFunction, { storage, name: 'f', key: Key.single })('id1', 'prod');
    expect(storage.peek('f:=single')).toBeDefined();
  });

  describe('test_template_keys_default', () => {
    it.each<Row>([
      ...common,
      [
        'env:{environment}:id:{id}:token:{token}',
        'env:prod:id:id1:token:dummy_token',
        token,
        'env:prod:id:id1:token:dummy_token',
      ],
      [
        'env:{environment}:id:{id}:token:{token}:user:{user}',
        'env:prod:id:id1:token:dummy_token:user:None',
        `${token}:user:{options.user}`,
        // None there; the text 'null' is another user.
        'env:prod:id:id1:token:dummy_token:user:(null)',
      ],
    ])('%s → %s', async (...row) => check(row, params, ['id1', 'prod', {}]));
  });

  describe('test_template_keys_without_args_kwargs', () => {
    it.each<Row>([
      ...common,
      [
        'env:{environment}:id:{id}:token:{token}',
        'env:prod:id:id1:token:secret_token',
        token,
        'env:prod:id:id1:token:secret_token',
      ],
      [
        'env:{environment}:id:{id}:token:{token}:username:{user[username]}:password:{user[password]}',
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123',
        `${token}:username:{options.user[username]}:password:{options.user[password]}`,
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123',
      ],
    ])('%s → %s', async (...row) => check(row, params, ['id1', 'prod', { user, token: 'secret_token' }]));
  });

  describe('test_template_keys_args_kwargs', () => {
    it.each<Row>([
      ...common,
      [
        'env:{environment}:id:{id}:token:{token}',
        'env:prod:id:id1:token:secret_token',
        token,
        'env:prod:id:id1:token:secret_token',
      ],
      [
        'env:{environment}:id:{id}:token:{token}:username:{user[username]}:password:{user[password]}',
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123',
        `${token}:username:{options.user[username]}:password:{options.user[password]}`,
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123',
      ],
      [
        'env:{environment}:id:{id}:token:{token}:username:{user[username]}:password:{user[password]}:{3}:{2}:{custom_arg}',
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123:foo:bar:lorem',
        `${token}:username:{options.user[username]}:password:{options.user[password]}:{3}:{2}:{options.custom_arg}`,
        'env:prod:id:id1:token:secret_token:username:file.peter:password:random123:foo:bar:lorem',
      ],
    ])('%s → %s', async (...row) =>
      check(row, paramsWithMore, ['id1', 'prod', 'bar', 'foo', { user, token: 'secret_token', custom_arg: 'lorem' }]),
    );
  });
});

describe('aquiche, what keys promise', () => {
  it('Q60: types count, and how arguments are passed does not: there is one way', async () => {
    const cached = memoize(async (...args: readonly unknown[]) => args);
    const calls = [[1], [true], ['1'], [{ a: 1 }], [1, 2], [1, { b: 2 }]];
    await Promise.all(calls.map((args) => cached(...args)));
    expect(cached.cacheInfo()).toMatchObject({ misses: calls.length, size: calls.length });
    expect(await cached({ a: 1, b: 2 })).toBe(await cached({ b: 2, a: 1 }));
    await expect(cached(Symbol('unhashable'))).rejects.toThrow(InvalidKeyError);
  });

  it('Q61: no two calls share a slot, whatever their hashes', async () => {
    const cached = memoize(async (number: number) => number);
    expect([await cached(-1), await cached(-2)]).toEqual([-1, -2]);
    expect(cached.cacheInfo().size).toBe(2);
  });

  it('Q62, Q20: one key loads with the arguments of who asks', async () => {
    const loaded: number[] = [];
    const cached = memoize(async (number: number) => void loaded.push(number), { key: Key.single, expireAfter: 0 });
    await cached(1);
    await cached(2);
    expect(loaded).toEqual([1, 2]);
  });

  it('Q63: a name that nobody declared is refused where it is written, a part that is missing where it is asked for', async () => {
    expect(() => memoize(userFunction, { key: '{user}', params: ['id', 'environment'] })).toThrow(InvalidOptionError);
    const cached = memoize(async (_user: { readonly id?: string } | null) => 1, { key: '{user.id}', params: ['user'] });
    for (const given of [null, {}, { id: undefined }] as { readonly id?: string }[]) {
      await expect(cached(given)).rejects.toThrow(InvalidKeyError);
    }
    expect(cached.cacheInfo().size).toBe(0);
  });

  it('Q63: this is in no template', () => {
    expect(() => memoize(userFunction, { key: '{this.id}' })).toThrow(`'this' is never part of a key (character 2).`);
  });

  it('Q63: values that look alike as text have keys of their own', async () => {
    const cached = memoize(async (..._args: readonly unknown[]) => ({}), { key: '{0}:{1}', params: ['a', 'b'] });
    const calls = [
      [1, 'x'],
      ['1', 'x'],
      [true, 'x'],
      ['true', 'x'],
      [null, 'x'],
      ['None', 'x'],
      ['a:b', 'x'],
      ['a', 'b:x'],
      [{ id: 1 }, 'x'],
      [{ id: 2 }, 'x'],
      [undefined, 'x'],
      ['undefined', 'x'],
    ];
    const answers = await Promise.all(calls.map((args) => cached(...args)));
    expect(new Set(answers).size).toBe(calls.length);
  });

  it('Q64: functions share no entries, though they have one template', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const [one, other] = ['one', 'other'].map((name) => memoize(async () => name, { storage, name, key: Key.single }));
    expect([await one!(), await other!()]).toEqual(['one', 'other']);
  });
});
