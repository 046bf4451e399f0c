import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafeKeys } from '../src/safe-key.js';

const keys = new SafeKeys('app');

describe('SafeKeys', () => {
  it.each([
    ['user:42', 'app:user:42'],
    ['a b\tc\n', 'app:a%20b%09c%0A'],
    ['100%', 'app:100%25'],
    ['\u0000\u007f', 'app:%00%7F'],
    ['päper/鍵', 'app:päper/鍵'],
    ['', 'app:'],
  ])('names %j by itself, without blanks and control characters', (key, name) => {
    expect(keys.nameOf(key)).toBe(name);
  });

  it('writes colons in a namespace so that no two namespaces meet', () => {
    expect(new SafeKeys('a:b').nameOf('c')).toBe('a%3Ab:c');
    expect(new SafeKeys('a').nameOf('b:c')).toBe('a:b:c');
    expect(new SafeKeys('a%3Ab').nameOf('c')).toBe('a%253Ab:c');
  });

  it('names what is longer than 250 bytes by its beginning and its hash', () => {
    expect(keys.nameOf('k'.repeat(246))).toBe(`app:${'k'.repeat(246)}`);
    const key = 'k'.repeat(247);
    const hash = createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('base64url');
    expect(keys.nameOf(key)).toBe(`app:${'k'.repeat(201)}%~${hash}`);
    expect(keys.nameOf(key)).toHaveLength(250);
  });

  it('cuts no character in two', () => {
    const name = keys.nameOf('鍵'.repeat(200));
    expect(name).toMatch(/^app:鍵+%~[\w-]{43}$/u);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(250);
  });

  it('gives every key a name of its own that Memcached takes', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      fc.string({ unit: fc.constantFrom('%', '~', '2', '5', ' ', ':', '\n'), maxLength: 300 }),
      fc.string({ minLength: 200, maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const name = keys.nameOf(one);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(250);
        expect(name).toMatch(/^app:[!-~\u0080-\uffff]*$/);
        expect(name.isWellFormed()).toBe(true);
        expect(name === keys.nameOf(other)).toBe(one === other);
        expect(name).not.toBe(keys.generationName);
        expect(keys.labelOf(one).isWellFormed()).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives no key of any namespace the name of a generation', () => {
    expect(keys.generationName).toBe('app%~generation');
    expect(new SafeKeys('app%~generation').nameOf('')).toBe('app%25~generation:');
  });
});
