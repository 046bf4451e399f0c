/** How far a clock may run away from another one until they are compared again, as milliseconds between comparisons. */
const comparisonInterval = 10_000;
/** An answer that was longer on its way tells the time less well than what is known already. */
const longestUsefulTrip = 100;

/** What TIME answers: whole seconds since the epoch, and the microseconds of the next one. */
export type TimeReply = readonly (number | string)[];

/**
 * The server's clock as this process knows it. All who share a server judge entries by it, so that it does not matter
 * what their own clocks say, nor whether those are set meanwhile: between two comparisons time is measured by the
 * process's steady clock.
 */
export class ServerTime {
  /** The server's clock minus the steady clock of this process, in milliseconds. */
  #ahead: number | undefined;
  #comparedAt = { steady: -Infinity, wall: -Infinity };

  /** The present moment, epoch milliseconds; by the clock of this process until the server has answered once. */
  now(): number {
    return this.#ahead === undefined ? Date.now() : performance.now() + this.#ahead;
  }

  /**
   * Compares the clocks if that was long ago. Nobody waits for it: `ask` is sent before the command it accompanies, so
   * that its answer is there first. A failure is that command's to tell.
   */
  compare(ask: () => Promise<TimeReply>): void {
    const sent = { steady: performance.now(), wall: Date.now() };
    if (!this.#isLongBefore(sent)) return;
    this.#comparedAt = sent;
    ask().then(
      (reply) => this.#learn(reply, sent.steady),
      () => (this.#comparedAt = { steady: -Infinity, wall: -Infinity }),
    );
  }

  /** The steady clock stands still while a machine sleeps, the other one may be set: both have to agree. */
  #isLongBefore({ steady, wall }: { steady: number; wall: number }): boolean {
    const { steady: lastSteady, wall: lastWall } = this.#comparedAt;
    return steady - lastSteady >= comparisonInterval || Math.abs(wall - lastWall) >= comparisonInterval;
  }

  #learn([seconds, microseconds]: TimeReply, sent: number): void {
    const received = performance.now();
    const serverTime = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    if (!Number.isFinite(serverTime)) return;
    if (this.#ahead !== undefined && received - sent > longestUsefulTrip) return;
    this.#ahead = serverTime - (sent + received) / 2;
  }
}
