/** All copies of this package in a process have to agree whether there is anything to look for. */
const countOfProcess = Symbol.for('@memo/absences/1');

/** How many absences there are in this process, so that a hit need not look where there is none. */
export const absencesInProcess = commonCount();

function commonCount(): { count: number } {
  const process = globalThis as { [countOfProcess]?: { count: number } };
  const common = process[countOfProcess] ?? { count: 0 };
  process[countOfProcess] = common;
  return common;
}

/** So many single keys are remembered; where there are more, all that is in the storage counts as absent. */
const mostKeys = 10_000;

interface ScopeAbsence {
  readonly turn: number;
  /** The keys in it that have been replaced since. */
  readonly replaced: Set<string>;
}

/**
 * What an operation by name has invalidated in this process and could not take out of the storage. It counts as absent
 * here until such an operation succeeds that was called later, or an entry that was loaded since has taken its place.
 *
 * A `turn` is that in which the operation was called (`LoadsInFlight.nextTurn`).
 */
export class Absences {
  readonly #keys = new Map<string, number>();
  readonly #scopes = new Map<string, ScopeAbsence>();

  add(key: string, turn: number): void {
    const known = this.#keys.get(key);
    if (known === undefined && this.#keys.size >= mostKeys) {
      this.addScope('', turn);
      return;
    }
    if (known === undefined) absencesInProcess.count++;
    this.#keys.set(key, Math.max(turn, known ?? turn));
  }

  /** The same for all keys that begin with `scope`. */
  addScope(scope: string, turn: number): void {
    this.deleteScope(scope, turn);
    const known = this.#scopes.get(scope);
    if (known !== undefined) return;
    this.#scopes.set(scope, { turn, replaced: new Set() });
    absencesInProcess.count++;
  }

  includes(key: string): boolean {
    if (this.#isEmpty) return false;
    return this.#keys.has(key) || this.#scopesOf(key).some(({ replaced }) => !replaced.has(key));
  }

  /** What the storage holds under `key` was put there, or taken away, by what began in `turn`. */
  delete(key: string, turn: number): void {
    if (this.#isEmpty) return;
    const known = this.#keys.get(key);
    if (known !== undefined && known <= turn && this.#keys.delete(key)) absencesInProcess.count--;
    for (const absence of this.#scopesOf(key)) {
      if (absence.turn <= turn) absence.replaced.add(key);
    }
  }

  /** The same for all keys that begin with `scope`. */
  deleteScope(scope: string, turn: number): void {
    for (const [key, known] of this.#keys) {
      if (key.startsWith(scope) && known <= turn && this.#keys.delete(key)) absencesInProcess.count--;
    }
    for (const [other, absence] of this.#scopes) {
      if (other.startsWith(scope) && absence.turn <= turn && this.#scopes.delete(other)) absencesInProcess.count--;
    }
  }

  /** Nearly always; then nothing is looked up. */
  get #isEmpty(): boolean {
    return this.#keys.size === 0 && this.#scopes.size === 0;
  }

  #scopesOf(key: string): readonly ScopeAbsence[] {
    if (this.#scopes.size === 0) return [];
    return [...this.#scopes].filter(([scope]) => key.startsWith(scope)).map(([, absence]) => absence);
  }
}
