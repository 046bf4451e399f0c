import { MemoError } from '@memo/core';
import { describe, expect, it } from 'vitest';
import {
  InvalidSerDeOptionError,
  OutputTooLargeError,
  SerDeError,
  UnavailableSerDeError,
  UnfaithfulValueError,
  UnknownEncodingError,
  UnreadableBytesError,
} from '../src/index.js';
import { describe as described } from '../src/errors.js';

const errors: readonly (readonly [SerDeError, string, readonly { isInstance(error: unknown): boolean }[], string])[] = [
  [new SerDeError('CODE', 'message'), 'SerDeError', [], 'CODE'],
  [new UnreadableBytesError('x', 'foreign', 'y'), 'UnreadableBytesError', [UnreadableBytesError], 'UNREADABLE_BYTES'],
  [
    new OutputTooLargeError('gzip', 5),
    'OutputTooLargeError',
    [OutputTooLargeError, UnreadableBytesError],
    'UNREADABLE_BYTES',
  ],
  [
    new UnfaithfulValueError('x', 'value', 'y', 'z'),
    'UnfaithfulValueError',
    [UnfaithfulValueError],
    'UNFAITHFUL_VALUE',
  ],
  [
    new InvalidSerDeOptionError('x', 'level', 'y', 1),
    'InvalidSerDeOptionError',
    [InvalidSerDeOptionError],
    'INVALID_OPTION',
  ],
  [
    new UnknownEncodingError('x', ['zip'], 1, undefined),
    'UnknownEncodingError',
    [UnknownEncodingError, InvalidSerDeOptionError],
    'INVALID_OPTION',
  ],
  [new UnavailableSerDeError('x', 'y', 'z'), 'UnavailableSerDeError', [UnavailableSerDeError], 'UNAVAILABLE'],
];

const classes = [
  UnreadableBytesError,
  OutputTooLargeError,
  UnfaithfulValueError,
  InvalidSerDeOptionError,
  UnknownEncodingError,
  UnavailableSerDeError,
];

describe.each(errors)('%s', (error, name, kinds, code) => {
  it('bears its name and code', () => {
    expect([error.name, error.code, String(error).startsWith(`${name}: `)]).toStrictEqual([name, code, true]);
    expect(Object.keys(error)).not.toContain('name');
  });

  it('is of its kinds and of no other, and an error of memo', () => {
    expect(classes.filter((type) => type.isInstance(error))).toStrictEqual(
      classes.filter((type) => kinds.includes(type)),
    );
    expect([SerDeError.isInstance(error), MemoError.isInstance(error)]).toStrictEqual([true, true]);
  });
});

describe('SerDeError', () => {
  it('carries its cause and context', () => {
    const cause = new Error('cause');
    expect(new SerDeError('C', 'm', { cause, context: { a: 1 } })).toMatchObject({ cause, context: { a: 1 } });
    expect('cause' in new SerDeError('C', 'm')).toBe(false);
  });

  it('is no other error', () => {
    for (const other of [new Error('x'), null, undefined, 'text', {}]) expect(SerDeError.isInstance(other)).toBe(false);
  });
});

describe('values in messages', () => {
  it.each<[unknown, string]>([
    ['a "text"', '"a \\"text\\""'],
    ['x'.repeat(200), `"${'x'.repeat(117)}..."`],
    [5n, '5n'],
    [-(2n ** 63n), '-9223372036854775808n'],
    [2n ** 63n, 'a bigint of more than 64 bits'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Object.create(null), 'an object of no class'],
    [new (class {})(), 'an object of class (anonymous)'],
    [Object.create({ constructor: 5 }), 'an object of an unknown class'],
  ])('%o', (value, text) => {
    expect(described(value)).toBe(text);
  });
});
