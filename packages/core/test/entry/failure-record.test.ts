import { runInNewContext } from 'node:vm';
import {
  CachedMethodFailedError,
  InvalidOptionError,
  LoadTimeoutError,
  MemoError,
  UnkeptFailureError,
  UnreadableEntryError,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { failureFrom, failureRecord, isFailureRecord } from '../../src/entry/failure-record.js';
import { ClearAllFailedError } from '../../src/errors.js';

/** What comes of something that was thrown once a storage that keeps JSON has kept it. */
function remembered(thrown: unknown): unknown {
  const record = failureRecord(thrown);
  const text = JSON.stringify(record);
  const read: unknown = JSON.parse(text);
  // Nothing is in it that JSON would change.
  expect(read).toStrictEqual(record);
  expect(text.isWellFormed()).toBe(true);
  expect(isFailureRecord(read)).toBe(true);
  return failureFrom(read, 'user:42');
}

function rememberedError(thrown: unknown): Error & { readonly code?: unknown } {
  const error = remembered(thrown);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code = 503;
}

const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get');
    },
    getPrototypeOf: () => {
      throw new Error('getPrototypeOf');
    },
    ownKeys: () => {
      throw new Error('ownKeys');
    },
  },
);

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A list in a list in a list, so deep. */
function nested(depth: number): unknown {
  return depth === 0 ? 'inside' : [nested(depth - 1)];
}

describe('an error that is remembered', () => {
  it('keeps name, message, code, and its cause', () => {
    const cause = Object.assign(new TypeError('no such host'), { code: 'ENOTFOUND' });
    const error = rememberedError(new HttpError('unavailable', { cause }));
    expect([error.name, error.message, error.code]).toEqual(['HttpError', 'unavailable', 503]);
    expect(Object.keys(error)).toEqual(['code']);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'no such host', code: 'ENOTFOUND' });
    expect('cause' in (error.cause as Error)).toBe(false);
  });

  it.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    'of the class %o is of that class',
    (type) => {
      const error = rememberedError(new type('message'));
      expect(Object.getPrototypeOf(error)).toBe(type.prototype);
      expect(Object.hasOwn(error, 'name')).toBe(false);
    },
  );

  it('says where it comes from in place of its stack', () => {
    const { stack } = rememberedError(new HttpError('unavailable'));
    expect(stack).toBe(
      'HttpError: unavailable\n    from the cache, under key "user:42": where it was thrown is not kept',
    );
  });

  it('keeps causes that are no errors', () => {
    for (const cause of ['text', 0, false, null, { status: 500, retry: [1, 2] }]) {
      expect(rememberedError(new Error('outer', { cause })).cause).toStrictEqual(cause);
    }
    const { cause } = rememberedError(new Error('outer', { cause: () => 1 }));
    expect(cause).toBeInstanceOf(UnkeptFailureError);
  });

  it('keeps the errors of an AggregateError, of whatever name it is', () => {
    const aggregate = new AggregateError([new RangeError('a'), 'b', { c: 1 }], 'several', { cause: 'cause' });
    for (const name of ['AggregateError', 'SeveralErrors']) {
      const error = rememberedError(Object.assign(aggregate, { name }));
      expect(error).toBeInstanceOf(AggregateError);
      expect([error.name, error.message, error.cause]).toEqual([name, 'several', 'cause']);
      const [first, ...others] = (error as AggregateError).errors as unknown[];
      expect(first).toBeInstanceOf(RangeError);
      expect(others).toStrictEqual(['b', { c: 1 }]);
    }
  });

  it('of another realm is an error as well', () => {
    const error = rememberedError(runInNewContext('new RangeError("elsewhere", { cause: new TypeError("there") })'));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.cause).toBeInstanceOf(TypeError);
    const aggregate = rememberedError(runInNewContext('new AggregateError([new RangeError("inner")])'));
    expect((aggregate as AggregateError).errors[0]).toBeInstanceOf(RangeError);
  });

  it('of memo is one by isInstance, with its properties', () => {
    const timeout = new LoadTimeoutError('user:42', 100);
    const error = rememberedError(new CachedMethodFailedError('user:42', timeout));
    expect(CachedMethodFailedError.isInstance(error) && error.key).toBe('user:42');
    expect(MemoError.isInstance(error) && error.code).toBe('CACHED_METHOD_FAILED');
    expect(InvalidOptionError.isInstance(error)).toBe(false);
    const { cause } = error;
    expect(LoadTimeoutError.isInstance(cause) && cause.context).toEqual({ key: 'user:42', timeout: 100 });
    expect(cause).toMatchObject({ name: 'LoadTimeoutError', message: timeout.message });
  });

  it('of memo keeps of its context what is plain data, and the errors that it lists', () => {
    const option = { call: 'memoize', option: 'capacity', expected: 'a number', received: () => 1 };
    const error = rememberedError(new InvalidOptionError(option));
    const context = { call: 'memoize', option: 'capacity', expected: 'a number' };
    expect(InvalidOptionError.isInstance(error) && [error.option, error.context]).toEqual(['capacity', context]);

    const several = rememberedError(new ClearAllFailedError(2, [new TypeError('a')]));
    expect(ClearAllFailedError.isInstance(several) && several.errors[0]).toBeInstanceOf(TypeError);
  });

  it('leaves out what contains itself, and what nests too deep', () => {
    const circular = new Error('circular');
    circular.cause = new AggregateError([circular, new Error('other', { cause: circular })], 'inner');
    const inner = rememberedError(circular).cause as AggregateError;
    expect(inner.errors).toMatchObject([{ message: 'other' }]);
    expect('cause' in (inner.errors[0] as Error)).toBe(false);

    let chain = new Error('0');
    for (let depth = 1; depth <= 100; depth++) chain = new Error(String(depth), { cause: chain });
    const messages: string[] = [];
    for (let error: unknown = remembered(chain); error instanceof Error; error = error.cause)
      messages.push(error.message);
    expect(messages).toEqual(['100', '99', '98', '97', '96', '95', '94', '93']);
  });

  it('is not told more than 32 times over', () => {
    const error = new Error('again');
    const errors = Array.from({ length: 1_000 }, () => new AggregateError([error, error], 'several', { cause: error }));
    const record = JSON.stringify(failureRecord(new AggregateError(errors, 'many')));
    expect(record.split('"message"').length - 1).toBe(32);
  });

  it('is cut where it is too long: each text after 10,000 characters, all of them after 50,000', () => {
    const long = 'x'.repeat(20_000);
    const error = rememberedError(Object.assign(new Error(long), { code: long, name: long }));
    const cut = `${'x'.repeat(9_997)}...`;
    expect([error.message, error.code, error.name]).toEqual([cut, cut, cut]);
    const errors = Array.from({ length: 100 }, () => new Error(long));
    expect(JSON.stringify(failureRecord(new AggregateError(errors, long))).length).toBeLessThan(53_000);
    expect(remembered(long)).toBe(cut);
    const halved = rememberedError(new Error(`${'x'.repeat(9_996)}🔑${long}`)).message;
    expect(halved).toBe(`${'x'.repeat(9_996)}\ufffd...`);
  });

  it('has texts that every format keeps', () => {
    expect(rememberedError(new Error('\ufeff\ufeffa\ufeff\ud800')).message).toBe('a\ufeff\ufffd');
    expect(remembered('\ufefftext')).toBe('text');
  });

  it('has neither name, message nor code that are none', () => {
    const odd = Object.assign(new Error('odd'), { name: 5, message: {}, code: NaN });
    const error = rememberedError(odd);
    expect([error.name, error.message, error.code]).toEqual(['Error', '', undefined]);
    for (const code of [-0, 1n, Infinity, null, ['E']]) {
      expect('code' in rememberedError(Object.assign(new Error('odd'), { code }))).toBe(false);
    }
    expect(rememberedError(Object.assign(new Error('odd'), { name: '' })).name).toBe('Error');
  });
});

