import { InvalidOptionError } from '../errors.js';
import type { CacheableFunction } from './key-extractor.js';

/** What the keys of a function begin with. */
export interface NameScopeOptions {
  /**
   * Tells functions apart that share a storage, also in other processes and after a restart.
   * @defaultValue the function's own name
   */
  readonly name?: string | undefined;
  /** Stands before the name. */
  readonly namespace?: string | undefined;
}

/**
 * The beginning of all keys of a function, made of its name: `name:` or `namespace/name:`. `%`, `/` and `:` inside them
 * are escaped as in an URL, so that no two pairs of them give the same scope and no scope is part of another one's keys.
 */
export class NameScope {
  readonly #call: string;
  readonly #options: NameScopeOptions;
  #fn: CacheableFunction | undefined;
  #scope = '';

  /**
   * @param call - the class that is told the options, for messages.
   * @throws InvalidOptionError
   */
  constructor(call: string, { name, namespace }: NameScopeOptions) {
    this.#call = call;
    this.#options = { name, namespace };
    this.#refuseUnlessText('name', name);
    this.#refuseUnlessText('namespace', namespace);
  }

  /** @throws InvalidOptionError when there is no name, because the function is anonymous. */
  of(fn: CacheableFunction): string {
    // Nearly always it is the same function as last time.
    if (fn !== this.#fn) {
      this.#scope = this.#scopeOf(fn);
      this.#fn = fn;
    }
    return this.#scope;
  }

  #scopeOf(fn: CacheableFunction): string {
    const { name = fn.name, namespace } = this.#options;
    if (name === '') {
      throw new InvalidOptionError({
        call: this.#call,
        option: 'name',
        expected: 'given, because the function is anonymous',
        received: undefined,
        advice: 'A key begins with the name of the function.',
      });
    }
    return namespace === undefined ? `${escape(name)}:` : `${escape(namespace)}/${escape(name)}:`;
  }

  #refuseUnlessText(option: string, received: unknown): void {
    if (received === undefined || (typeof received === 'string' && received !== '' && received.isWellFormed())) return;
    throw new InvalidOptionError({ call: this.#call, option, expected: 'text that is not empty', received });
  }
}

/**
 * What all keys in a namespace begin with, whichever door they come through: `namespace/`. What a `Memoizer` keeps without
 * a namespace begins with `/`, so that it can be cleared, too.
 */
export function namespaceScope(namespace = ''): string {
  return `${escape(namespace)}/`;
}

function escape(text: string): string {
  return text.replace(/[%/:]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
