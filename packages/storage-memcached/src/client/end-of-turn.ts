import process from 'node:process';

/**
 * Calls back when nothing is left of this turn of the event loop that could go on, so that those are still heard who ask
 * when promises settle in it. Node runs the queue of `nextTick` before that of promises, and again after it: a `nextTick`
 * that is asked for by a promise runs when no promise is left that could go on.
 */
export function atEndOfTurn(callback: () => void): void {
  void Promise.resolve().then(() => process.nextTick(callback));
}
