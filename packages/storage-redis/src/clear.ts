import { Buffer } from 'node:buffer';
import type { ServerAccess } from '@memo/core/remote';
import type { EntryNames } from './entry-name.js';
import { isCluster, type RedisClient } from './redis-client.js';
import { allServers, type NamedServer } from './servers.js';

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
  let cursor = '0';
  do {
    const scan = () => server.scanBuffer(cursor, 'MATCH', pattern, 'COUNT', step);
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
  if (isCluster(client)) await Promise.all(names.map((name) => client.unlink(name)));
  else await client.unlink(...names);
}
