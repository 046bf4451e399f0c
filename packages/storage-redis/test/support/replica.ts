import { askRedis, startRedis, type RedisCluster, type Server } from '@memo/test-servers';
import { expect } from 'vitest';
import { freePort } from '../../../../test-servers/src/free-port.js';

/** Starts a server that follows a master of a cluster and may take its place, and waits until it knows what that knows. */
export async function startReplica(cluster: RedisCluster, master: Server): Promise<Server> {
  const busPort = String(await freePort());
  const options = ['--cluster-enabled', 'yes', '--cluster-port', busPort, '--repl-diskless-sync-delay', '0'];
  const replica = await startRedis({ args: options });
  const id = String(await askRedis(master.port, 'CLUSTER', 'MYID'));
  for (const { host } of cluster.nodes.slice(0, 1)) {
    await askRedis(master.port, 'CLUSTER', 'MEET', host, String(replica.port), busPort);
  }
  const follows = (): Promise<string> =>
    askRedis(replica.port, 'CLUSTER', 'REPLICATE', id).then(String, (error: unknown) => String(error));
  await expect.poll(follows, { timeout: 10_000 }).toBe('OK');
  const state = async (): Promise<string> => String(await askRedis(replica.port, 'INFO', 'replication'));
  await expect.poll(state, { timeout: 15_000 }).toContain('master_link_status:up');
  for (const { port } of cluster.servers) {
    const nodes = async (): Promise<string> => String(await askRedis(port, 'CLUSTER', 'NODES'));
    await expect.poll(nodes, { timeout: 10_000 }).toMatch(new RegExp(`:${String(replica.port)}@.* slave ${id}`));
  }
  return replica;
}
