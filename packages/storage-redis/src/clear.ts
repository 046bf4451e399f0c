import { Buffer } from 'node:buffer';
import type { ServerAccess } from '@memo/core/remote';
import type { EntryNames } from './entry-name.js';
import { slotCount } from './cluster-slot.js';
import { isCluster, type RedisClient, type RedisKey } from './redis-client.js';
import { addressOf, allServers, type NamedServer } from './servers.js';
import { expectAnswer } from './unexpected-answer.js';

/** How many keys of the keyspace, others' included, the server looks at in one step: less than a millisecond of its time. */
const step = 1_000;
/** A slot of a cluster may move from a server that is still to be cleared to one that has been. */
const passes = 2;
const question = { operation: 'clear' };

/** What clearing needs of a storage. */
export interface Clearing {
  readonly client: RedisClient;
  readonly access: ServerAccess;
  readonly names: EntryNames;
  /** The key inside the entry of a name that does not say it; `undefined` when it cannot be read. */
  readonly keyInside: (name: Buffer) => Promise<string | undefined>;
}

/**
 * Takes away every entry whose key begins with `scope`, on every server, step by step: each step has the deadline.
 * It goes over all servers before it fails, and twice.
 *
 * @throws StorageFailedError
 */
export async function clear(clearing: Clearing, scope: string): Promise<void> {
  for (let pass = 1; pass <= passes; pass++) await clearServers(clearing, scope);
}

async function clearServers(clearing: Clearing, scope: string): Promise<void> {
  const servers = await serversOf(clearing);
  const outcomes = await Promise.allSettled(servers.map((server) => clearServer(clearing, scope, server)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function serversOf({ client, access, names }: Clearing): Promise<readonly NamedServer[]> {
  if (!isCluster(client)) return allServers(client);
  return access.ask('cluster', question, async () => {
    // Any command makes a client connect that has not, and waits until it has.
    if (client.status !== 'ready') await client.getBuffer(names.nameOf(''));
    return allServers(client);
  });
}

async function clearServer(clearing: Clearing, scope: string, { address, server }: NamedServer): Promise<void> {
  const { client, access, names } = clearing;
  const keyPrefix = client.options.keyPrefix ?? '';
  const beginning = names.beginningOf(scope);
  const pattern = `${literally(keyPrefix + beginning.text)}*`;
  const proof = nameOfNothing(clearing, address);
  if (proof !== undefined) await access.ask(address, question, () => prove(client, address, proof));
  let cursor = '0';
  do {
    const scan = async () => {
      const answer = await server.scanBuffer(cursor, 'MATCH', pattern, 'COUNT', step);
      return expectAnswer(answer, () => Array.isArray(answer) && Array.isArray(answer[1]));
    };
    const [next, found] = await access.ask(address, question, scan);
    // SCAN knows nothing of the client's keyPrefix, all other commands add it.
    const candidates = found.map((name) => name.subarray(Buffer.byteLength(keyPrefix)));
    const chosen = beginning.exact ? candidates : await within(scope, candidates, clearing);
    if (chosen.length > 0) await access.ask(address, question, () => unlink(client, chosen));
    cursor = next.toString();
  } while (cursor !== '0');
}

/** Those names whose keys begin with `scope`. */
async function within(scope: string, candidates: readonly Buffer[], { names, keyInside }: Clearing): Promise<Buffer[]> {
  const chosen: Buffer[] = [];
  for (const name of candidates) {
    const key = names.keyOf(name) ?? (await keyInside(name));
    if (key?.startsWith(scope)) chosen.push(name);
  }
  return chosen;
}

/** `text` as a pattern of Redis that matches nothing else. */
function literally(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, '\\$&');
}

async function unlink(client: RedisClient, names: Buffer[]): Promise<void> {
  // A cluster refuses names of different slots in one command; sent in one turn, they still share a round trip.
  const answers = isCluster(client)
    ? await Promise.all(names.map((name) => client.unlink(name)))
    : [await client.unlink(...names)];
  for (const answer of answers) expectAnswer(answer, isCount);
}

/**
 * A name of the namespace that no entry has, of a slot of the server; `undefined` where its slots have none. To unlink it
 * proves that the server is a master that takes writes, and not one that has yet to hear of what is to be cleared.
 */
function nameOfNothing({ client, names }: Clearing, address: string): RedisKey | undefined {
  for (let number = 0; number < slotCount; number++) {
    const name = names.nameOfNothing(number);
    if (addressOf(client, name) === address) return name;
  }
  return undefined;
}

async function prove(client: RedisClient, address: string, name: RedisKey): Promise<void> {
  expectAnswer(await client.unlink(name), isCount);
  // A client for a cluster follows to where the slot is now.
  if (addressOf(client, name) !== address) throw new Error(`The cluster's server ${address} has given its slots away.`);
}

function isCount(answer: unknown): boolean {
  return Number.isInteger(Number(answer));
}
