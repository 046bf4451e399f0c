import type { Buffer } from 'node:buffer';
import { isCluster, isReply, type RedisClient, type RedisKey, type RedisServer } from './redis-client.js';
import { addressOf, serverAt } from './servers.js';
import { expectAnswer } from './unexpected-answer.js';

/**
 * How many keys a server is asked for at once. While it answers it serves nobody else, and both sides keep the whole answer
 * in memory; and what came before the deadline is not lost with what comes after it.
 */
export const longestQuestion = 1_000;

/** What is found under a name: bytes, nothing, or why that could not be had. */
export type Found = Buffer | null | Error;

/**
 * How servers are asked for what is under names: for one by GET, for many by one MGET, and where that cannot be by as many
 * GET that travel together.
 */
export class RedisReads {
  readonly #client: RedisClient;
  /** Whether MGET is of no use here. */
  #isRefused: boolean;

  constructor(client: RedisClient) {
    this.#client = client;
    // A cluster refuses names of different slots in one command, and in a slot that moves any command about several names. So
    // each is asked for alone, and the client follows it to where it is by now.
    this.#isRefused = isCluster(client);
  }

  /** Which of `asked` each server keeps, in their order, by its address. */
  byServer<A>(asked: readonly A[], nameOf: (one: A) => RedisKey): ReadonlyMap<string, readonly A[]> {
    const byServer = new Map<string, A[]>();
    for (const one of asked) {
      const address = addressOf(this.#client, nameOf(one));
      const others = byServer.get(address);
      if (others === undefined) byServer.set(address, [one]);
      else others.push(one);
    }
    return byServer;
  }

  /** What is under each of the names, which the server at `address` keeps. Rejects where the server could not be asked. */
  async find(address: string, names: readonly RedisKey[]): Promise<readonly Found[]> {
    if (this.#isRefused) return this.#getEach(address, names);
    try {
      const answer = await this.#client.mgetBuffer(...names);
      return expectAnswer(answer, () => Array.isArray(answer) && answer.length === names.length);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#isRefused = true;
      return this.#getEach(address, names);
    }
  }

  /** What is under the name, as GET tells it. */
  get(name: RedisKey): Promise<Buffer | null> {
    return this.#client.getBuffer(name);
  }

  async #getEach(address: string, names: readonly RedisKey[]): Promise<readonly Found[]> {
    const send = (): Promise<PromiseSettledResult<Buffer | null>[]> =>
      Promise.allSettled(names.map((name) => this.#client.getBuffer(name)));
    const outcomes = await together(serverAt(this.#client, address), send);
    const found = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : asError(outcome.reason)));
    const [first] = found;
    if (first instanceof Error && !found.some(isAnswer)) throw first;
    return found;
  }
}

/** Lets what `send` sends in this turn go out at once: to write commands one by one takes longer than all else. */
function together<R>(server: RedisServer | undefined, send: () => R): R {
  const stream = server?.stream;
  stream?.cork();
  try {
    return send();
  } finally {
    stream?.uncork();
  }
}

/**
 * Whether a server that answers GET may have said so to MGET: its users may not send it, it does not know it, or what looks
 * like one server is a cluster behind a proxy.
 */
function isRefusal(error: unknown): boolean {
  return isReply(error) && /^(?:NOPERM|CROSSSLOT|ERR (?:unknown|unsupported) command)/.test(error.message);
}

/** Whether the server was there to answer. */
function isAnswer(found: Found): boolean {
  return !(found instanceof Error) || isReply(found);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
