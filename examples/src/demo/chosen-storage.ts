import { randomUUID } from 'node:crypto';
import { available, startRedis } from '@memo/test-servers';
import { Redis } from 'ioredis';
import { sharedStorage } from './shared-storage.js';

/** What can be asked for by `--storage`. */
export const storageNames = ['memory', 'redis'] as const;
export type StorageName = (typeof storageNames)[number];

/** Where the processes of the demo keep their entries. Its end takes away all that the demo has left there. */
export interface ChosenStorage extends AsyncDisposable {
  /** What it is and why, to be shown. */
  readonly description: string;
  /** The Redis that all share; `undefined` if each process uses its own memory. */
  readonly redisUrl?: string;
  /** Stands before every key of this run. */
  readonly namespace: string;
}

/**
 * Finds a Redis: the one at `REDIS_URL`, the one at the usual port, or one of its own where the program is installed.
 * Without any it is memory, unless `wanted` is `redis`.
 */
export async function chooseStorage(wanted: StorageName | undefined): Promise<ChosenStorage> {
  if (wanted === 'memory') return memory('as asked for');
  const faults: string[] = [];
  for (const { url, name } of candidates()) {
    const fault = await faultOf(url);
    if (fault === undefined) return redis(url, `the Redis at ${name}`);
    faults.push(`none to be used at ${name}: ${fault}`);
  }
  if (available('redis-server')) return ownRedis(faults.join('; '));
  const reason = `${faults.join('; ')}; no program redis-server`;
  if (wanted === 'redis') throw new Error(`No Redis (${reason}). Start one, or name it by REDIS_URL.`);
  return memory(`as there is no Redis (${reason})`);
}

/** Where to look, with a name to be shown: a URL may hold a password. */
function candidates(): readonly { readonly url: string; readonly name: string }[] {
  const given = process.env['REDIS_URL'];
  const usual = { url: 'redis://127.0.0.1:6379', name: '127.0.0.1:6379' };
  return given === undefined ? [usual] : [{ url: given, name: 'REDIS_URL' }, usual];
}

/** Why the Redis at `url` cannot be used; `undefined` if it can. */
async function faultOf(url: string): Promise<string | undefined> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 1000,
    commandTimeout: 1000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let fault: Error | undefined;
  // It says more than the rejection, which tells only that the connection is closed.
  client.on('error', (error: Error) => (fault ??= error));
  try {
    await client.connect();
    await client.set(`memo-demo-${randomUUID()}`, '', 'PX', 1);
    return undefined;
  } catch (error) {
    return (fault ?? (error as Error)).message;
  } finally {
    client.disconnect();
  }
}

function redis(url: string, description: string): ChosenStorage {
  const namespace = `memo-demo-${randomUUID()}`;
  return { description, redisUrl: url, namespace, [Symbol.asyncDispose]: () => clearRedis(url, namespace) };
}

async function clearRedis(url: string, namespace: string): Promise<void> {
  const client = new Redis(url);
  try {
    await sharedStorage(client, namespace).clear('');
  } finally {
    client.disconnect();
  }
}

async function ownRedis(reason: string): Promise<ChosenStorage> {
  const server = await startRedis();
  const description = `a Redis of its own on port ${server.port} (${reason}; found the program redis-server)`;
  return { ...redis(server.url, description), [Symbol.asyncDispose]: () => server.stop() };
}

function memory(reason: string): ChosenStorage {
  const description = `memory, ${reason}. Each process has a cache of its own and loads for itself`;
  return { description, namespace: '', [Symbol.asyncDispose]: () => Promise.resolve() };
}
