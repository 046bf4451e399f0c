import { encodeArgument, encodeArguments } from './canonical-encoding.js';
import { identityOf } from './identity.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import { inOnePiece } from './one-piece.js';

/**
 * A key extractor that names a function by its identity: `m3x9….7:42` (py-memoize M100). No other function has such
 * keys, whatever its name; nor have they any meaning in another process or after a restart.
 */
export class EncodedMethodReferenceAndArgsKeyExtractor implements KeyExtractor {
  #fn: CacheableFunction | undefined;
  #scope = '';

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return inOnePiece(this.scope(fn) + encodeArguments(args));
  }

  formatKeyOfOne(fn: CacheableFunction, argument: unknown): string {
    // A subclass may name calls in its own way, and know nothing of this method.
    if (this.formatKey !== EncodedMethodReferenceAndArgsKeyExtractor.prototype.formatKey)
      return this.formatKey(fn, [argument]);
    return inOnePiece(this.scope(fn) + encodeArgument(argument));
  }

  scope(fn: CacheableFunction): string {
    // Nearly always it is the same function as last time.
    if (fn !== this.#fn) {
      this.#scope = `${identityOf(fn)}:`;
      this.#fn = fn;
    }
    return this.#scope;
  }
}
