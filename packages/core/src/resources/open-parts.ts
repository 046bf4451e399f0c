import type { Departure, EntryResource } from '../entry/entry-resource.js';
import type { Clock } from '../time/clock.js';
import { closeBy, type Closing } from './closing.js';
import { disposalBegan, disposalEnded } from './disposals.js';
import type { Usage } from './usage.js';

/** One thing that a value keeps open. */
export interface OpenPart {
  /** Who uses it; its user is counted already. */
  readonly usage: Usage;
  readonly close: (why: Departure) => unknown;
}

/** How and when parts are closed. */
export interface ClosingSettings {
  /** Milliseconds between the leaving and the closing. */
  readonly closeDelay: number;
  readonly clock: Clock;
  /** Told what went wrong when something was closed. It does not throw. */
  readonly report: (error: unknown) => void;
}

/**
 * What one value keeps open, in the order in which it was opened. It is closed the other way round, once it has left, its
 * grace is over and nobody holds it: each part that no other value in a cache uses.
 */
export class OpenParts implements EntryResource {
  readonly #parts: readonly OpenPart[];
  readonly #settings: ClosingSettings;
  #why: Departure | undefined;
  #isGraceOver = false;
  #holders = 0;
  /** Whether it is among the users of its parts. */
  #isUsing = true;

  constructor(parts: readonly OpenPart[], settings: ClosingSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  left(why: Departure): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    disposalBegan();
    const endGrace = (): void => {
      this.#isGraceOver = true;
      this.#closeUnlessHeld();
    };
    const { closeDelay, clock } = this.#settings;
    // In a turn of its own in any case: a storage that takes an entry away must not meet the code of users, and whoever has
    // just been answered can begin, or hold it. That alone keeps the process alive; longer delays do not.
    clock.setTimer(endGrace, closeDelay, { background: closeDelay > 0 });
  }

  hold(): (() => void) | undefined {
    if (!this.#isUsing && !this.#useAgain()) return undefined;
    this.#holders++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders--;
      this.#closeUnlessHeld();
    };
  }

  /** Closes at once what was never kept and is held by nobody; resolves when that is done, or takes too long. */
  async discard(): Promise<void> {
    this.#why = 'declined';
    disposalBegan();
    await this.#close(this.#why);
  }

  /** What it does not use any more others may: then it is still open. */
  #useAgain(): boolean {
    if (this.#parts.some(({ usage }) => usage.users === 0)) return false;
    for (const { usage } of this.#parts) usage.users++;
    this.#isUsing = true;
    disposalBegan();
    return true;
  }

  #closeUnlessHeld(): void {
    if (this.#why === undefined || !this.#isGraceOver || this.#holders > 0) return;
    void this.#close(this.#why);
  }

  async #close(why: Departure): Promise<void> {
    this.#isUsing = false;
    const closings: Closing[] = [];
    for (const part of [...this.#parts].reverse()) {
      const closing = this.#closeUnlessUsed(part, why);
      if (closing === undefined) continue;
      closings.push(closing);
      await closing.awaited;
    }
    void Promise.all(closings.map(({ ended }) => ended)).then(disposalEnded);
  }

  #closeUnlessUsed({ usage, close }: OpenPart, why: Departure): Closing | undefined {
    usage.users--;
    if (usage.users > 0) return undefined;
    const { clock, report } = this.#settings;
    const closing = closeBy(() => close(why), clock, report);
    usage.closing = closing.awaited;
    return closing;
  }
}
