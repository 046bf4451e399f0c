import { LoadTimeoutError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import { LoadSignal } from './load-signal.js';

/** One load to be run: what to call, and how long it may take. */
export interface LoadPlan {
  readonly key: string;
  readonly call: () => unknown;
  /** Milliseconds; `Infinity` for no limit. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Nobody waits for this load, so its timer must not keep the process alive. */
  readonly background: boolean;
}

/**
 * Runs a load: calls the function, awaits whatever it returned, and gives up after the timeout.
 *
 * A synchronous result, any thenable and a synchronous throw are welcome alike. A late result is dropped, a late
 * rejection is swallowed; the load's signal fires at the timeout.
 *
 * @returns rejects with what the function threw, or with a `LoadTimeoutError`.
 */
export function runLoad({ key, call, timeout, clock, background }: LoadPlan): Promise<unknown> {
  const load = new LoadSignal();
  return new Promise((resolve, reject) => {
    const stopTimer = clock.setTimer(
      () => {
        const error = new LoadTimeoutError(key, timeout);
        // Rejecting first: a function that answers its signal by throwing must not hide that it timed out.
        reject(error);
        load.abort(error);
      },
      timeout,
      { background },
    );
    const result = new Promise((settle) => settle(load.during(call)));
    result.then(resolve, reject).finally(stopTimer);
  });
}
