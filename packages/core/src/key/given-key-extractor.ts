import { InvalidKeyError } from '../errors.js';
import { encodeArgument } from './canonical-encoding.js';
import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import { namespaceScope } from './name-scope.js';
import { inOnePiece } from './one-piece.js';

/**
 * A key extractor for calls that are named by their caller: `pages/:home` in the namespace `pages`, `/:home` where there is
 * none. No function has such keys, because the name of a function is not empty.
 */
export class GivenKeyExtractor implements KeyExtractor {
  /** What all keys in the namespace begin with, those of functions, too. */
  readonly namespaceScope: string;
  /** What the keys that are given begin with. */
  readonly keyScope: string;

  constructor(namespace?: string) {
    this.namespaceScope = namespaceScope(namespace);
    this.keyScope = `${this.namespaceScope}:`;
  }

  /** The key in the storage. @throws InvalidKeyError for what is no text, and for no text at all (mends P7). */
  nameOf(key: unknown): string {
    if (typeof key === 'string' && key !== '') return inOnePiece(this.keyScope + encodeArgument(key));
    throw new InvalidKeyError('What is given as the key', key, 'a key is text that is not empty');
  }

  formatKey(_fn: CacheableFunction, [key]: readonly unknown[]): string {
    return this.nameOf(key);
  }

  formatKeyOfOne(_fn: CacheableFunction, key: unknown): string {
    return this.nameOf(key);
  }

  scope(_fn: CacheableFunction): string {
    return this.keyScope;
  }
}
