import { aClock, aFunction, checkedWhenUsed, checkOptions, type OptionRules } from '../check-options.js';
import { StorageDownError, StorageFailedError, StorageTimeoutError } from '../errors.js';
import { steadyNow, type Clock } from '../time/clock.js';
import { toMilliseconds, type Duration } from '../time/duration.js';
import { withinDeadline } from '../time/within-deadline.js';
import { Breaker, failuresUntilDown } from './breaker.js';

/** What is asked of a server, for messages. */
export interface Question {
  /** The method of the storage, such as `get`. */
  readonly operation: string;
  /** The key it is about, unless it is about many. */
  readonly key?: string;
  /**
   * When the operation began, by `steadyNow`, if it has asked before: all its questions share one deadline.
   * @defaultValue the present moment
   */
  readonly since?: number;
  /** Is handed an answer that came after the question was given up: what it granted may have to be given back. */
  readonly late?: (answer: unknown) => void;
}

/** What a `ServerAccess` is made of. */
export interface ServerAccessOptions {
  /** How long one question may take; `Infinity` for no limit. */
  readonly deadline: Duration;
  /** Measures the deadline and tells when a server is tried again. */
  readonly clock: Clock;
  /** Whether an error is what the server itself answered, so that it is there; any other counts as a failure of it. */
  readonly isAnswer: (error: unknown) => boolean;
}

const call = 'new ServerAccess';

const rules: OptionRules = {
  deadline: checkedWhenUsed,
  clock: aClock,
  isAnswer: aFunction('(error) => boolean'),
};

/**
 * The way of a storage to its servers. Whatever their client is set to, an answer comes within the deadline or is given
 * up, and a server that is down is not asked in vain: after five failures in a row one question a second is sent to see
 * whether it is back, and all others fail at once.
 */
export class ServerAccess {
  readonly #deadline: number;
  readonly #clock: Clock;
  readonly #isAnswer: (error: unknown) => boolean;
  readonly #breakers = new Map<string, Breaker>();

  /** @throws InvalidOptionError naming the option, also one that is unknown. */
  constructor(options: ServerAccessOptions) {
    checkOptions(call, options, rules);
    this.#deadline = toMilliseconds(options.deadline, { call, option: 'deadline' });
    this.#clock = options.clock;
    this.#isAnswer = options.isAnswer;
  }

  /** Whether a server counts as down: of all who ask, one is let through from time to time. */
  isDown(server: string): boolean {
    return this.#breakers.get(server)?.downSince !== undefined;
  }

  /**
   * What a server answers.
   *
   * @param server - its name; each server is judged for itself, so that one of several may fail alone.
   * @param send - sends the commands; not called while the server is down.
   * @throws StorageFailedError when the client or the server refuses, when it takes too long, or when the server is down.
   */
  async ask<R>(server: string, question: Question, send: () => Promise<R>): Promise<R> {
    const milliseconds = this.#timeLeftFor(question);
    if (milliseconds <= 0) throw this.#timeout(question);
    const breaker = this.#breakerOf(server);
    if (!breaker.admits()) throw failure(question, new StorageDownError(failuresUntilDown, breaker.downSince ?? 0));
    // A client that throws at once has refused just as one that rejects.
    const answer = new Promise<R>((settle) => settle(send()));
    try {
      const { operation } = question;
      const result = await withinDeadline({ milliseconds, operation, clock: this.#clock }, () => answer);
      breaker.succeeded();
      return result;
    } catch (error) {
      if (StorageTimeoutError.isInstance(error)) {
        this.#reportLateEnd(answer, breaker);
        if (question.late !== undefined) answer.then(question.late).catch(() => undefined);
        throw this.#timeout(question);
      }
      if (this.#answered(error)) breaker.succeeded();
      else breaker.failed();
      throw failure(question, error);
    }
  }

  /** In milliseconds. */
  #timeLeftFor({ since }: Question): number {
    return since === undefined ? this.#deadline : this.#deadline - Math.max(0, steadyNow(this.#clock) - since);
  }

  #timeout(question: Question): StorageFailedError {
    return failure(question, new StorageTimeoutError(question.operation, this.#deadline));
  }

  #breakerOf(server: string): Breaker {
    const known = this.#breakers.get(server);
    if (known !== undefined) return known;
    const breaker = new Breaker(this.#clock);
    this.#breakers.set(server, breaker);
    return breaker;
  }

  /** Clients reject with anything, and a test that stumbles over it has not recognised an answer. */
  #answered(error: unknown): boolean {
    try {
      return this.#isAnswer(error);
    } catch {
      return false;
    }
  }

  #reportLateEnd(answer: Promise<unknown>, breaker: Breaker): void {
    breaker.gaveUp();
    answer.then(
      () => breaker.endedLate('answered'),
      (error: unknown) => breaker.endedLate(this.#answered(error) ? 'answered' : 'failed'),
    );
  }
}

function failure({ operation, key }: Question, cause: unknown): StorageFailedError {
  return new StorageFailedError(operation, key, cause);
}
