/** How many absences there are in this process, so that a hit need not look where there is none. */
export const absencesInProcess = { count: 0 };

/** So many single keys are remembered; where there are more, all that is in the storage counts as absent. */
const mostKeys = 10_000;

/**
 * What an operation by name has invalidated in this process and could not take out of the storage. It counts as absent
 * here until the operation succeeds, or an entry that was loaded since has taken its place.
 */
export class Absences {
  readonly #keys = new Set<string>();
  /** For each scope whose keys count as absent those of them that have been replaced since. */
  readonly #scopes = new Map<string, Set<string>>();

  add(key: string): void {
    if (this.#keys.size >= mostKeys) {
      this.addScope('');
      return;
    }
    if (!this.#keys.has(key)) absencesInProcess.count++;
    this.#keys.add(key);
  }

  /** The same for all keys that begin with `scope`. */
  addScope(scope: string): void {
    this.deleteScope(scope);
    this.#scopes.set(scope, new Set());
    absencesInProcess.count++;
  }

  includes(key: string): boolean {
    return this.#keys.has(key) || this.#scopesOf(key).some((replaced) => !replaced.has(key));
  }

  /** What the storage holds under `key` is no longer what was invalidated. */
  delete(key: string): void {
    if (this.#keys.delete(key)) absencesInProcess.count--;
    for (const replaced of this.#scopesOf(key)) replaced.add(key);
  }

  /** The same for all keys that begin with `scope`. */
  deleteScope(scope: string): void {
    for (const key of this.#keys) {
      if (key.startsWith(scope) && this.#keys.delete(key)) absencesInProcess.count--;
    }
    for (const other of this.#scopes.keys()) {
      if (other.startsWith(scope) && this.#scopes.delete(other)) absencesInProcess.count--;
    }
  }

  #scopesOf(key: string): readonly Set<string>[] {
    if (this.#scopes.size === 0) return [];
    return [...this.#scopes].filter(([scope]) => key.startsWith(scope)).map(([, replaced]) => replaced);
  }
}
