import { StorageFailedError } from '@memo/core';
import type { Question } from '@memo/core/remote';
import type { TakenItem } from './client/memcached-server.js';
import type { PresentGeneration } from './generation-item.js';
import type { Found, Items } from './items.js';
import type { Shard } from './shard.js';

/**
 * Most keys that a server is asked for in one piece. Whoever asks it for something else meanwhile is answered after the
 * piece, and what has come is understood in one go: neither takes longer, however many keys are asked for.
 */
const mostInOnePiece = 100;

/** One of many keys that are asked for. */
interface Wanted {
  readonly key: string;
  /** Of its item. */
  readonly name: string;
  /** Where it stands among all that are asked for. */
  readonly index: number;
}

/** What a server answered about several keys. */
interface Reading {
  readonly present: PresentGeneration | undefined;
  /** In the order of the keys; an error where the server refused one. */
  readonly items: readonly TakenItem[];
}

/**
 * Reads the items of many keys, each together with the generation of its server. Each server is asked for its own in one
 * piece, for very many in several, one after the other; once it has failed it is not asked for the rest.
 *
 * @returns what is found under each key, in their order, as soon as its server has answered; rejects with a
 *   `StorageFailedError` where that failed.
 */
export function findMany(items: Items, question: Question, keys: readonly string[]): readonly Promise<Found>[] {
  const found = Array.from<Promise<Found>>({ length: keys.length });
  for (const [shard, wanted] of byShard(items, keys)) {
    let reading: Promise<unknown> = Promise.resolve();
    for (const piece of piecesOf(wanted)) {
      const next = reading.then(() => items.askShard(shard, question, () => readMany(shard, piece)));
      for (const [place, { key, index }] of piece.entries()) found[index] = foundIn(next, place, question, key);
      reading = next;
    }
  }
  return found;
}

function byShard(items: Items, keys: readonly string[]): ReadonlyMap<Shard, readonly Wanted[]> {
  const wanted = new Map<Shard, Wanted[]>();
  for (const [index, key] of keys.entries()) {
    const { shard, name } = items.placeOf(key);
    const ofShard = wanted.get(shard);
    if (ofShard === undefined) wanted.set(shard, [{ key, name, index }]);
    else ofShard.push({ key, name, index });
  }
  return wanted;
}

function piecesOf(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const count = Math.ceil(wanted.length / mostInOnePiece);
  return Array.from({ length: count }, (_, piece) =>
    wanted.slice(piece * mostInOnePiece, (piece + 1) * mostInOnePiece),
  );
}

async function readMany(shard: Shard, wanted: readonly Wanted[]): Promise<Reading> {
  let generation: PresentGeneration | undefined;
  const items: TakenItem[] = [];
  const names = wanted.map(({ name }) => name);
  await shard.readEach(names, (_, item, present) => {
    generation = present;
    items.push(item);
  });
  return { present: generation, items };
}

/** What was found under one of the keys of a piece. A failure is that of each of them. */
async function foundIn(reading: Promise<Reading>, place: number, { operation }: Question, key: string): Promise<Found> {
  try {
    const { present, items } = await reading;
    const item = items[place];
    if (item instanceof Error) throw item;
    return { present, item };
  } catch (error) {
    throw new StorageFailedError(operation, key, StorageFailedError.isInstance(error) ? error.cause : error);
  }
}
