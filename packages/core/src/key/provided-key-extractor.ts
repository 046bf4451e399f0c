import { leaveToNobody } from '../answers.js';
import { InvalidKeyError } from '../errors.js';
import { encodeArgument } from './canonical-encoding.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import type { KeyFunction } from './key.js';
import { NameScope, type NameScopeOptions } from './name-scope.js';
import { inOnePiece } from './one-piece.js';

/**
 * A key extractor that asks a function of the arguments, as given by the option `key`. Whatever it returns is named by
 * its type and content, like an argument: `1` and `'1'` are two keys. They are none that arguments themselves have.
 */
export class ProvidedKeyExtractor implements KeyExtractor {
  readonly #key: (...args: readonly unknown[]) => unknown;
  readonly #scope: NameScope | undefined;

  /**
   * @param scope - what keys begin with; without it the storage belongs to one function.
   * @throws InvalidOptionError
   */
  constructor(key: KeyFunction, scope?: NameScopeOptions) {
    this.#key = key as (...args: readonly unknown[]) => unknown;
    this.#scope = scope && new NameScope('ProvidedKeyExtractor', scope);
  }

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return this.#keyOf(fn, this.#key(...args));
  }

  formatKeyOfOne(fn: CacheableFunction, argument: unknown): string {
    return this.#keyOf(fn, this.#key(argument));
  }

  scope(fn: CacheableFunction): string {
    return this.#scope?.of(fn) ?? '';
  }

  #keyOf(fn: CacheableFunction, key: unknown): string {
    if (typeof key === 'object') leaveToNobody(key);
    if (key === undefined) {
      throw new InvalidKeyError(place, key, 'it names nothing', 'Return text, a number or plain data.');
    }
    return inOnePiece(`${this.scope(fn)}=${encodeArgument(key, place)}`);
  }
}

/** What the result is called in messages. */
const place = 'key(…)';
