import type { ReadableExpiration } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';
import type { plainlyWrong, readable } from './expiration-literals.js';

/** What is said of each. */
type Said<Texts extends readonly string[]> = { readonly [Index in keyof Texts]: ReadableExpiration<Texts[Index]> };
type First<Rows extends readonly (readonly [string, string])[]> = {
  readonly [Index in keyof Rows]: Rows[Index][0];
};
type Second<Rows extends readonly (readonly [string, string])[]> = {
  readonly [Index in keyof Rows]: Rows[Index][1];
};

describe('what a compiler says of text', () => {
  it('is nothing where it can be read', () => {
    expectTypeOf<Said<typeof readable>>().toEqualTypeOf<typeof readable>();
  });

  it('is what is wrong with it where that is plain', () => {
    expectTypeOf<Said<First<typeof plainlyWrong>>>().toEqualTypeOf<Second<typeof plainlyWrong>>();
  });

  it('is nothing of text that is not known', () => {
    expectTypeOf<ReadableExpiration<string>>().toEqualTypeOf<string>();
    expectTypeOf<ReadableExpiration<`${number}`>>().toEqualTypeOf<`${number}`>();
    expectTypeOf<ReadableExpiration<`${number} hoors`>>().toEqualTypeOf<`${number} hoors`>();
    expectTypeOf<ReadableExpiration<`$${string}`>>().toEqualTypeOf<`$${string}`>();
    expectTypeOf<ReadableExpiration<`${string}:seconds`>>().toEqualTypeOf<`${string}:seconds`>();
  });

  it('is said of each that it may be', () => {
    expectTypeOf<ReadableExpiration<'1 hour' | '' | '2 days'>>().toEqualTypeOf<
      '1 hour' | 'The text is empty' | '2 days'
    >();
  });
});
