import { Buffer } from 'node:buffer';
import { slotOf } from './cluster-slot.js';
import {
  isCluster,
  type RedisClient,
  type RedisClusterClient,
  type RedisKey,
  type RedisServer,
} from './redis-client.js';

/** A server that keeps entries. */
export interface NamedServer {
  /** Tells it apart from the others of the same client. */
  readonly address: string;
  readonly server: RedisServer;
}

/** The only server of a client that is none for a cluster. */
const onlyAddress = '';

/** The address of the server that keeps `name`, as far as the client knows by now. */
export function addressOf(client: RedisClient, name: RedisKey): string {
  if (!isCluster(client)) return onlyAddress;
  return masterOf(client.slots[slotOf(withKeyPrefix(client, name))]) ?? onlyAddress;
}

/** `name` as it is called on the server. */
export function withKeyPrefix(client: RedisClient, name: RedisKey): RedisKey {
  const prefix = client.options.keyPrefix ?? '';
  if (typeof name === 'string') return prefix + name;
  return prefix === '' ? name : Buffer.concat([Buffer.from(prefix), name]);
}

/**
 * Every server that keeps entries: each master of a cluster. The client must be connected.
 *
 * @throws Error when one is not known to the client, because it cannot be reached.
 */
export async function allServers(client: RedisClient): Promise<readonly NamedServer[]> {
  if (!isCluster(client)) return [{ address: onlyAddress, server: client }];
  // What it lost, a client for a cluster forgets until it looks again.
  if (lostMasters(client).length > 0) await refresh(client);
  const lost = lostMasters(client);
  if (lost.length > 0) throw new Error(`The cluster's server ${lost.join(', ')} cannot be reached.`);
  return mastersOf(client);
}

/** The server at an address, if the client is connected to it. */
export function serverAt(client: RedisClient, address: string): RedisServer | undefined {
  if (!isCluster(client)) return client;
  return mastersOf(client).find((master) => master.address === address)?.server;
}

/** A server that tells what is published on any: a cluster passes it on to all of its servers. */
export function anyServer(client: RedisClient): RedisServer | undefined {
  if (!isCluster(client)) return client;
  const masters = client.nodes('master');
  return masters[Math.floor(Math.random() * masters.length)];
}

function lostMasters(client: RedisClusterClient): readonly string[] {
  const present = new Set(mastersOf(client).map(({ address }) => address));
  const needed = new Set(client.slots.map(masterOf));
  return [...needed].filter((address) => address !== undefined).filter((address) => !present.has(address));
}

function mastersOf(client: RedisClusterClient): readonly NamedServer[] {
  return client.nodes('master').map((server) => ({ address: `${server.options.host}:${server.options.port}`, server }));
}

/** The slots that nobody serves have no servers. */
function masterOf(servers: readonly string[] | undefined): string | undefined {
  return servers?.[0];
}

function refresh(client: RedisClusterClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.refreshSlotsCache((error) => (error ? reject(error) : resolve()));
  });
}
