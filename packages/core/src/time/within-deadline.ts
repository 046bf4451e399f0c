import { StorageTimeoutError } from '../errors.js';
import type { Clock } from './clock.js';

/** How long an operation of a storage may take. */
export interface Deadline {
  /** Milliseconds; `Infinity` for no limit. */
  readonly milliseconds: number;
  /** The method of the storage, such as `get`, for the message. */
  readonly operation: string;
  readonly clock: Clock;
}

/**
 * What `attempt` settles to, unless that takes too long. For those who write storages: the attempt goes on, but nobody
 * waits for it any more.
 *
 * @returns rejects with a `StorageTimeoutError` after the deadline; also where `attempt` throws instead of rejecting.
 */
export async function withinDeadline<R>(
  { milliseconds, operation, clock }: Deadline,
  attempt: () => PromiseLike<R>,
): Promise<R> {
  if (milliseconds === Infinity) return attempt();
  return new Promise<R>((resolve, reject) => {
    const giveUp = (): void => reject(new StorageTimeoutError(operation, milliseconds));
    // A process that was busy has not read yet what arrived meanwhile: one more turn of the event loop, and it has.
    let stopTimer = clock.setTimer(() => (stopTimer = clock.setTimer(giveUp, 0)), milliseconds);
    // In an executor, what is thrown rejects as well.
    const answer = new Promise<R>((settle) => settle(attempt()));
    void answer.then(resolve, reject).finally(() => stopTimer());
  });
}
