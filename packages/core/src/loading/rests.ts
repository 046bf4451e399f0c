import { type Clock, steadyNow } from '../time/clock.js';

/** A key that is left alone after its loads have failed. */
interface Rest {
  readonly failures: number;
  /** By `steadyNow`. */
  readonly until: number;
}

/** The rests that this process knows of, so that the storage need not be asked again while they last. */
export class Rests {
  readonly #rests = new Map<string, Rest>();

  note(key: string, failures: number, milliseconds: number, clock: Clock): void {
    const rest = { failures, until: steadyNow(clock) + milliseconds };
    this.#rests.set(key, rest);
    const forget = (): void => {
      if (this.#rests.get(key) === rest) this.#rests.delete(key);
    };
    clock.setTimer(forget, milliseconds, { background: true });
  }

  /** The rest of `key`, if it has one. */
  of(key: string): Rest | undefined {
    return this.#rests.size === 0 ? undefined : this.#rests.get(key);
  }

  end(key: string): void {
    if (this.#rests.size > 0) this.#rests.delete(key);
  }

  endScope(scope: string): void {
    for (const key of this.#rests.keys()) {
      if (key.startsWith(scope)) this.#rests.delete(key);
    }
  }
}
