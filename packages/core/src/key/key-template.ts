import type { OptionRule } from '../check-options.js';
import { partOf } from '../data-pointer.js';
import { InvalidKeyError } from '../errors.js';
import { isIdentifier } from '../identifier.js';
import { encodeArgument, encodeEnclosed } from './canonical-encoding.js';
import { expectedTemplate, type KeyTemplateOrigin, type Placeholder, readTemplate } from './key-template-text.js';
import { whatReadingThrew } from './unnameable-place.js';

/** Accepts what may be a template; whether it is one is found out when it is read. */
export const aKeyTemplate: OptionRule = {
  expected: expectedTemplate,
  accepts: (value) => typeof value === 'string' && value.isWellFormed() && value !== '',
};

/** Accepts the names by which a template knows the arguments. */
export const argumentNames: OptionRule = {
  expected: `a list of names that are all different, such as ['environment', 'user']`,
  accepts: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    Array.from(value).every((name) => typeof name === 'string' && isIdentifier(name) && name !== 'this'),
};

/**
 * Names a call by a text with places for parts of its arguments, such as `env:{0.id}:{user.name}` (aquiche Q63).
 *
 * In braces stands an argument, by its number or by its name in `params`, and then the way to a part of it: names after
 * points, indexes, names or quoted names in brackets, such as `{0.items[0]}`, `{user[id]}` or `{user['e-mail']}`. `{{` and
 * `}}` stand for braces. Text without places is one key for all calls.
 *
 * Other parts give another text. A part that is text stands there as it is, unless what follows it could then be taken for
 * its end, or it looks like one of the others; those stand in parentheses, as the canonical encoding names them:
 *
 * | template | parts | text |
 * |---|---|---|
 * | `env:{0}:id:{1}` | `'prod'`, `'a:b'` | `env:prod:id:a:b` |
 * | `env:{0}:id:{1}` | `'a:b'`, `42` | `env:("a:b"):id:(42)` |
 * | `{0}{1}` | `'ab'`, `'c'` | `("ab")c` |
 */
export class KeyTemplate {
  readonly #begin: string;
  readonly #places: readonly Place[];

  /** @throws InvalidOptionError where the text cannot be read, or names what cannot be there. */
  constructor(text: string, origin: KeyTemplateOrigin) {
    const { literals, placeholders } = readTemplate(text, origin);
    const [begin = '', ...following] = literals;
    this.#begin = begin;
    this.#places = placeholders.map(
      (placeholder, index) =>
        new Place(placeholder, {
          following: following[index] ?? '',
          isLast: index === placeholders.length - 1,
          // Who names the arguments has said that there are such.
          mayBeLeftOut: origin.params !== undefined,
        }),
    );
  }

  /**
   * The text for these arguments.
   *
   * @throws InvalidKeyError where a part is missing, or has no content to be named by.
   */
  fill(args: readonly unknown[]): string {
    let text = this.#begin;
    for (const place of this.#places) text += place.fill(args);
    return text;
  }
}

interface PlaceTraits {
  /** The literal text that follows. */
  readonly following: string;
  readonly isLast: boolean;
  /** Whether an argument that is left out names the call by that. */
  readonly mayBeLeftOut: boolean;
}

/** One place of a template, and the literal text that follows. */
class Place {
  readonly #placeholder: Placeholder;
  readonly #traits: PlaceTraits;

  constructor(placeholder: Placeholder, traits: PlaceTraits) {
    this.#placeholder = placeholder;
    this.#traits = traits;
  }

  fill(args: readonly unknown[]): string {
    const part = this.#partOf(args);
    const path = this.#pathTo();
    const named = this.#showsItsEnd(part) ? encodeArgument(part, path) : encodeEnclosed(part, path);
    return named + this.#traits.following;
  }

  /** Whether it can be seen where the part ends, though nothing is put around it. */
  #showsItsEnd(part: unknown): boolean {
    const { following, isLast } = this.#traits;
    if (typeof part !== 'string') return false;
    return following === '' ? isLast : !part.includes(following.charAt(0));
  }

  #partOf(args: readonly unknown[]): unknown {
    const { argument, names } = this.#placeholder;
    let value = args[argument];
    if (value === undefined && names.length === 0 && !this.#traits.mayBeLeftOut) throw this.#leftOut();
    for (let step = 0; step < names.length; step++) {
      const part = this.#read(value, step);
      // All calls that lack it would share their results.
      if (part === undefined) throw this.#missing(value, step);
      value = part;
    }
    return value;
  }

  #read(value: unknown, step: number): unknown {
    try {
      return partOf(value, this.#placeholder.names[step]!);
    } catch (error) {
      throw whatReadingThrew(error, this.#pathTo(step + 1));
    }
  }

  #leftOut(): InvalidKeyError {
    const advice = `Where it may be left out, name the arguments by the option 'params'.`;
    return new InvalidKeyError(this.#pathTo(), undefined, 'the call has no such argument', advice);
  }

  #missing(value: unknown, step: number): InvalidKeyError {
    const why = `${this.#pathTo(step)} has no '${this.#placeholder.names[step]!}'`;
    const advice = `Where it may be missing, let the option 'key' be a function.`;
    return new InvalidKeyError(this.#pathTo(), value, why, advice);
  }

  /** What the part is called in messages, or what it is found in after so many names. */
  #pathTo(steps = this.#placeholder.names.length): string {
    return `{${this.#placeholder.paths[steps]!}}`;
  }
}
