import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import { inOnePiece } from './one-piece.js';

/** A key extractor that puts a text before the keys of another one. */
export class PrefixedKeyExtractor implements KeyExtractor {
  readonly #prefix: string;
  readonly #extractor: KeyExtractor;

  /** @param extractor - one that has a scope. */
  constructor(prefix: string, extractor: KeyExtractor) {
    this.#prefix = prefix;
    this.#extractor = extractor;
  }

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return inOnePiece(this.#prefix + this.#extractor.formatKey(fn, args));
  }

  formatKeyOfOne(fn: CacheableFunction, argument: unknown): string {
    const key = this.#extractor.formatKeyOfOne?.(fn, argument) ?? this.#extractor.formatKey(fn, [argument]);
    return inOnePiece(this.#prefix + key);
  }

  scope(fn: CacheableFunction): string {
    return this.#prefix + (this.#extractor.scope?.(fn) ?? '');
  }
}
