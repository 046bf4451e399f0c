import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/errors.js';
import { expirationFrom } from '../../src/expiration/expiration-from.js';
import { plainlyWrong, readable } from './expiration-literals.js';

const origin = { call: 'memoize', option: 'expireAfter' };

describe('text of which a compiler', () => {
  it.each(readable)('may say nothing can be read when wrapping: %j', (text) => {
    expect(expirationFrom(text, origin)).toBeDefined();
  });

  it.each(plainlyWrong)('says that it is wrong is refused when wrapping: %j', (text) => {
    expect(() => expirationFrom(text, origin)).toThrow(InvalidOptionError);
  });
});
