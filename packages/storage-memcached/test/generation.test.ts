import { open, seal, UnreadableBytesError } from '@memo/serde';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  generationWithout,
  isValid,
  markOf,
  mayBeCleared,
  newGeneration,
  packGeneration,
  unpackGeneration,
} from '../src/generation.js';

describe('a generation', () => {
  it('counts what was written under it, and nothing of another one or of none', () => {
    const generation = newGeneration();
    expect(isValid(markOf(generation), 'key', generation)).toBe(true);
    expect(isValid(markOf(newGeneration()), 'key', generation)).toBe(false);
    expect(isValid(undefined, 'key', generation)).toBe(false);
    expect(isValid(new Uint8Array(3), 'key', generation)).toBe(false);
  });

  it('counts nothing any more that was written before its scope was cleared', () => {
    const before = newGeneration();
    const after = generationWithout('user:', before);
    expect(isValid(markOf(before), 'user:1', after)).toBe(false);
    expect(isValid(markOf(before), 'users:1', after)).toBe(true);
    expect(isValid(markOf(after), 'user:1', after)).toBe(true);
  });

  it('does not count what says to be from its future', () => {
    const before = newGeneration();
    const after = generationWithout('user:', before);
    expect(isValid(markOf(after), 'user:1', before)).toBe(false);
  });

  it('is a new one when everything is cleared', () => {
    const before = generationWithout('user:', newGeneration());
    const after = generationWithout('', before);
    expect(after.id).not.toBe(before.id);
    expect(after).toMatchObject({ sequence: 0, cleared: [] });
  });

  it('remembers the widest scopes only', () => {
    const cleared = ['a:1', 'a:2', 'b:', 'a:'].reduce((now, scope) => generationWithout(scope, now), newGeneration());
    expect(cleared.cleared).toStrictEqual([
      ['b:', 3],
      ['a:', 4],
    ]);
  });

  it.each([
    ['many', Array.from({ length: 65 }, (_, index) => `scope ${index}:`)],
    ['long', ['x'.repeat(5_000)]],
  ])('begins anew rather than remember too much: %s', (_name, scopes) => {
    const before = newGeneration();
    const after = scopes.reduce((now, scope) => generationWithout(scope, now), before);
    expect(after.id).not.toBe(before.id);
    expect(isValid(markOf(before), scopes[0]!, after)).toBe(false);
  });

  it('counts just what a list of everything that happened says', () => {
    const scope = fc.constantFrom('a', 'a:', 'a:1', 'b:', 'c');
    const key = fc.constantFrom('a', 'a:', 'a:1', 'a:12', 'a:2', 'b:1', 'b', 'c:1', 'd');
    const step = fc.oneof(fc.record({ clear: scope }), fc.record({ write: key }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let generation = newGeneration();
        const written: { key: string; mark: Uint8Array; valid: boolean }[] = [];
        for (const one of steps) {
          if ('write' in one) {
            written.push({ key: one.write, mark: markOf(generation), valid: true });
          } else {
            generation = generationWithout(one.clear, generation);
            for (const entry of written) if (entry.key.startsWith(one.clear)) entry.valid = false;
          }
        }
        for (const { key, mark, valid } of written) expect(isValid(mark, key, generation)).toBe(valid);
      }),
    );
  });

  it('says of keys without a mark whether they may be cleared', () => {
    const fresh = newGeneration();
    expect(mayBeCleared('any', fresh)).toBe(true);
    expect(mayBeCleared('user:1', generationWithout('user:', fresh))).toBe(true);
    expect(mayBeCleared('other', generationWithout('user:', fresh))).toBe(false);
  });

  it('is read as it was written, whatever text its scopes are', () => {
    const generation = ['a"b', 'ключ:', '\ud800', '\n'].reduce(
      (now, scope) => generationWithout(scope, now),
      newGeneration(),
    );
    const bytes = packGeneration('name', generation);
    expect(unpackGeneration('name', bytes)).toStrictEqual(generation);
    expect(() => unpackGeneration('other', bytes)).toThrow(UnreadableBytesError);
    for (let at = 60; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1;
      expect(() => unpackGeneration('name', flipped)).toThrow(UnreadableBytesError);
    }
  });

  it.each([
    'null',
    '{}',
    '[]',
    '7',
    '{"id":"0011223344556677","sequence":0}',
    '{"id":"x","sequence":0,"cleared":[]}',
    '{"id":"0011223344556677","sequence":-1,"cleared":[]}',
    '{"id":"0011223344556677","sequence":0,"cleared":[["a"]]}',
    '{"id":"0011223344556677","sequence":0,"cleared":[["a",1]]}',
    '{"id":"0011223344556677","sequence":0,"cleared":[["a",1,2]]}',
    'no JSON',
  ])('is not what is no generation: %s', (payload) => {
    const frame = open(packGeneration('name', newGeneration()));
    const bytes = seal({ ...frame, payload: Buffer.from(payload) });
    expect(() => unpackGeneration('name', bytes)).toThrow();
  });

  it('begins anew when its sequence has no room any more', () => {
    const last = { ...newGeneration(), sequence: 0xffff_ffff };
    expect(isValid(markOf(last), 'key', last)).toBe(true);
    expect(generationWithout('a', last).id).not.toBe(last.id);
  });
});
