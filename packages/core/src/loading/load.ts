import { type LoadAbandonedError, LoadTimeoutError } from '../errors.js';
import { type Clock, steadyNow } from '../time/clock.js';
import { nextTurn } from '../time/next-turn.js';
import type { LoadInFlight } from './load-in-flight.js';
import { LoadSignal } from './load-signal.js';
import { delayAfter, type Retrying } from './retry.js';
import { RetryPause } from './retry-pause.js';

/** One load to be run: what to call, and how long it may take. */
export interface LoadPlan {
  readonly key: string;
  /** Whom it is for: it ends when they have all left. */
  readonly load: LoadInFlight;
  readonly call: () => unknown;
  /** Milliseconds for all attempts together; `Infinity` for no limit. */
  readonly timeout: number;
  readonly clock: Clock;
  /** Nobody waits for this load, so its timer must not keep the process alive. */
  readonly background: boolean;
  /** What is done when the function fails; `undefined`: nothing. */
  readonly retrying?: Retrying | undefined;
  /** What it waits in before it is tried again, together with others; `undefined`: alone. */
  readonly pause?: RetryPause | undefined;
  /** Called with a result that comes when the load has been given up. It must not throw. */
  readonly onLate?: ((value: unknown) => void) | undefined;
}

/**
 * Runs a load: calls the function, awaits whatever it returned, tries again if that is wanted, and gives up after the
 * timeout.
 *
 * A synchronous result, any thenable and a synchronous throw are welcome alike. A late result is dropped, unless
 * somebody wants it, a late rejection is swallowed; the load's signal, one for all attempts, fires at the timeout, and when
 * nobody waits any more.
 *
 * @returns rejects with what the function threw at last, with a `LoadTimeoutError` or a `LoadAbandonedError`.
 */
export function runLoad(plan: LoadPlan): Promise<unknown> {
  const { key, load, call, timeout, clock, background, retrying, onLate } = plan;
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
    const end = (): void => {
      stopTimer();
      stopListening();
    };
    const succeed = (value: unknown): void => {
      end();
      if (onLate !== undefined && signal.isAborted) onLate(value);
      else resolve(value);
    };
    const fail = (error: unknown): void => {
      end();
      reject(error);
    };
    try {
      const result = retrying === undefined ? signal.during(call) : untilItGoesWell(plan, retrying, signal);
      Promise.resolve(result).then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** So many attempts are made in one turn of the event loop. */
const mostInOneTurn = 16;

/** Calls the function until it goes well, it is not worth another attempt, or there is no time for one. */
async function untilItGoesWell(plan: LoadPlan, retrying: Retrying, signal: LoadSignal): Promise<unknown> {
  const { call, clock, background, timeout, pause = new RetryPause(clock, background) } = plan;
  const end = steadyNow(clock) + timeout;
  for (let attempt = 1; ; attempt++) {
    try {
      return await signal.during(call);
    } catch (error) {
      const drawn = signal.isAborted ? undefined : delayAfter(retrying, error, attempt);
      if (drawn === undefined) throw error;
      const delay = pause.lengthOf(drawn);
      // What went wrong says more than that there was no time to try again.
      if (steadyNow(clock) + delay >= end) throw error;
      retrying.onRetry({ attempt, delay, error });
      if (delay > 0) await pause.wait(delay, signal);
      // What fails at once, again and again, must not hold up everything else.
      else if (attempt % mostInOneTurn === 0) await nextTurn();
    }
  }
}
