import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askRedis } from './ask-redis.js';
import { eventually } from './eventually.js';
import { redisAnswers, startRedis } from './redis.js';
import { startServer, type Server } from './server.js';

/** A master and its replica, watched by one Sentinel. */
export interface RedisSentinel extends AsyncDisposable {
  /** Name under which the Sentinel knows the master. */
  readonly name: string;
  /** The Sentinels' addresses as clients take them. */
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly sentinel: Server;
  /** Both data servers; the first one was the master when they were started. */
  readonly servers: readonly [master: Server, replica: Server];
  /** Port of the server that is the master now. */
  masterPort(): Promise<number>;
  /** Makes the replica the master and resolves when it is. */
  failover(): Promise<void>;
  /** Ends the master without warning (SIGKILL) and resolves when the replica has taken over, as it is told to at once. */
  loseMaster(): Promise<void>;
  /** Starts the server that was lost anew, as the replica of the other, and resolves when it could take over itself. */
  regainReplica(): Promise<void>;
  stop(): Promise<void>;
}

const name = 'memo';
/** A replica need not wait for others that may come. */
const atOnce = ['--repl-diskless-sync-delay', '0'];

/** Starts a master, a replica and a Sentinel, and waits until each knows the others. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const started: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const master = await startRedis({ args: atOnce });
    started.push(master);
    const replica = await startRedis({ args: ['--replicaof', master.host, String(master.port), ...atOnce] });
    started.push(replica);
    await eventually('The first replication', () => says(replica.port, 'master_link_status:up'));
    const sentinel = await startSentinel(master);
    started.push(sentinel);
    await eventually('The replica known to the Sentinel', () => knowsReplica(sentinel.port, replica.port));
    const servers = [master, replica] as const;
    return {
      name,
      sentinels: [{ host: sentinel.host, port: sentinel.port }],
      sentinel,
      servers,
      masterPort: () => masterPort(sentinel.port),
      failover: () => failover(sentinel.port),
      loseMaster: () => loseMaster(sentinel.port, servers),
      regainReplica: () => regainReplica(sentinel.port, servers),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSentinel(master: Server): Promise<Server> {
  return startServer({
    program: 'redis-server',
    scheme: 'redis',
    options: {},
    args: (port, folder) => {
      const file = join(folder, 'sentinel.conf');
      writeFileSync(file, sentinelConfiguration(port, folder, master));
      return [file, '--sentinel'];
    },
    answers: redisAnswers,
  });
}

function sentinelConfiguration(port: number, folder: string, master: Server): string {
  return [
    `port ${String(port)}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} ${master.host} ${String(master.port)} 1`,
    // It asks every second: with less, a server that it has just come to know would be down before it was ever asked.
    `sentinel down-after-milliseconds ${name} 1500`,
    `sentinel failover-timeout ${name} 2000`,
    '',
  ].join('\n');
}

async function says(port: number, text: string): Promise<boolean> {
  return String(await askRedis(port, 'INFO', 'replication')).includes(text);
}

async function knowsReplica(sentinelPort: number, replicaPort: number): Promise<boolean> {
  const replicas = await askRedis(sentinelPort, 'SENTINEL', 'REPLICAS', name);
  if (!Array.isArray(replicas)) return false;
  const [replica] = replicas;
  // Only a replica that the Sentinel has seen linked to its master may be promoted.
  return Array.isArray(replica) && replica.includes(String(replicaPort)) && replica.includes('ok');
}

async function masterPort(sentinelPort: number): Promise<number> {
  const address = await askRedis(sentinelPort, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
  return Array.isArray(address) ? Number(address[1]) : NaN;
}

async function failover(sentinelPort: number): Promise<void> {
  const former = await masterPort(sentinelPort);
  await eventually('The failover', async () => {
    const now = await masterPort(sentinelPort);
    if (now !== former) return says(now, 'role:master');
    // Refused while one is under way; one that was given up, as the replica was not ready, has to begin again.
    await askRedis(sentinelPort, 'SENTINEL', 'FAILOVER', name);
    return false;
  });
}

async function loseMaster(sentinelPort: number, servers: readonly Server[]): Promise<void> {
  const former = await masterPort(sentinelPort);
  await servers.find(({ port }) => port === former)?.kill();
  await failover(sentinelPort);
}

async function regainReplica(sentinelPort: number, servers: readonly Server[]): Promise<void> {
  const lost = servers.find(({ pid }) => pid === undefined);
  if (lost === undefined) return;
  const [master] = servers.filter((server) => server !== lost);
  await lost.restart();
  // Sentinel would tell it only after some ten seconds.
  await askRedis(lost.port, 'REPLICAOF', lost.host, String(master!.port));
  await eventually('The replication', () => says(lost.port, 'master_link_status:up'));
  await eventually('The replica known to the Sentinel', () => knowsReplica(sentinelPort, lost.port));
}
