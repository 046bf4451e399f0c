import {
  askMemcached,
  askRedis,
  lacks,
  startMemcached,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
  type RedisReply,
  type Server,
} from '@memo/test-servers';
import type { Address, StorageKind } from './reach.js';

/** The servers that a storage is kept on, and what a proof does to them. */
export interface Servers extends AsyncDisposable {
  readonly kind: StorageKind;
  /** Those that keep the entries. */
  readonly all: readonly Server[];
  /** Those whose addresses a client is given. */
  readonly nodes: readonly Address[];
  /** All of them forget everything they keep. */
  forget(): Promise<void>;
  /** Some of them, or all, end without warning and start anew, empty. Resolves when they serve again. */
  restart(some?: readonly Server[]): Promise<void>;
  /** Faults that only this kind of server knows. */
  readonly faults: ServerFaults;
}

/** Each is left out where it cannot happen. */
interface ServerFaults {
  /** The scripts that clients have left there are forgotten. */
  readonly forgetScripts?: () => Promise<void>;
  /** Connections that listen to messages are cut. */
  readonly cutSubscribers?: () => Promise<void>;
  /** The slot of a key that is there moves to another master, with all its keys. */
  readonly moveSlot?: () => Promise<void>;
  /** The master ends without warning, and the replica takes over. */
  readonly loseMaster?: () => Promise<void>;
  /** The server that was lost comes back as the replica. */
  readonly regainReplica?: () => Promise<void>;
}

/** The program without which a kind of server cannot be started here. */
const programs = { redis: 'redis-server', cluster: 'redis-server', sentinel: 'redis-server', memcached: 'memcached' };

/** Whether proofs over these servers have to be skipped here. */
export function lacksServers(kind: StorageKind): boolean {
  return lacks(programs[kind]);
}

/** Starts the servers for a storage, and waits until they answer. */
export async function startServers(kind: StorageKind): Promise<Servers> {
  switch (kind) {
    case 'redis': {
      const server = await startRedis();
      return redisServers(kind, { all: [server], nodes: [server], stop: () => server.stop() });
    }
    case 'cluster': {
      const cluster = await startRedisCluster();
      const { servers, nodes } = cluster;
      const moveSlot = async (): Promise<void> => {
        const keys = await Promise.all(nodes.map(({ port }) => askRedis(port, 'RANDOMKEY')));
        const key = keys.find((found) => found !== null);
        if (key === undefined) return;
        await cluster.moveSlot(Number(await askRedis(nodes[0]!.port, 'CLUSTER', 'KEYSLOT', String(key))));
      };
      const started = { all: servers, nodes, stop: () => cluster.stop(), settled: () => cluster.settled() };
      return redisServers(kind, { ...started, faults: { moveSlot } });
    }
    case 'sentinel': {
      const watched = await startRedisSentinel();
      const { servers, sentinels } = watched;
      const faults = { loseMaster: () => watched.loseMaster(), regainReplica: () => watched.regainReplica() };
      return redisServers(kind, { all: servers, nodes: sentinels, stop: () => watched.stop(), faults });
    }
    case 'memcached':
      return memcachedServer(await startMemcached());
  }
}

interface Started {
  readonly all: readonly Server[];
  readonly nodes: readonly Address[];
  readonly stop: () => Promise<void>;
  /** Resolves when all serve, where that takes longer than to answer. */
  readonly settled?: () => Promise<void>;
  readonly faults?: ServerFaults;
}

function redisServers(kind: StorageKind, { all, nodes, stop, settled, faults }: Started): Servers {
  const tellAll = async (...command: readonly string[]): Promise<void> => {
    await Promise.all(all.map(({ port }): Promise<RedisReply> => askRedis(port, ...command)));
  };
  return {
    kind,
    all,
    nodes: nodes.map(({ host, port }) => ({ host, port })),
    forget: () => tellAll('FLUSHALL'),
    restart: async (some = all) => {
      await restart(some);
      await settled?.();
    },
    faults: {
      forgetScripts: () => tellAll('SCRIPT', 'FLUSH'),
      cutSubscribers: () => tellAll('CLIENT', 'KILL', 'TYPE', 'pubsub'),
      ...faults,
    },
    [Symbol.asyncDispose]: stop,
  };
}

function memcachedServer(server: Server): Servers {
  return {
    kind: 'memcached',
    all: [server],
    nodes: [{ host: server.host, port: server.port }],
    forget: async () => {
      await askMemcached(server.port, 'flush_all');
    },
    restart: () => restart([server]),
    faults: {},
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

async function restart(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server.restart()));
}
