import { StorageTimeoutError } from '../errors.js';
import type { Clock } from './clock.js';

/** How long an operation of a storage may take. */
export interface Deadline {
  /** Milliseconds; `Infinity` for no limit. */
  readonly milliseconds: number;
  /** The method of the storage, such as `get`, for the message. */
  readonly operation: string;
  readonly clock: Clock;
  /** Whether nobody waits for it, so that it must not keep the process alive. @defaultValue `false` */
  readonly background?: boolean;
}

/**
 * What `attempt` settles to, unless that takes too long. For those who write storages: the attempt goes on, but nobody
 * waits for it any more.
 *
 * @returns rejects with a `StorageTimeoutError` after the deadline; also where `attempt` throws instead of rejecting.
 */
export function withinDeadline<R>(
  { milliseconds, operation, clock, background = false }: Deadline,
  attempt: () => PromiseLike<R>,
): Promise<R> {
  // One promise, and not an `async` function: every read of a shared storage comes along here.
  return new Promise<R>((resolve, reject) => {
    if (milliseconds === Infinity) return resolve(attempt());
    const giveUp = (): void => reject(new StorageTimeoutError(operation, milliseconds));
    // A process that was busy has not read yet what arrived meanwhile: one more turn of the event loop, and it has.
    const oneMoreTurn = (): void => void (stopTimer = clock.setTimer(giveUp, 0, { background }));
    let stopTimer = clock.setTimer(oneMoreTurn, milliseconds, { background });
    const settle =
      <T>(outcome: (value: T) => void) =>
      (value: T): void => {
        stopTimer();
        outcome(value);
      };
    try {
      // Those who write storages may answer without a promise, or with one of another kind.
      Promise.resolve(attempt()).then(settle(resolve), settle(reject));
    } catch (error) {
      settle(reject)(error);
    }
  });
}
