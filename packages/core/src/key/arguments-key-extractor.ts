import { encodeArgument, encodeArguments } from './canonical-encoding.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';

/** A key extractor for a storage that belongs to one function: the key is made of the arguments alone. */
export class ArgumentsKeyExtractor implements KeyExtractor {
  formatKey(_fn: CacheableFunction, args: readonly unknown[]): string {
    return encodeArguments(args);
  }

  formatKeyOfOne(_fn: CacheableFunction, argument: unknown): string {
    return encodeArgument(argument);
  }

  scope(_fn: CacheableFunction): string {
    return '';
  }
}
