import type { Awaitable, CacheEntry } from '@memo/core';
import type { RedisKey } from './redis-client.js';
import { longestQuestion, type Found, type RedisReads } from './redis-reads.js';

/** After so many rounds of microtasks in which nobody has asked, all who ask in this turn have done so as a rule. */
const quietRounds = 10;
/** Who goes on asking for longer does not hold up those who have asked. */
const mostRounds = 100;

/** To wait for it is to let all go on that need not wait. */
const nothing = Promise.resolve();

/** What gathering reads needs of a storage. */
export interface GatheringTraits {
  readonly reads: RedisReads;
  readonly nameOf: (key: string) => RedisKey;
  readonly isDown: (address: string) => boolean;
  /** Asks a server within the deadline of a storage. */
  readonly ask: <R>(address: string, send: () => Promise<R>) => Promise<R>;
  /** The turn of the event loop in which so many bytes may be decoded; `undefined`: this one. */
  readonly turnFor: (bytes: number) => Promise<void> | undefined;
  /** The entry in what was found for a key; throws, or rejects with, what its callers are to get. */
  readonly entryIn: (key: string, found: Found) => Awaitable<CacheEntry | undefined>;
}

/** A key that is asked for in one turn, by however many callers. */
class Read {
  readonly key: string;
  readonly name: RedisKey;
  readonly answer: Promise<CacheEntry | undefined>;
  resolve!: (entry: Awaitable<CacheEntry | undefined>) => void;
  reject!: (error: unknown) => void;

  constructor(key: string, name: RedisKey) {
    this.key = key;
    this.name = name;
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** What is asked for in one turn of the event loop. */
interface Gathering {
  readonly reads: Map<string, Read>;
  /** How often was asked so far. */
  questions: number;
}

/**
 * Reads that are asked for in one turn of the event loop travel together, as one command for each server. No timer waits
 * for them: they leave as soon as the callers of the turn have asked, which a few rounds of microtasks show.
 *
 * A key is asked for once, and its entry decoded once, however many want it in that turn. The command is sent after they
 * have asked, so that what it answers is never older than a question.
 */
export class GatheredReads {
  readonly #traits: GatheringTraits;
  #gathering: Gathering | undefined;

  constructor(traits: GatheringTraits) {
    this.#traits = traits;
  }

  get(key: string): Promise<CacheEntry | undefined> {
    const gathering = this.#gathering ?? this.#begin();
    gathering.questions++;
    const known = gathering.reads.get(key);
    if (known !== undefined) return known.answer;
    const read = new Read(key, this.#traits.nameOf(key));
    gathering.reads.set(key, read);
    if (gathering.reads.size === longestQuestion) this.#send(gathering);
    return read.answer;
  }

  #begin(): Gathering {
    const gathering: Gathering = { reads: new Map(), questions: 0 };
    this.#gathering = gathering;
    void allHaveAsked(gathering).then(() => this.#send(gathering));
    return gathering;
  }

  #send(gathering: Gathering): void {
    // Perhaps it was full before all had asked.
    if (gathering !== this.#gathering) return;
    this.#gathering = undefined;
    const { reads } = this.#traits;
    const byServer = reads.byServer([...gathering.reads.values()], ({ name }) => name);
    for (const [address, asked] of byServer) {
      // While a server is down one read finds out whether it is back; the others are not to wait for that.
      const first = this.#traits.isDown(address) ? 1 : asked.length;
      void this.#ask(address, asked.slice(0, first));
      if (first < asked.length) void this.#ask(address, asked.slice(first));
    }
  }

  async #ask(address: string, asked: readonly Read[]): Promise<void> {
    const { ask, turnFor } = this.#traits;
    let found: readonly Found[] | Error;
    try {
      found = await ask(address, () => this.#find(address, asked));
    } catch (error) {
      found = error as Error;
    }
    for (const [place, read] of asked.entries()) {
      const answer = found instanceof Error ? found : (found[place] ?? null);
      const turn = answer === null || answer instanceof Error ? undefined : turnFor(answer.length);
      if (turn !== undefined) await turn;
      this.#answer(read, answer);
    }
  }

  #answer(read: Read, found: Found): void {
    try {
      read.resolve(this.#traits.entryIn(read.key, found));
    } catch (error) {
      read.reject(error);
    }
  }

  async #find(address: string, asked: readonly Read[]): Promise<readonly Found[]> {
    const { reads } = this.#traits;
    const [only] = asked;
    // GET says of what is no string that it is none.
    if (asked.length === 1) return [await reads.get(only!.name)];
    return reads.find(
      address,
      asked.map(({ name }) => name),
    );
  }
}

/** Resolves when nobody asks any more in this turn. */
async function allHaveAsked(gathering: Gathering): Promise<void> {
  let questions = 0;
  for (let round = 0, quiet = 0; round < mostRounds && quiet < quietRounds; round++) {
    await nothing;
    quiet = gathering.questions === questions ? quiet + 1 : 0;
    questions = gathering.questions;
  }
}
