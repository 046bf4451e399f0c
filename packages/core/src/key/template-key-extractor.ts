import type { CacheableFunction, KeyExtractor } from './key-extractor.js';
import type { KeyTemplate } from './key-template.js';
import { NameScope, type NameScopeOptions } from './name-scope.js';

/**
 * A key extractor that fills in a template, as given by the option `key`: `=user:42`, `app/fetchUser:=user:42`. Such keys
 * are none that arguments themselves have.
 */
export class TemplateKeyExtractor implements KeyExtractor {
  readonly #template: KeyTemplate;
  readonly #scope: NameScope | undefined;

  /**
   * @param scope - what keys begin with; without it the storage belongs to one function.
   * @throws InvalidOptionError
   */
  constructor(template: KeyTemplate, scope?: NameScopeOptions) {
    this.#template = template;
    this.#scope = scope && new NameScope('TemplateKeyExtractor', scope);
  }

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return `${this.scope(fn)}=${this.#template.fill(args)}`;
  }

  scope(fn: CacheableFunction): string {
    return this.#scope?.of(fn) ?? '';
  }
}
