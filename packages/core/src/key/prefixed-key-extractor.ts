import type { CacheableFunction, KeyExtractor } from './key-extractor.js';

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
    return this.#prefix + this.#extractor.formatKey(fn, args);
  }

  scope(fn: CacheableFunction): string {
    return this.#prefix + (this.#extractor.scope?.(fn) ?? '');
  }
}
