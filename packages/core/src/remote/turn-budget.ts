import { inNextTurn } from '../time/next-turn.js';

/** What one turn of the event loop may be spent on, in bytes that are decoded: about a millisecond. */
const bytesOfOneTurn = 128 * 1_024;
/** From so many bytes on the next turn is looked out for. Those who ask for little now and then do without. */
const bytesWorthAWatch = 16 * 1_024;

/** Work that waits for a turn. It does not throw. */
interface Waiting {
  readonly bytes: number;
  readonly work: () => void;
}

/**
 * Shares work on bytes out among turns of the event loop, so that other events come between however much has arrived at
 * once: what is begun in one turn has at most 128 KiB, and the last of it whatever it has.
 */
export class TurnBudget {
  #spent = 0;
  #isWatching = false;
  #waiting: Waiting[] = [];

  /** Whether work on so many bytes may be done now; if so, they count as spent. */
  admits(bytes: number): boolean {
    if (this.#spent >= bytesOfOneTurn) return false;
    this.#spend(bytes);
    return true;
  }

  /** Does work that is not admitted, in the first turn that has room for it. All is done in the order in which it came. */
  later(bytes: number, work: () => void): void {
    this.#waiting.push({ bytes, work });
  }

  #spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent < bytesWorthAWatch || this.#isWatching) return;
    this.#isWatching = inNextTurn(() => this.#renew());
    // Where nobody can tell when the next turn is, there is room at any time.
    if (!this.#isWatching) this.#spent = 0;
  }

  #renew(): void {
    this.#spent = 0;
    this.#isWatching = false;
    let count = 0;
    while (count < this.#waiting.length && this.admits(this.#waiting[count]!.bytes)) count++;
    for (const { work } of this.#waiting.splice(0, count)) work();
  }
}
