import { countOf, encodeArgument, encodeArguments, standsForItself } from './canonical-encoding.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import { inOnePiece } from './one-piece.js';

/**
 * A key extractor for a storage that belongs to one function: the key is made of the arguments alone. Such a storage is in
 * this process, so that text need not be well-formed Unicode to be its own key.
 */
export class ArgumentsKeyExtractor implements KeyExtractor {
  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return countOf(args) === 1 ? this.formatKeyOfOne(fn, args[0]) : inOnePiece(encodeArguments(args));
  }

  formatKeyOfOne(_fn: CacheableFunction, argument: unknown): string {
    return typeof argument === 'string' && standsForItself(argument) ? argument : inOnePiece(encodeArgument(argument));
  }

  scope(_fn: CacheableFunction): string {
    return '';
  }
}
