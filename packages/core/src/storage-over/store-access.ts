import { StorageFailedError } from '../errors.js';
import { ServerAccess } from '../remote/server-access.js';
import { steadyNow, type Clock } from '../time/clock.js';
import { withinDeadline } from '../time/within-deadline.js';
import { KeyTurns } from './key-turns.js';

/** How an operation asks the store for something. @returns rejects with a `StorageFailedError` */
export type Ask = (send: () => unknown) => Promise<unknown>;

/**
 * The way of a storage to its store, which may be anybody's: it may throw, hang, or answer late.
 *
 * What changes a key is done in turn, so that in this process nothing comes between the looking and the writing of one
 * step. A write that was given up keeps its turn until the store has answered: nothing is confirmed that it could undo.
 */
export class StoreAccess {
  readonly turns: KeyTurns;
  readonly #deadline: number;
  readonly #clock: Clock;
  readonly #access: ServerAccess;

  /** @param settings - the deadline of one operation in milliseconds, and what measures it. */
  constructor({ deadline, clock }: { readonly deadline: number; readonly clock: Clock }) {
    this.#deadline = deadline;
    this.#clock = clock;
    this.turns = new KeyTurns(clock);
    // A store that rejects has answered, and costs no time: only one that does not answer is left alone for a while.
    this.#access = new ServerAccess({ deadline, clock, isAnswer: () => true });
  }

  /** Lets an operation ask the store, as often as it needs: all its questions share one deadline. */
  asking(operation: string, key?: string): Ask {
    const since = steadyNow(this.#clock);
    const question = { operation, since, ...(key !== undefined && { key }) };
    return (send) => this.#access.ask('the store', question, () => asked(send));
  }

  /** Does something to `key` when its turn has come. @returns rejects with a `StorageFailedError` where that takes too long */
  async inTurn<R>(operation: string, key: string, work: (ask: Ask) => Promise<R>): Promise<R> {
    const ask = this.asking(operation, key);
    const turn = this.turns.take(key);
    try {
      if (!turn.hasBegun) await this.#wait(operation, key, turn.begun);
      return await work((send) => ask(() => turn.holdUntil(asked(send))));
    } finally {
      turn.end();
    }
  }

  async #wait(operation: string, key: string, begun: Promise<void>): Promise<void> {
    try {
      await withinDeadline({ milliseconds: this.#deadline, operation, clock: this.#clock }, () => begun);
    } catch (error) {
      throw new StorageFailedError(operation, key, error);
    }
  }
}

/** A store that throws has rejected. */
async function asked(send: () => unknown): Promise<unknown> {
  return send();
}
