import { randomUUID } from 'node:crypto';
import { available } from '@memo/test-servers';
import { memcachedKind } from './memcached-kind.js';
import { redisKind } from './redis-kind.js';
import type { ServerKind } from './server-kind.js';
import { type SharedServer, sharedStorage } from './shared-storage.js';

/** What can be asked for by `--storage`. */
export const storageNames = ['memory', 'redis', 'memcached'] as const;
export type StorageName = (typeof storageNames)[number];

/**
 * Where the processes of the demo keep their entries. Its end takes away what the demo has left there. In Memcached that
 * means that nothing of it counts any more: its entries go within seconds, when their lifetime is over, and the small item
 * that says so when memcached needs its room.
 */
export interface ChosenStorage extends AsyncDisposable {
  /** What it is and why, to be shown. */
  readonly description: string;
  /** The server that all share; `undefined` if each process uses its own memory. */
  readonly server?: SharedServer;
  /** Stands before every key of this run. */
  readonly namespace: string;
}

const serverKinds = { redis: redisKind, memcached: memcachedKind };

/**
 * Finds a server: the one that the environment names, the one at the usual port, or one of its own where the program is
 * installed. Without any it is an error; if nothing is `wanted`, a Redis is looked for, and without any it is memory.
 */
export async function chooseStorage(wanted: StorageName | undefined): Promise<ChosenStorage> {
  if (wanted === 'memory') return memory('as asked for');
  const kind = wanted ?? 'redis';
  const { title, variable, program } = serverKinds[kind];
  const namespace = `memo-demo-${randomUUID()}`;
  const faults: string[] = [];
  for (const { url, name } of candidates(serverKinds[kind])) {
    const fault = await serverKinds[kind].faultOf(url, namespace);
    if (fault === undefined) return shared({ kind, url }, namespace, `the ${title} at ${name}`);
    faults.push(`none to be used at ${name}: ${fault}`);
  }
  if (available(program)) return ownServer(kind, namespace, faults.join('; '));
  const reason = `${faults.join('; ')}; no program ${program}`;
  if (wanted === undefined) return memory(`as there is no ${title} (${reason})`);
  throw new Error(`No ${title} (${reason}). Start one, or name it by ${variable}.`);
}

/** Where to look, with a name to be shown: a URL may hold a password. */
function candidates({ variable, usualUrl, usualPlace }: ServerKind): readonly { url: string; name: string }[] {
  const given = process.env[variable];
  const usual = { url: usualUrl, name: usualPlace };
  return given === undefined ? [usual] : [{ url: given, name: variable }, usual];
}

function shared(server: SharedServer, namespace: string, description: string): ChosenStorage {
  return { description, server, namespace, [Symbol.asyncDispose]: () => clear(server, namespace) };
}

async function clear(server: SharedServer, namespace: string): Promise<void> {
  await using storage = sharedStorage(server, namespace);
  await storage.clear('');
}

async function ownServer(kind: SharedServer['kind'], namespace: string, reason: string): Promise<ChosenStorage> {
  const { title, program } = serverKinds[kind];
  const own = await serverKinds[kind].start();
  const description = `a ${title} of its own on port ${own.port} (${reason}; found the program ${program})`;
  return { ...shared({ kind, url: own.url }, namespace, description), [Symbol.asyncDispose]: () => own.stop() };
}

function memory(reason: string): ChosenStorage {
  const description = `memory, ${reason}. Each process has a cache of its own and loads for itself`;
  return { description, namespace: '', [Symbol.asyncDispose]: () => Promise.resolve() };
}
