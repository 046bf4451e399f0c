/** How many absences there are in this process, so that a hit need not look where there is none. */
export const absencesInProcess = { count: 0 };

/** Keys that begin with one scope and count as absent. */
interface ScopeAbsence {
  /** Epoch milliseconds. */
  readonly until: number;
  /** Those of them that have been replaced since. */
  readonly present: Set<string>;
}

/**
 * What an operation by name has invalidated in this process and could not take out of the storage. It counts as absent
 * here until the operation succeeds, or an entry that was loaded since has taken its place.
 */
export class Absences {
  readonly #keys = new Map<string, number>();
  readonly #scopes = new Map<string, ScopeAbsence>();
  /** With how many keys those whose time is over are looked for. */
  #sweepAt = 1_000;

  /** @param until - when the entry will have expired at the latest; epoch milliseconds. */
  add(key: string, until: number, now: number): void {
    if (!this.#keys.has(key)) absencesInProcess.count++;
    this.#keys.set(key, until);
    for (const { present } of this.#scopes.values()) present.delete(key);
    if (this.#keys.size >= this.#sweepAt) this.#sweep(now);
  }

  /** The same for all keys that begin with `scope`. */
  addScope(scope: string, until: number): void {
    if (!this.#scopes.has(scope)) absencesInProcess.count++;
    this.#scopes.set(scope, { until, present: new Set() });
  }

  includes(key: string, now: number): boolean {
    if (this.#keys.size === 0 && this.#scopes.size === 0) return false;
    return (
      (this.#keys.get(key) ?? -Infinity) > now ||
      this.#scopesOf(key).some(({ until, present }) => until > now && !present.has(key))
    );
  }

  /** What the storage holds under `key` is no longer what was invalidated. */
  delete(key: string): void {
    if (this.#keys.delete(key)) absencesInProcess.count--;
    for (const { present } of this.#scopesOf(key)) present.add(key);
  }

  /** The same for all keys that begin with `scope`. */
  deleteScope(scope: string): void {
    for (const key of [...this.#keys.keys()]) {
      if (key.startsWith(scope)) this.delete(key);
    }
    for (const other of [...this.#scopes.keys()]) {
      if (other.startsWith(scope) && this.#scopes.delete(other)) absencesInProcess.count--;
    }
  }

  #scopesOf(key: string): readonly ScopeAbsence[] {
    return [...this.#scopes].filter(([scope]) => key.startsWith(scope)).map(([, absence]) => absence);
  }

  #sweep(now: number): void {
    for (const [key, until] of this.#keys) {
      if (until <= now) this.delete(key);
    }
    this.#sweepAt = Math.max(1_000, 2 * this.#keys.size);
  }
}
