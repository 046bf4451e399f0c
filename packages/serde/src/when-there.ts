import type { Awaitable } from '@memo/core';

/** Hands a value on when it is there: at once, or after the promise of it, so that what need not wait does not. */
export function whenThere<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromiseLike(value) ? Promise.resolve(value).then(next) : next(value);
}

/** Does some work, at once or not; `fail` throws what is to be thrown instead of what the work throws or rejects with. */
export function whenFailing<T>(work: () => Awaitable<T>, fail: (cause: unknown) => never): Awaitable<T> {
  try {
    const result = work();
    return isPromiseLike(result) ? Promise.resolve(result).then(undefined, fail) : result;
  } catch (cause) {
    return fail(cause);
  }
}

/** Whether there is something to wait for. */
export function isPromiseLike<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
