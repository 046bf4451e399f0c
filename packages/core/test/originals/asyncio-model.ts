import { type Deferred, deferred } from '../support/deferred.js';

/**
 * What asyncio throws into a task that is cancelled. In Python it is no `Exception`, so that handlers of exceptions miss
 * it; here it is no `Error`.
 */
export class CancelledError {
  toString(): string {
    return 'CancelledError';
  }
}

/** An error of Python under its own name. */
export class PythonError extends Error {
  constructor(name: string, message = '', details: ErrorOptions = {}) {
    super(message, details);
    this.name = name;
  }
}

/** A future of asyncio: settled once by whoever holds it, and cancelled by whoever waits for it without a shield. */
export class Future<T> {
  readonly #settled: Deferred<T> = deferred<T>();
  #done = false;

  constructor() {
    // That nobody waits for a future is no fault of its own.
    this.#settled.promise.catch(() => {});
  }

  /** A future of what `promise` settles to. */
  static of<R>(promise: Promise<R>): Future<R> {
    const future = new Future<R>();
    const ifPending = (settle: () => void): void => {
      if (!future.done) settle();
    };
    promise.then(
      (value) => ifPending(() => future.setResult(value)),
      (error: unknown) => ifPending(() => future.setException(error)),
    );
    return future;
  }

  get done(): boolean {
    return this.#done;
  }

  get promise(): Promise<T> {
    return this.#settled.promise;
  }

  setResult(value: T): void {
    this.#finish();
    this.#settled.resolve(value);
  }

  setException(error: unknown): void {
    this.#finish();
    this.#settled.reject(error);
  }

  cancel(): void {
    if (!this.#done) this.setException(new CancelledError());
  }

  #finish(): void {
    if (this.#done) throw new PythonError('InvalidStateError', 'invalid state');
    this.#done = true;
  }
}

/** A task of asyncio: cancelling it cancels the future that it waits for at that moment. */
export class Task<T> {
  readonly outcome: Promise<T>;
  #awaited: Future<unknown> | undefined;

  constructor(body: (task: Task<T>) => Promise<T>) {
    this.outcome = body(this);
  }

  async wait<R>(future: Future<R>): Promise<R> {
    this.#awaited = future;
    try {
      return await future.promise;
    } finally {
      this.#awaited = undefined;
    }
  }

  cancel(): void {
    this.#awaited?.cancel();
  }
}
