import type { CacheEntry } from '../entry/cache-entry.js';
import { InvalidCallError } from '../errors.js';
import type { CacheStorage } from '../storage/cache-storage.js';

/** Reads all keys that are asked for in one turn with one question, where the storage has `getMany`. */
export class BatchedReads implements Pick<CacheStorage, 'get'> {
  readonly #storage: CacheStorage;
  #keys: string[] = [];
  #answers: Promise<readonly (CacheEntry | Error | undefined)[]> | undefined;

  constructor(storage: CacheStorage) {
    this.#storage = storage;
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    if (this.#storage.getMany === undefined) return this.#storage.get(key);
    const index = this.#keys.push(key) - 1;
    this.#answers ??= Promise.resolve().then(() => this.#ask());
    const answer = (await this.#answers)[index];
    if (answer instanceof Error) throw answer;
    return answer;
  }

  async #ask(): Promise<readonly (CacheEntry | Error | undefined)[]> {
    const keys = this.#keys;
    this.#keys = [];
    this.#answers = undefined;
    const answers: unknown = await this.#storage.getMany?.(keys);
    if (Array.isArray(answers) && answers.length === keys.length) return answers as (CacheEntry | undefined)[];
    throw new InvalidCallError('CacheStorage.getMany', `a list of ${keys.length} answers`, answers);
  }
}
