import { withinDeadline } from '../time/within-deadline.js';
import type { Clock } from '../time/clock.js';

/**
 * For how many milliseconds a store may leave a question unanswered that nobody waits for any more, until it counts as
 * lost: up to then it may still be carried out, and what comes after it would be undone.
 */
const patience = 30_000;

/** Lets what is done to one key be done one after the other, in the order in which it was asked for. */
export class KeyTurns {
  readonly #clock: Clock;
  /** By key: whose turn it is, and who waits. */
  readonly #queues = new Map<string, Turn[]>();
  readonly #watches = new Set<Set<string>>();

  /** @param clock - measures for how long an answer that nobody waits for is waited for here. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many keys have a turn. */
  get size(): number {
    return this.#queues.size;
  }

  /** Queues up for `key`. The turn is to be ended, also one that has not begun. */
  take(key: string): Turn {
    for (const watched of this.#watches) watched.add(key);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    const turn: Turn = new Turn(this.#clock, () => this.#leave(key, queue, turn));
    queue.push(turn);
    queue[0]!.begin();
    return turn;
  }

  /** The keys that have a turn now, or get one while `watching` goes on. */
  async touchedWhile(watching: () => Promise<void>): Promise<ReadonlySet<string>> {
    const touched = new Set(this.#queues.keys());
    this.#watches.add(touched);
    try {
      await watching();
    } finally {
      this.#watches.delete(touched);
    }
    return touched;
  }

  #leave(key: string, queue: Turn[], turn: Turn): void {
    queue.splice(queue.indexOf(turn), 1);
    if (queue.length === 0) this.#queues.delete(key);
    else queue[0]!.begin();
  }
}

/** The time in which one operation alone does something to a key. */
export class Turn {
  /** Resolves when it begins. */
  readonly begun: Promise<void>;
  hasBegun = false;
  readonly #clock: Clock;
  readonly #leave: () => void;
  readonly #resolve: () => void;
  #unanswered: Promise<unknown> | undefined;

  /** @param leave - lets the next one begin. */
  constructor(clock: Clock, leave: () => void) {
    this.#clock = clock;
    this.#leave = leave;
    let resolve!: () => void;
    this.begun = new Promise((settle) => (resolve = settle));
    this.#resolve = resolve;
  }

  begin(): void {
    this.hasBegun = true;
    this.#resolve();
  }

  /** Lets the turn last until `answer` is there, even if it is ended before. */
  holdUntil<R>(answer: Promise<R>): Promise<R> {
    this.#unanswered = answer;
    const answered = (): void => {
      if (this.#unanswered === answer) this.#unanswered = undefined;
    };
    answer.then(answered, answered);
    return answer;
  }

  end(): void {
    const last = this.#unanswered;
    if (last === undefined) return this.#leave();
    const deadline = { milliseconds: patience, operation: 'turn', clock: this.#clock, background: true };
    withinDeadline(deadline, () => last).then(this.#leave, this.#leave);
  }
}
