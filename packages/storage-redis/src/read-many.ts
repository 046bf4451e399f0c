import type { RedisKey } from './redis-client.js';
import { longestQuestion, type Found, type RedisReads } from './redis-reads.js';

/** What reading many names needs of a storage. */
export interface ManyReading {
  readonly reads: RedisReads;
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
  { reads, ask }: ManyReading,
  names: readonly RedisKey[],
  answerFor: (found: Found, place: number) => Promise<A>,
): Promise<readonly A[]> {
  const answers = new Array<A>(names.length);
  const find = (address: string, places: readonly number[]): Promise<readonly Found[]> => {
    const asked = places.map((place) => names[place]!);
    return ask(address, () => reads.find(address, asked)).catch((error: Error) => asked.map(() => error));
  };
  const readFrom = async (address: string, places: readonly number[]): Promise<void> => {
    for (let first = 0; first < places.length; first += longestQuestion) {
      const asked = places.slice(first, first + longestQuestion);
      const found = await find(address, asked);
      await Promise.all(asked.map(async (place, at) => (answers[place] = await answerFor(found[at]!, place))));
    }
  };
  const byServer = [...reads.byServer([...names.keys()], (place) => names[place]!)];
  await Promise.all(byServer.map(([address, places]) => readFrom(address, places)));
  return answers;
}
