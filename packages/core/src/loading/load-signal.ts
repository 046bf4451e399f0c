import type { LoadAbandonedError, LoadTimeoutError } from '../errors.js';

/** The load whose function is being called at this very moment, up to the function's first `await`. */
let loadBeingCalled: LoadSignal | undefined;

type Reason = LoadTimeoutError | LoadAbandonedError;

/** The signal of one load, made when the function asks for it: most never do. */
export class LoadSignal {
  #controller: AbortController | undefined;
  #reason: Reason | undefined;
  #listeners: ((reason: Reason) => void)[] | undefined;

  /** That of the load whose function is being called at this very moment. */
  static get present(): LoadSignal | undefined {
    return loadBeingCalled;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#reason !== undefined;
  }

  abort(reason: Reason): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#listeners?.splice(0) ?? []) listener(reason);
  }

  onAbort(listener: (reason: Reason) => void): void {
    if (this.#reason === undefined) (this.#listeners ??= []).push(listener);
    else listener(this.#reason);
  }

  /** Calls `body`, during whose synchronous part `loadSignal()` answers with this load's signal. */
  during<R>(body: () => R): R {
    const outer = loadBeingCalled;
    loadBeingCalled = this;
    try {
      return body();
    } finally {
      loadBeingCalled = outer;
    }
  }
}

/** The signal of a load for several others: it fires when the last of them has been given up. */
export class SharedLoadSignal extends LoadSignal {
  constructor(loads: readonly LoadSignal[]) {
    super();
    let left = loads.length;
    const giveUp = (reason: Reason): void => {
      left--;
      if (left === 0) this.abort(reason);
    };
    for (const load of loads) load.onAbort(giveUp);
  }
}

/**
 * The `AbortSignal` of the load that a cached function is called for. It fires when the load has timed out, or
 * everyone who waited for it has left, and its result will be dropped, so that a request under way can be given up.
 *
 * To be asked for inside the function **before its first `await`**, as hooks of other frameworks are:
 * ```ts
 * const getUser = memoize(async (id: string) => {
 *   const signal = loadSignal();
 *   return await fetch(`/users/${id}`, { signal });
 * });
 * ```
 * The function's arguments stay what they are, and it still works where it is called without a cache: outside of a load
 * the answer is a signal that never fires.
 */
export function loadSignal(): AbortSignal {
  return loadBeingCalled?.signal ?? new AbortController().signal;
}
