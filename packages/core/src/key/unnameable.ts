/** What the encoding throws at a value without a content to be named by; it becomes an `InvalidKeyError` with its place. */
export class Unnameable extends Error {
  readonly value: unknown;
  /** Why the value cannot be named, as in "cannot be part of a key: …". */
  readonly why: string;
  readonly advice: string;

  constructor(value: unknown, why: string, advice: string) {
    super(why);
    this.value = value;
    this.why = why;
    this.advice = advice;
  }
}

/** How many containers may be nested: more than any data that is meant to be an argument, and few enough for the stack. */
export const deepest = 500;

/** What the encoding throws at a value nested deeper than that; maybe one of the values around it is in itself. */
export class NestedTooDeep extends Unnameable {
  constructor(value: unknown) {
    super(value, `it is nested more than ${deepest} levels deep`, `Let the option 'key' name it by text or numbers.`);
  }
}
