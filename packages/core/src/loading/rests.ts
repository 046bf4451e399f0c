import type { Clock } from '../time/clock.js';

/** A key that is left alone after its loads have failed. */
export interface Rest {
  readonly failures: number;
  /** Epoch milliseconds, by the clock of this process. */
  readonly until: number;
}

/** The rests that this process knows of, so that the storage need not be asked again while they last. */
export class Rests {
  readonly #rests = new Map<string, Rest>();

  note(key: string, failures: number, milliseconds: number, clock: Clock): void {
    const rest = { failures, until: clock.now() + milliseconds };
    this.#rests.set(key, rest);
    const forget = (): void => {
      if (this.#rests.get(key) === rest) this.#rests.delete(key);
    };
    clock.setTimer(forget, milliseconds, { background: true });
  }

  /** The rest of `key` that lasts at the moment `now`. */
  of(key: string, now: number): Rest | undefined {
    const rest = this.#rests.get(key);
    return rest !== undefined && now < rest.until ? rest : undefined;
  }

  end(key: string): void {
    this.#rests.delete(key);
  }

  endScope(scope: string): void {
    for (const key of this.#rests.keys()) {
      if (key.startsWith(scope)) this.#rests.delete(key);
    }
  }
}
