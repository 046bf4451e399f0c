import { leaveToNobody } from '../answers.js';
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

/** Whether one can see of a function that it returns promises. */
export function isAsyncFunction(fn: unknown): boolean {
  return typeof fn === 'function' && Object.prototype.toString.call(fn) === '[object AsyncFunction]';
}
