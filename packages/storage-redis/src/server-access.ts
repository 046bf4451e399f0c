import { StorageDownError, StorageFailedError, StorageTimeoutError, withinDeadline, type Clock } from '@memo/core';
import { Breaker, failuresUntilDown } from './breaker.js';
import { isReply } from './redis-client.js';

/** What is asked, for messages. */
export interface Question {
  /** The method of the storage, such as `get`. */
  readonly operation: string;
  /** The key it is about, unless it is about many. */
  readonly key?: string;
}

/**
 * The way to the servers. Whatever their client is set to, an answer comes within the deadline or is given up, and a
 * server that is down is not asked in vain (see `Breaker`).
 */
export class ServerAccess {
  readonly #deadline: number;
  readonly #clock: Clock;
  readonly #breakers = new Map<string, Breaker>();

  /** @param deadline - milliseconds. */
  constructor(deadline: number, clock: Clock) {
    this.#deadline = deadline;
    this.#clock = clock;
  }

  /**
   * What a server answers.
   *
   * @param server - its name; each server has a breaker of its own, so that one of a cluster may fail alone.
   * @param send - sends the commands.
   * @throws StorageFailedError when the client or the server refuses, when it takes too long, or when the server is down.
   */
  async ask<R>(server: string, question: Question, send: () => Promise<R>): Promise<R> {
    const breaker = this.#breakerOf(server);
    if (!breaker.admits()) throw failure(question, new StorageDownError(failuresUntilDown, breaker.downSince ?? 0));
    // A client that throws at once has refused just as one that rejects.
    const answer = new Promise<R>((settle) => settle(send()));
    const deadline = { milliseconds: this.#deadline, operation: question.operation, clock: this.#clock };
    try {
      const result = await withinDeadline(deadline, () => answer);
      breaker.succeeded();
      return result;
    } catch (error) {
      if (StorageTimeoutError.isInstance(error)) reportLateEnd(answer, breaker);
      else if (isReply(error)) breaker.succeeded();
      else breaker.failed();
      throw failure(question, error);
    }
  }

  #breakerOf(server: string): Breaker {
    const known = this.#breakers.get(server);
    if (known !== undefined) return known;
    const breaker = new Breaker(this.#clock);
    this.#breakers.set(server, breaker);
    return breaker;
  }
}

function reportLateEnd(answer: Promise<unknown>, breaker: Breaker): void {
  breaker.gaveUp();
  answer.then(
    () => breaker.endedLate('answered'),
    (error: unknown) => breaker.endedLate(isReply(error) ? 'answered' : 'failed'),
  );
}

function failure({ operation, key }: Question, cause: unknown): StorageFailedError {
  return new StorageFailedError(operation, key, cause);
}
