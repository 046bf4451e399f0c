import { offsetAfter, offsetTold, widened, type ClockOffset, type MomentRange } from './clock-offset.js';

/** How long two clocks may run apart until they are compared again, in milliseconds; and how soon after a poor answer. */
const comparisonInterval = 10_000;
const shortInterval = 1_000;
/** An answer that was longer on its way, in milliseconds, is not good enough to rest upon. */
const longestGoodTrip = 100;
/**
 * By which part of its ticks the comparisons with a coarse clock wander. Always at the same place between two ticks, all
 * answers would tell the same; steps of the golden ratio come close to every place soon.
 */
const wandering = (Math.sqrt(5) - 1) / 2;

/**
 * The server's clock as this process knows it. All who share a server judge entries by it, so that it does not matter
 * what their own clocks say, nor whether those are set meanwhile: between two comparisons time is measured by the
 * process's steady clock.
 *
 * One answer tells it to within the time it was on its way; of a clock that tells whole seconds, to within a second, and
 * several answers together to about a tenth of one.
 */
export class ServerTime {
  #offset: ClockOffset | undefined;
  #comparedAt = { steady: -Infinity, wall: -Infinity };
  #interval = comparisonInterval;

  /** Whether the server has told its time. */
  get known(): boolean {
    return this.#offset !== undefined;
  }

  /** The present moment, epoch milliseconds; by the clock of this process until the server has answered once. */
  now(): number {
    if (this.#offset === undefined) return Date.now();
    return performance.now() + (this.#offset.atLeast + this.#offset.atMost) / 2;
  }

  /** The latest moment that has certainly come by the server's clock; `-Infinity` until the server has answered once. */
  earliest(): number {
    if (this.#offset === undefined) return -Infinity;
    const now = performance.now();
    return now + widened(this.#offset, now).atLeast;
  }

  /**
   * Compares the clocks if that was long ago: the first time, then about every ten seconds, or every second until an
   * answer was good. Nobody waits for it: call it before the command it accompanies, so that its answer is there first.
   * A failure is that command's to tell; an answer that is no range of moments is as good as none.
   *
   * @param ask - asks the server for its time.
   */
  compare(ask: () => Promise<MomentRange>): void {
    const sent = { steady: performance.now(), wall: Date.now() };
    if (!this.#isLongBefore(sent)) return;
    this.#comparedAt = sent;
    // Until an answer was good, the next comparison is not to wait long.
    this.#interval = shortInterval;
    // A client that throws at once has failed just as one that rejects.
    new Promise<MomentRange>((settle) => settle(ask()))
      .then((range) => this.#learn(range, sent.steady))
      .catch(() => undefined);
  }

  /** The steady clock stands still while a machine sleeps, the other one may be set: both have to agree. */
  #isLongBefore({ steady, wall }: { steady: number; wall: number }): boolean {
    const { steady: lastSteady, wall: lastWall } = this.#comparedAt;
    return steady - lastSteady >= this.#interval || Math.abs(wall - lastWall) >= this.#interval;
  }

  #learn(range: MomentRange, sent: number): void {
    const received = performance.now();
    const told = offsetTold(range, sent, received);
    if (told === undefined) return;
    this.#offset = offsetAfter(this.#offset, told);
    const interval = received - sent <= longestGoodTrip ? comparisonInterval : shortInterval;
    this.#interval = interval + Math.min(range.latest - range.earliest, comparisonInterval) * wandering;
  }
}
