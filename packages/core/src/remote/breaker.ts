import type { CancelTimer, Clock } from '../time/clock.js';

/** So many failures in a row, and a server counts as down. */
export const failuresUntilDown = 5;
const probeInterval = 1_000;
/** How long a probe may stay unanswered in the client before another one is sent after it. */
const probePatience = 30_000;

/**
 * Decides whether a server is worth asking (a circuit breaker).
 *
 * After five failures in a row it counts as down: only one operation a second is let through to see whether it is back,
 * and the first success lets all through again. An operation that was given up still waits in the client, and what is
 * sent after it is answered after it: as long as it is there, no other has to follow, so that nothing piles up. Its
 * answer, however late, calls for the next probe at once, though not more often than once a second.
 */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #downSince: number | undefined;
  #probeIsDue = false;
  /** Milliseconds from when it was last settled. */
  #probeIsIn = 0;
  /** Whether a late answer has called for a probe within the last second. */
  #hurried = false;
  #cancelTimer: CancelTimer = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Since when the server counts as down, epoch milliseconds; `undefined` while it does not. */
  get downSince(): number | undefined {
    return this.#downSince;
  }

  /** Whether an operation may be tried now. While the server is down, whoever is told so is the probe. */
  admits(): boolean {
    if (this.#downSince === undefined) return true;
    if (!this.#probeIsDue) return false;
    this.#probeIn(probePatience);
    return true;
  }

  /** The server answered in time. */
  succeeded(): void {
    this.#failures = 0;
    if (this.#downSince === undefined) return;
    this.#downSince = undefined;
    this.#cancelTimer();
  }

  /** The client said that it cannot reach the server. */
  failed(): void {
    this.#countFailure();
    if (this.#downSince !== undefined) this.#probeIn(probeInterval);
  }

  /** Nobody waits for the answer any more; it is still to come. */
  gaveUp(): void {
    const wasUp = this.#downSince === undefined;
    this.#countFailure();
    if (wasUp && this.#downSince !== undefined) this.#probeIn(probeInterval);
  }

  /** What was given up came to an end after all: with an answer, or because the client gave up, too. */
  endedLate(outcome: 'answered' | 'failed'): void {
    if (this.#downSince === undefined) return;
    if (outcome === 'answered' && !this.#hurried) this.#probeAtOnce();
    else if (this.#probeIsIn > probeInterval) this.#probeIn(probeInterval);
  }

  /** A server that is merely slow answers everything late, and must not be asked again for every answer. */
  #probeAtOnce(): void {
    this.#hurried = true;
    this.#clock.setTimer(() => (this.#hurried = false), probeInterval, { background: true });
    this.#probeIn(0);
  }

  #countFailure(): void {
    this.#failures++;
    if (this.#failures >= failuresUntilDown) this.#downSince ??= this.#clock.now();
  }

  #probeIn(delay: number): void {
    this.#cancelTimer();
    this.#probeIsIn = delay;
    this.#probeIsDue = delay === 0;
    if (delay === 0) return;
    this.#cancelTimer = this.#clock.setTimer(() => (this.#probeIsDue = true), delay, { background: true });
  }
}
