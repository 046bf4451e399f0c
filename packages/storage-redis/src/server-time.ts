/** How long two clocks may run apart until they are compared again, in milliseconds; and how soon after a poor answer. */
const comparisonInterval = 10_000;
const shortInterval = 1_000;
/** An answer that was longer on its way, in milliseconds, is not good enough to rest upon. */
const longestGoodTrip = 100;
/** How much less is known with every millisecond: clocks run apart, at the worst by so much. */
const drift = 0.001;

/** What TIME answers: whole seconds since the epoch, and the microseconds of the next one. */
export type TimeReply = readonly (number | string)[];

/** What is known of the server's clock. */
interface Knowledge {
  /** The server's clock minus the steady clock of this process, in milliseconds. */
  readonly ahead: number;
  /** How far that may be wrong, in milliseconds: half of the way that the answer took. */
  readonly error: number;
  /** When it was learned, by the steady clock. */
  readonly since: number;
}

/**
 * The server's clock as this process knows it. All who share a server judge entries by it, so that it does not matter
 * what their own clocks say, nor whether those are set meanwhile: between two comparisons time is measured by the
 * process's steady clock.
 */
export class ServerTime {
  #known: Knowledge | undefined;
  #comparedAt = { steady: -Infinity, wall: -Infinity };
  #interval = comparisonInterval;

  /** The present moment, epoch milliseconds; by the clock of this process until the server has answered once. */
  now(): number {
    return this.#known === undefined ? Date.now() : performance.now() + this.#known.ahead;
  }

  /**
   * Compares the clocks if that was long ago. Nobody waits for it: `ask` is sent before the command it accompanies, so
   * that its answer is there first. A failure is that command's to tell.
   */
  compare(ask: () => Promise<TimeReply>): void {
    const sent = { steady: performance.now(), wall: Date.now() };
    if (!this.#isLongBefore(sent)) return;
    this.#comparedAt = sent;
    // Until an answer was good, the next comparison is not to wait long.
    this.#interval = shortInterval;
    ask().then(
      (reply) => this.#learn(reply, sent.steady),
      () => undefined,
    );
  }

  /** The steady clock stands still while a machine sleeps, the other one may be set: both have to agree. */
  #isLongBefore({ steady, wall }: { steady: number; wall: number }): boolean {
    const { steady: lastSteady, wall: lastWall } = this.#comparedAt;
    return steady - lastSteady >= this.#interval || Math.abs(wall - lastWall) >= this.#interval;
  }

  #learn([seconds, microseconds]: TimeReply, sent: number): void {
    const received = performance.now();
    const serverTime = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    if (!Number.isFinite(serverTime)) return;
    const learned = { ahead: serverTime - (sent + received) / 2, error: (received - sent) / 2, since: received };
    if (received - sent <= longestGoodTrip) this.#interval = comparisonInterval;
    if (this.#isBetter(learned)) this.#known = learned;
  }

  /** Better is what is more certain, and what shows that a clock was set since. */
  #isBetter({ ahead, error, since }: Knowledge): boolean {
    const known = this.#known;
    if (known === undefined) return true;
    const knownError = known.error + (since - known.since) * drift;
    return error <= knownError || Math.abs(ahead - known.ahead) > error + knownError;
  }
}
