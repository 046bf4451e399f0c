import { inNextTurn } from '../time/next-turn.js';

/** What one turn of the event loop may be spent on, in bytes that are decoded: about a millisecond. */
const bytesOfOneTurn = 128 * 1_024;

/** Someone who waits for a turn. */
interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Shares work on bytes out among turns of the event loop, so that other events come between however much has arrived at
 * once: what is begun in one turn has at most 128 KiB, and the last of it whatever it has. In which turn it began to be
 * spent does not matter, so that who asks for little now and then never waits, and no turn has to be watched.
 */
export class TurnBudget {
  #spent = 0;
  #waiting: Waiting[] = [];

  /** A promise of the turn for work on so many bytes; `undefined`: it is now. Those who wait go in the order in which they came. */
  turnFor(bytes: number): Promise<void> | undefined {
    if (this.#spent >= bytesOfOneTurn) return new Promise((go) => this.#waiting.push({ bytes, go }));
    this.#spend(bytes);
    return undefined;
  }

  #spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent >= bytesOfOneTurn && !inNextTurn(() => this.#renew())) this.#spent = 0;
  }

  #renew(): void {
    this.#spent = 0;
    let count = 0;
    while (count < this.#waiting.length && this.#spent < bytesOfOneTurn) this.#spend(this.#waiting[count++]!.bytes);
    for (const { go } of this.#waiting.splice(0, count)) go();
  }
}
