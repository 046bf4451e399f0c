import { checkedWhenUsed, checkOptions, type OptionRules } from '../check-options.js';
import { encodeArgument, encodeArguments } from './canonical-encoding.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import { NameScope, type NameScopeOptions } from './name-scope.js';
import { inOnePiece } from './one-piece.js';

/** How keys are made of a function's name and arguments. */
export interface EncodedMethodNameAndArgsKeyExtractorOptions extends NameScopeOptions {
  /**
   * Whether the first argument is the object whose method it is, and no part of the key.
   * @defaultValue false
   */
  readonly skipFirstArgumentAsSelf?: boolean | undefined;
}

const rules = {
  name: checkedWhenUsed,
  namespace: checkedWhenUsed,
  skipFirstArgumentAsSelf: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
} as const satisfies OptionRules;

/**
 * A key extractor that names a function by its name, so that processes which share a storage share its entries:
 * `fetchUser:42`, or `app/fetchUser:42` in the namespace `app` (py-memoize M101).
 *
 * Functions of one name in one storage and namespace share their keys: give them different names.
 */
export class EncodedMethodNameAndArgsKeyExtractor implements KeyExtractor {
  readonly #scope: NameScope;
  readonly #firstArgument: 0 | 1;

  /** @throws InvalidOptionError */
  constructor(options: EncodedMethodNameAndArgsKeyExtractorOptions = {}) {
    const call = 'EncodedMethodNameAndArgsKeyExtractor';
    checkOptions(call, options, rules);
    this.#scope = new NameScope(call, options);
    this.#firstArgument = options.skipFirstArgumentAsSelf === true ? 1 : 0;
  }

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return inOnePiece(this.#scope.of(fn) + encodeArguments(args, this.#firstArgument));
  }

  formatKeyOfOne(fn: CacheableFunction, argument: unknown): string {
    // A subclass may name calls in its own way, and know nothing of this method.
    if (this.formatKey !== EncodedMethodNameAndArgsKeyExtractor.prototype.formatKey)
      return this.formatKey(fn, [argument]);
    const counted = this.#firstArgument === 0 ? argument : undefined;
    return inOnePiece(this.#scope.of(fn) + encodeArgument(counted));
  }

  scope(fn: CacheableFunction): string {
    return this.#scope.of(fn);
  }
}
