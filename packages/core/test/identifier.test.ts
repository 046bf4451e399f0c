import { describe, expect, it } from 'vitest';
import { accessTo, identifierPattern, isIdentifier } from '../src/identifier.js';

describe('names as JavaScript has them', () => {
  it.each(['a', '$', '_1', 'größe', '名前', 'a\u200db'])('%j is one', (text) => {
    expect(isIdentifier(text)).toBe(true);
  });

  it.each(['', '1a', 'a b', 'a-b', 'a\n', ' a', '\u200da'])('%j is none', (text) => {
    expect(isIdentifier(text)).toBe(false);
  });

  it('are told each time anew, whatever was looked for before', () => {
    identifierPattern().lastIndex = 1;
    expect([isIdentifier('ab'), isIdentifier('ab')]).toEqual([true, true]);
  });

  it('are written behind a point, others in brackets', () => {
    expect(accessTo('name')).toBe('.name');
    expect(accessTo('a "name"')).toBe('["a \\"name\\""]');
  });
});
