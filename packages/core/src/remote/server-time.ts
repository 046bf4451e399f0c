/** How long two clocks may run apart until they are compared again, in milliseconds; and how soon after a poor answer. */
const comparisonInterval = 10_000;
const shortInterval = 1_000;
/** An answer that was longer on its way, in milliseconds, is not good enough to rest upon. */
const longestGoodTrip = 100;
/** How much less is known with every millisecond: clocks run apart, at the worst by so much. */
const drift = 0.001;

/**
 * What a server says of its clock: between which two moments it stood at some time while it was asked. Both are epoch
 * milliseconds. A clock that tells fractions gives the same moment twice, one of whole seconds `[t, t + 1000]`.
 */
export interface MomentRange {
  readonly earliest: number;
  readonly latest: number;
}

/** What is known of the server's clock: how far it is ahead of this process's steady clock, in milliseconds. */
interface Offset {
  readonly atLeast: number;
  readonly atMost: number;
  /** When it was known so exactly, by the steady clock. */
  readonly since: number;
}

/**
 * The server's clock as this process knows it. All who share a server judge entries by it, so that it does not matter
 * what their own clocks say, nor whether those are set meanwhile: between two comparisons time is measured by the
 * process's steady clock.
 *
 * An answer bounds how far the clocks are apart: it was given between the sending of the question and its receipt (F.
 * Cristian, Probabilistic clock synchronization, 1989). What several answers agree upon is their intersection (K. Marzullo,
 * Maintaining the time in a distributed system, 1984), so that answers in whole seconds become exact together.
 */
export class ServerTime {
  #offset: Offset | undefined;
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

  /**
   * Compares the clocks if that was long ago. Nobody waits for it: `ask` is sent before the command it accompanies, so
   * that its answer is there first. A failure is that command's to tell.
   */
  compare(ask: () => Promise<MomentRange>): void {
    const sent = { steady: performance.now(), wall: Date.now() };
    if (!this.#isLongBefore(sent)) return;
    this.#comparedAt = sent;
    // Until an answer was good, the next comparison is not to wait long.
    this.#interval = shortInterval;
    // A client that throws at once has failed just as one that rejects; so has an answer that is no range.
    new Promise<MomentRange>((settle) => settle(ask()))
      .then((range) => this.#learn(range, sent.steady))
      .catch(() => undefined);
  }

  /** The steady clock stands still while a machine sleeps, the other one may be set: both have to agree. */
  #isLongBefore({ steady, wall }: { steady: number; wall: number }): boolean {
    const { steady: lastSteady, wall: lastWall } = this.#comparedAt;
    return steady - lastSteady >= this.#interval || Math.abs(wall - lastWall) >= this.#interval;
  }

  #learn({ earliest, latest }: MomentRange, sent: number): void {
    const received = performance.now();
    if (!Number.isFinite(earliest) || !Number.isFinite(latest) || earliest > latest) return;
    if (received - sent <= longestGoodTrip) this.#interval = comparisonInterval;
    const told = { atLeast: earliest - received, atMost: latest - sent, since: received };
    // What contradicts all that was known shows that a clock was set.
    this.#offset = (this.#offset && intersection(widened(this.#offset, received), told)) ?? told;
  }
}

/** What is left of an offset at `now`: the clocks may have run apart since. */
function widened({ atLeast, atMost, since }: Offset, now: number): Offset {
  const apart = (now - since) * drift;
  return { atLeast: atLeast - apart, atMost: atMost + apart, since: now };
}

/** What both say; `undefined` where they contradict each other. */
function intersection(known: Offset, told: Offset): Offset | undefined {
  const atLeast = Math.max(known.atLeast, told.atLeast);
  const atMost = Math.min(known.atMost, told.atMost);
  return atLeast <= atMost ? { atLeast, atMost, since: told.since } : undefined;
}
