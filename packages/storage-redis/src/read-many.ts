import type { Buffer } from 'node:buffer';
import {
  isCluster,
  isReply,
  type RedisClient,
  type RedisClusterClient,
  type RedisKey,
  type RedisServer,
} from './redis-client.js';
import { addressOf, serverAt } from './servers.js';
import { expectAnswer } from './unexpected-answer.js';

/**
 * How many keys a server is asked for at once. While it answers it serves nobody else, and both sides keep the whole answer
 * in memory; and what came before the deadline is not lost with what comes after it.
 */
const longestQuestion = 1_000;

/** What is found under a name: bytes, nothing, or why that could not be had. */
export type Found = Buffer | null | Error;

/** What reading many names needs of a storage. */
export interface ManyReading {
  readonly client: RedisClient;
  /** Asks a server within the time that is left of the operation. */
  readonly ask: <R>(address: string, send: () => Promise<R>) => Promise<R>;
}

/**
 * What `answerFor` makes of what is found under each of `names`, in their order. All servers are asked at the same time; a
 * server that fails costs the names that it keeps.
 *
 * @param answerFor - is handed what was found, and the place of the name. A server is asked for more once it has answered.
 */
export async function readMany<A>(
  reading: ManyReading,
  names: readonly RedisKey[],
  answerFor: (found: Found, place: number) => Promise<A>,
): Promise<readonly A[]> {
  const answers = new Array<A>(names.length);
  const readFrom = async (address: string, places: readonly number[]): Promise<void> => {
    for (let first = 0; first < places.length; first += longestQuestion) {
      const asked = places.slice(first, first + longestQuestion);
      const found = await find(
        reading,
        address,
        asked.map((place) => names[place]!),
      );
      const answered = asked.map(async (place, at) => (answers[place] = await answerFor(found[at]!, place)));
      await Promise.all(answered);
    }
  };
  const byServer = [...placesByServer(reading.client, names)];
  await Promise.all(byServer.map(([address, places]) => readFrom(address, places)));
  return answers;
}

/** The places of those names in the list that each server keeps, by its address. */
function placesByServer(client: RedisClient, names: readonly RedisKey[]): ReadonlyMap<string, readonly number[]> {
  const byServer = new Map<string, number[]>();
  for (const [place, name] of names.entries()) {
    const address = addressOf(client, name);
    const places = byServer.get(address);
    if (places === undefined) byServer.set(address, [place]);
    else places.push(place);
  }
  return byServer;
}

async function find(
  { client, ask }: ManyReading,
  address: string,
  names: readonly RedisKey[],
): Promise<readonly Found[]> {
  const send = (): Promise<readonly Found[]> =>
    isCluster(client) ? getEach(client, address, names) : getAll(client, names);
  return ask(address, send).catch((error: unknown) => names.map(() => asError(error)));
}

async function getAll(client: RedisClient, names: readonly RedisKey[]): Promise<readonly Found[]> {
  const answer = await client.mgetBuffer(...names);
  return expectAnswer(answer, () => Array.isArray(answer) && answer.length === names.length);
}

/**
 * A cluster refuses names of different slots in one command, and in a slot that moves any command about several names. So
 * each is asked for alone, and the client follows it to where it is by now. Written together they share a round trip.
 */
async function getEach(
  client: RedisClusterClient,
  address: string,
  names: readonly RedisKey[],
): Promise<readonly Found[]> {
  const send = (): Promise<PromiseSettledResult<Buffer | null>[]> =>
    Promise.allSettled(names.map((name) => client.getBuffer(name)));
  const outcomes = await together(serverAt(client, address), send);
  const found = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : asError(outcome.reason)));
  const [first] = found;
  if (first instanceof Error && !found.some(isAnswer)) throw first;
  return found;
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

/** Whether the server was there to answer. */
function isAnswer(found: Found): boolean {
  return !(found instanceof Error) || isReply(found);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
