import { type Clock, steadyNow } from '../time/clock.js';

/** A key that is left alone after its loads have failed. */
interface Rest {
  readonly failures: number;
  /** By `steadyNow`. */
  readonly until: number;
}

/** That a key is left alone now. */
export interface FailureRest {
  /** How many loads have failed in a row. */
  readonly failures: number;
  /** Milliseconds for which it still is. */
  readonly remaining: number;
}

/** For how many milliseconds a key rests after its first failed load, and at most: as with leases of the usual length. */
const shortest = 3_000 / 32;
const longest = 3_000;

/** The keys that a synchronous function leaves alone for a while, since their loads have failed. Each failure doubles it. */
export class FailureRests {
  readonly #clock: Clock;
  readonly #rests = new Map<string, Rest>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The rest of `key`; `undefined` if it has none. */
  of(key: string): FailureRest | undefined {
    const rest = this.#rests.get(key);
    if (rest === undefined) return undefined;
    const remaining = rest.until - steadyNow(this.#clock);
    return remaining > 0 ? { failures: rest.failures, remaining } : undefined;
  }

  begin(key: string): void {
    const failures = (this.#rests.get(key)?.failures ?? 0) + 1;
    const milliseconds = Math.min(longest, shortest * 2 ** (failures - 1));
    const rest = { failures, until: steadyNow(this.#clock) + milliseconds };
    this.#rests.set(key, rest);
    const forget = (): void => {
      if (this.#rests.get(key) === rest) this.#rests.delete(key);
    };
    // Remembered for as long again, so that failures which go on are counted.
    this.#clock.setTimer(forget, 2 * milliseconds, { background: true });
  }

  end(key: string): void {
    this.#rests.delete(key);
  }

  endAll(): void {
    this.#rests.clear();
  }
}
