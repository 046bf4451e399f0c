import { describe, expect, it } from 'vitest';
import { describe as described } from '../src/errors.js';

describe('a value in a message', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['x'.repeat(200), `"${'x'.repeat(117)}..."`],
    [5n, '5n'],
    [-(2n ** 63n), '-9223372036854775808n'],
    [2n ** 63n, 'a bigint of more than 64 bits'],
    [null, 'null'],
    [new Date(0), 'an object of class Date'],
  ])('is short: %#', (value, text) => {
    expect(described(value)).toBe(text);
  });
});
