import { UnexpectedPromiseError } from '../errors.js';
import { type Awaitable, isPromise } from '../serde.js';

/**
 * What is given, if that is at once.
 *
 * @param name - that of the synchronous function.
 * @param option - the option that gave it; left out where the function itself did.
 * @throws UnexpectedPromiseError for a promise.
 */
export function atOnce<T>(given: Awaitable<T>, name: string, key: string, option?: string): T {
  if (!isPromise(given)) return given;
  leaveToNobody(given);
  throw new UnexpectedPromiseError(name, key, option);
}

/**
 * Nobody will hear how a promise ends, so its rejection must not end the process. Other thenables are left alone: some of
 * them, such as queries, begin only when they are asked.
 */
function leaveToNobody(thenable: PromiseLike<unknown>): void {
  if (Object.prototype.toString.call(thenable) !== '[object Promise]') return;
  try {
    void Promise.prototype.then.call(thenable, undefined, doNothing);
  } catch {
    // It only calls itself a promise.
  }
}

/** Whether one can see of a function that it returns promises. */
export function isAsyncFunction(fn: unknown): boolean {
  return typeof fn === 'function' && Object.prototype.toString.call(fn) === '[object AsyncFunction]';
}

function doNothing(): void {
  // The caller got an error already.
}
