import { CloseTimeoutError } from '../errors.js';
import { isPromise } from '../serde.js';
import type { Clock } from '../time/clock.js';

/** How long what is to be closed next waits for what is being closed, in milliseconds. */
const patience = 30_000;

/** Something that is being closed. Neither promise rejects. */
export interface Closing {
  /** It is closed, has failed, or takes too long to be waited for. */
  readonly awaited: Promise<void>;
  /** It is closed or has failed. */
  readonly ended: Promise<void>;
}

/** Closes by `close`, and reports if that fails or takes too long. */
export function closeBy(close: () => unknown, clock: Clock, report: (error: unknown) => void): Closing {
  const result = outcomeOf(close);
  if (!isPromise(result)) {
    if (result !== undefined) report(result.error);
    return { awaited: Promise.resolve(), ended: Promise.resolve() };
  }
  let stopTimer = (): void => {};
  const late = new Promise<void>((resolve) => {
    const giveUp = (): void => {
      report(new CloseTimeoutError(patience));
      resolve();
    };
    stopTimer = clock.setTimer(giveUp, patience, { background: true });
  });
  const ended = result.then(
    () => stopTimer(),
    (error: unknown) => {
      stopTimer();
      report(error);
    },
  );
  return { awaited: Promise.race([ended, late]), ended };
}

/** A promise where it has to be waited for, nothing where it is closed. */
function outcomeOf(close: () => unknown): Promise<unknown> | { readonly error: unknown } | undefined {
  try {
    const result = close();
    return isPromise(result) ? Promise.resolve(result) : undefined;
  } catch (error) {
    return { error };
  }
}
