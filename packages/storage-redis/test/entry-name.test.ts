import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryNames } from '../src/entry-name.js';

const names = new EntryNames('memo');
const bytesOf = (key: string, of = names): Buffer => Buffer.from(of.nameOf(key) as string);

/** Keys that are short and long, well-formed and not, and often begin alike. */
const keys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', ':', '\ud800', '\udc00', '\ufffd', '鍵'), maxLength: 8 }),
  fc
    .tuple(fc.string({ unit: fc.constantFrom('a', '🔑', '\udc00'), maxLength: 4 }), fc.nat({ max: 700 }))
    .map(([ending, length]) => 'a'.repeat(length) + ending),
);

describe('EntryNames', () => {
  it('joins namespace and key by a colon', () => {
    expect(names.nameOf('user("42")')).toBe('memo:user("42")');
  });

  it('keeps namespaces apart, whatever they contain', () => {
    const joined = [
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a%3Ab', 'c'],
    ] as const;
    expect(joined.map(([namespace, key]) => new EntryNames(namespace).nameOf(key))).toEqual([
      'a:b:c',
      'a%3Ab:c',
      'a%253Ab:c',
    ]);
  });

  it('names keys of up to 512 bytes by themselves, longer ones by their beginning and a hash', () => {
    expect(names.nameOf('k'.repeat(512))).toBe(`memo:${'k'.repeat(512)}`);
    expect(names.nameOf('鍵'.repeat(170))).toBe(`memo:${'鍵'.repeat(170)}`);
    const beginning = `memo:${'k'.repeat(200)}`;
    const name = bytesOf('k'.repeat(513));
    expect(name.subarray(0, beginning.length).toString()).toBe(beginning);
    expect(name[beginning.length]).toBe(0xff);
    expect(name.subarray(beginning.length + 1).toString()).toMatch(/^[\w-]{43}$/);
  });

  it('gives every key a name of its own, in every namespace', () => {
    const located = fc.tuple(fc.constantFrom('a', 'a:a', 'a%3Aa', 'a%'), keys);
    fc.assert(
      fc.property(located, located, ([namespace, key], [otherNamespace, otherKey]) => {
        const same = bytesOf(key, new EntryNames(namespace)).equals(bytesOf(otherKey, new EntryNames(otherNamespace)));
        expect(same).toBe(namespace === otherNamespace && key === otherKey);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the keys that begin with a scope by the beginning of their names', () => {
    fc.assert(
      fc.property(keys, fc.oneof(keys, fc.nat({ max: 300 })), (key, cut) => {
        const scope = typeof cut === 'number' ? key.slice(0, cut) : cut;
        const beginning = names.beginningOf(scope);
        const found = bytesOf(key).subarray(0, Buffer.byteLength(beginning.text)).equals(Buffer.from(beginning.text));
        if (key.startsWith(scope)) expect(found).toBe(true);
        else if (beginning.exact) expect(found).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows the key of a name, unless the name has a hash', () => {
    expect(names.keyOf(bytesOf('鍵:1'))).toBe('鍵:1');
    expect(names.keyOf(bytesOf('k'.repeat(513)))).toBeUndefined();
    expect(names.keyOf(bytesOf('\ud800'))).toBeUndefined();
  });
});
