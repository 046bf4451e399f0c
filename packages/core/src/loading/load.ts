import { type LoadAbandonedError, LoadTimeoutError } from '../errors.js';
import type { Clock } from '../time/clock.js';
import type { LoadInFlight } from './load-in-flight.js';
import { LoadSignal } from './load-signal.js';

/** One load to be run: what to call, and how long it may take. */
export interface LoadPlan {
  readonly key: string;
  /** Whom it is for: it ends when they have all left. */
  readonly load: LoadInFlight;
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
 * rejection is swallowed; the load's signal fires at the timeout, and when nobody waits any more.
 *
 * @returns rejects with what the function threw, with a `LoadTimeoutError` or a `LoadAbandonedError`.
 */
export function runLoad({ key, load, call, timeout, clock, background }: LoadPlan): Promise<unknown> {
  const signal = new LoadSignal();
  return new Promise((resolve, reject) => {
    const giveUp = (error: LoadTimeoutError | LoadAbandonedError): void => {
      stopTimer();
      // Rejecting first: a function that answers its signal by throwing must not hide why it was given up.
      reject(error);
      signal.abort(error);
    };
    const timeOut = (): void => {
      load.timedOutAfter = timeout;
      giveUp(new LoadTimeoutError(key, timeout));
    };
    const stopTimer = clock.setTimer(timeOut, timeout, { background });
    const stopListening = load.onAbandoned(giveUp);
    const result = new Promise((settle) => settle(signal.during(call)));
    result.then(resolve, reject).finally(() => {
      stopTimer();
      stopListening();
    });
  });
}