describe('something else that was thrown', () => {
  it('is remembered as it is where it is plain data', () => {
    for (const thrown of [
      undefined,
      null,
      '',
      'text',
      0,
      1.5,
      true,
      [],
      {},
      { status: 404, body: { errors: ['a'] } },
    ]) {
      expect(remembered(thrown)).toStrictEqual(thrown);
    }
    expect(remembered(nested(16))).toStrictEqual(nested(16));
    const flat = Array.from({ length: 20 }, () => []);
    expect(remembered(flat)).toStrictEqual(flat);
    expect(remembered({ a: 1, b: undefined })).toStrictEqual({ a: 1 });
    expect(remembered(Object.assign(Object.create(null) as object, { a: 1 }))).toStrictEqual({ a: 1 });
  });

  it('is an error where it is like one', () => {
    class Failure {
      readonly message = 'like an error';
      readonly code = 'E_LIKE';
      readonly at = new Date(0);
    }
    expect(rememberedError(new Failure())).toMatchObject({ name: 'Error', message: 'like an error', code: 'E_LIKE' });
    expect(rememberedError({ name: 'Odd', message: 'not plain', at: new Date(0) }).name).toBe('Odd');
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;

  it.each<[string, () => unknown]>([
    ['Symbol(reason)', () => Symbol('reason')],
    ['function stop', () => function stop(): void {}],
    ['5n', () => 5n],
    ['NaN', () => NaN],
    ['0', () => -0],
    ['an object of class Date', () => new Date(0)],
    ['an object of class Map', () => new Map()],
    ['an object of class Promise', () => Promise.resolve()],
    ['an object of class Object', () => ({ when: new Date(0) })],
    ['an object of class Object', () => ({ ['__proto__']: 1 })],
    ['an object of class Object', () => ({ __keys__: 1 })],
    ['an object of class Object', () => ({ '\ufeffname': 1 })],
    ['an object of class Object', () => ({ text: '\ud800' })],
    ['an object of class Object', () => Object.defineProperty({}, 'hidden', { value: 1 })],
    ['an object of class Object', () => ({ [Symbol('name')]: 1 })],
    ['an object of class Array', () => Array.from({ length: 2_000 }, () => 1)],
    ['an object of class Array', () => [, 1]],
    ['an object of class Array', () => [undefined]],
    ['an object of class Array', () => nested(17)],
    ['an object of class Object', () => ({ text: 'x'.repeat(60_000) })],
    ['an object of class Object', () => circular],
    ['something that cannot be shown', () => hostile],
    ['something that cannot be shown', () => revoked({})],
    ['something that cannot be shown', () => revoked([])],
    ['something that cannot be shown', () => revoked(() => 1)],
  ])('is told in words where it is none: %s', (described, thrown) => {
    const error = rememberedError(thrown());
    expect(UnkeptFailureError.isInstance(error) && [error.code, error.context]).toEqual([
      'UNKEPT_FAILURE',
      { key: 'user:42', described },
    ]);
    expect(error.message).toBe(
      `The load of key "user:42" failed with ${described}, which no shared storage can keep: throw an Error or plain data.`,
    );
  });

  it('never fails for what it is', () => {
    const throwing = (name: string): Error =>
      Object.defineProperty(new Error('fine'), name, {
        get: () => {
          throw new Error(name);
        },
      });
    for (const name of ['name', 'message', 'code', 'cause', 'errors', 'stack', Symbol.toStringTag as never]) {
      expect(rememberedError(throwing(name)).message).toBe(name === 'message' ? '' : 'fine');
    }
    for (const cause of [hostile, revoked({}), revoked([])]) {
      expect(rememberedError(new Error('outer', { cause })).message).toBe('outer');
    }
    const aggregate = new AggregateError([], 'outer');
    for (const errors of [hostile, revoked([]), 'none', new Proxy([new Error('inner')], {})]) {
      expect(rememberedError(Object.assign(aggregate, { errors })).message).toBe('outer');
    }
    const forged = Object.assign(new Error('forged'), { [Symbol.for('@memo/error-kinds')]: [5], context: hostile });
    expect(MemoError.isInstance(rememberedError(forged))).toBe(false);
    const odd = { [Symbol.for('@memo/error-kinds')]: ['MemoError'], context: hostile };
    expect(MemoError.isInstance(rememberedError(Object.assign(new Error('odd'), odd)))).toBe(true);
    const named = Object.defineProperty(() => 1, 'name', { value: '\ud800' });
    expect(rememberedError(named).message).toContain('failed with function \ufffd, which');
  });
});

describe('a record that is damaged', () => {
  const record = (thrown: unknown): object => ({ memo: 1, thrown });
  it.each<unknown>([
    undefined,
    null,
    'text',
    {},
    [],
    { memo: 2, thrown: {} },
    { memo: 1 },
    record(null),
    record('text'),
    record({ described: 5 }),
    record({ error: null }),
    record({ error: { name: 'Error' } }),
    record({ error: { name: 5, message: 'message' } }),
    record({ error: { name: 'Error', message: 'message', code: {} } }),
    record({ error: { name: 'Error', message: 'message', cause: 5 } }),
    record({ error: { name: 'Error', message: 'message', cause: { error: {} } } }),
    record({ error: { name: 'Error', message: 'message', errors: {} } }),
    record({ error: { name: 'Error', message: 'message', errors: [5] } }),
    record({ error: { name: 'Error', message: 'message', memo: {} } }),
    record({ error: { name: 'Error', message: 'message', memo: { kinds: [5], properties: {} } } }),
    record({ error: { name: 'Error', message: 'message', memo: { kinds: [], properties: null } } }),
  ])('gives an error that says so: %#', (damaged) => {
    expect(isFailureRecord(damaged)).toBe(false);
    const error = failureFrom(damaged, 'user:42');
    expect(UnreadableEntryError.isInstance(error)).toBe(true);
  });

  it('says what it is', () => {
    expect(failureFrom('text', 'user:42')).toMatchObject({
      message:
        'What is stored under key "user:42" cannot be read: it should be the record of a failure, and is "text".',
    });
  });

  it('changes the prototype of nothing', () => {
    const properties = JSON.parse('{"__proto__":{"isAdmin":true}}') as object;
    const memo = { kinds: ['MemoError'], properties };
    const error = failureFrom(record({ error: { name: 'Error', message: 'message', memo } }), 'user:42');
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
  });
});
