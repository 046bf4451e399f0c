import { aClock, checkedWhenUsed, checkOptions } from '../check-options.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { UpdateLockTimeoutError, UpdateProtocolError } from '../errors.js';
import type { CancelTimer, Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';
import type { Update, UpdateOutcome, UpdateStatuses } from './update-statuses.js';

/** How long an update may hold its key, and by which clock. */
export interface InMemoryUpdateStatusesOptions {
  /**
   * After this long the key is free again, and those who waited get an `UpdateLockTimeoutError` (M62).
   * @defaultValue 5 minutes
   */
  readonly lockTimeout?: Duration;
  readonly clock?: Clock;
}

/** The table of loads in flight in this process. */
export class InMemoryUpdateStatuses implements UpdateStatuses {
  readonly #running = new Map<string, RunningUpdate>();
  readonly #lockTimeout: number;
  readonly #clock: Clock;

  /** @throws InvalidOptionError */
  constructor(options: InMemoryUpdateStatusesOptions = {}) {
    const call = 'InMemoryUpdateStatuses';
    checkOptions(call, options, { lockTimeout: checkedWhenUsed, clock: aClock });
    const { lockTimeout = '5 minutes', clock = systemClock } = options;
    this.#lockTimeout = toMilliseconds(lockTimeout, { call, option: 'lockTimeout' });
    this.#clock = clock;
  }

  isBeingUpdated(key: string): boolean {
    return this.#running.has(key);
  }

  markBeingUpdated(key: string): Update {
    if (this.#running.has(key)) throw new UpdateProtocolError(key, 'already being updated');
    const update = new RunningUpdate(key);
    this.#running.set(key, update);
    update.stopLockTimer = this.#clock.setTimer(() => this.#timeOut(update), this.#lockTimeout, { background: true });
    return update;
  }

  markUpdated(update: Update, entry: CacheEntry): void {
    this.#end(update, entry);
  }

  markUpdateAborted(update: Update, error: Error): void {
    this.#end(update, error);
  }

  awaitUpdated(key: string): Promise<UpdateOutcome> {
    const update = this.#running.get(key);
    if (update === undefined) throw new UpdateProtocolError(key, 'not being updated');
    return update.outcome();
  }

  detach(key: string): boolean {
    const update = this.#running.get(key);
    if (update === undefined) return false;
    this.#forget(update);
    return true;
  }

  keys(): Iterable<string> {
    return this.#running.keys();
  }

  #end(update: Update, outcome: UpdateOutcome): void {
    if (!(update instanceof RunningUpdate) || update.state === 'ended') {
      throw new UpdateProtocolError(update.key, 'not being updated');
    }
    const timedOut = update.state === 'timed out';
    if (update.isAttached()) this.#forget(update);
    update.state = 'ended';
    // After a lock timeout nobody waits any more; the leader is merely late, which is no breach of the protocol (M63).
    if (!timedOut) update.settle(outcome);
  }

  #timeOut(update: RunningUpdate): void {
    if (update.isAttached()) this.#forget(update);
    update.state = 'timed out';
    update.settle(new UpdateLockTimeoutError(update.key, this.#lockTimeout));
  }

  #forget(update: RunningUpdate): void {
    this.#running.delete(update.key);
    update.state = 'detached';
    // A detached update still has waiters, who rely on the timer; it is stopped when the last word is said.
  }
}

/** An update and those who wait for it. The promise is made for the first who waits: most loads have none. */
class RunningUpdate implements Update {
  state: 'attached' | 'detached' | 'timed out' | 'ended' = 'attached';
  stopLockTimer: CancelTimer = doNothing;
  #promise: Promise<UpdateOutcome> | undefined;
  #resolve: (outcome: UpdateOutcome) => void = doNothing;

  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  isAttached(): boolean {
    return this.state === 'attached';
  }

  outcome(): Promise<UpdateOutcome> {
    this.#promise ??= new Promise((resolve) => (this.#resolve = resolve));
    return this.#promise;
  }

  settle(outcome: UpdateOutcome): void {
    this.stopLockTimer();
    this.#resolve(outcome);
  }
}

function doNothing(): void {
  // Stands in until there is something to stop or someone to tell.
}
