import { askRedis } from './ask-redis.js';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { redisAnswers, redisArguments } from './redis.js';
import { startServer, type Server, type ServerOptions } from './server.js';

/** A Redis Cluster of three masters without replicas. */
export interface RedisCluster extends AsyncDisposable {
  readonly servers: readonly Server[];
  /** The addresses as cluster clients take them. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Moves a slot and its keys to the next master, step by step as `redis-cli --cluster reshard` does. */
  moveSlot(slot: number): Promise<void>;
  /** Resolves when all masters serve all slots, as they do again some seconds after one of them was restarted. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const slots = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
] as const;

/** Starts three masters, shares the slots out between them, and waits until every one of them knows all slots. */
export async function startRedisCluster(options: Pick<ServerOptions, 'args'> = {}): Promise<RedisCluster> {
  const members = await Promise.all(slots.map(() => startMember(options)));
  const servers = members.map((member) => member.server);
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    await join(members);
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = servers.map(({ host, port }) => ({ host, port }));
  const moveSlot = slotMover(servers);
  return { servers, nodes, moveSlot, settled: () => agreement(servers), stop, [Symbol.asyncDispose]: stop };
}

interface Member {
  readonly server: Server;
  /** Port on which the members talk to one another. */
  readonly busPort: number;
}

async function startMember(options: ServerOptions): Promise<Member> {
  const busPort = await freePort();
  const clusterArguments = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
  const server = await startServer({
    program: 'redis-server',
    scheme: 'redis',
    options,
    args: (port, folder) => [...redisArguments(port, folder), ...clusterArguments],
    answers: redisAnswers,
  });
  return { server, busPort };
}

async function join(members: readonly Member[]): Promise<void> {
  const [first, ...others] = members;
  if (first === undefined) return;
  for (const [index, { server }] of members.entries()) {
    const range = slots[index];
    if (range) await askRedis(server.port, 'CLUSTER', 'ADDSLOTSRANGE', ...range.map(String));
    // Members that meet must not claim the same epoch, or they first have to settle who is right.
    await askRedis(server.port, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  for (const { server, busPort } of others) {
    await askRedis(first.server.port, 'CLUSTER', 'MEET', server.host, String(server.port), String(busPort));
  }
  await agreement(members.map(({ server }) => server));
}

async function agreement(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(({ port }) => eventually('The agreement of the cluster', () => agrees(port))));
}

function slotMover(servers: readonly Server[]): (slot: number) => Promise<void> {
  const moved = new Map<number, number>();
  return async (slot) => {
    const from = moved.get(slot) ?? slots.findIndex(([first, last]) => first <= slot && slot <= last);
    const to = (from + 1) % servers.length;
    await moveSlot(slot, servers[from]!, servers[to]!, servers);
    moved.set(slot, to);
  };
}

async function moveSlot(slot: number, from: Server, to: Server, all: readonly Server[]): Promise<void> {
  const setSlot = ({ port }: Server, ...state: string[]) =>
    askRedis(port, 'CLUSTER', 'SETSLOT', String(slot), ...state);
  const [source, target] = await Promise.all([from, to].map(async ({ port }) => askRedis(port, 'CLUSTER', 'MYID')));
  await setSlot(to, 'IMPORTING', String(source));
  await setSlot(from, 'MIGRATING', String(target));
  for (;;) {
    const keys = await askRedis(from.port, 'CLUSTER', 'GETKEYSINSLOT', String(slot), '100');
    if (!Array.isArray(keys) || keys.length === 0) break;
    await askRedis(from.port, 'MIGRATE', to.host, String(to.port), '', '0', '2000', 'KEYS', ...keys.map(String));
  }
  // The new owner learns of it first, so that nobody sends a client back to where the keys are no more.
  for (const server of [to, from, ...all.filter((other) => other !== to && other !== from)]) {
    await setSlot(server, 'NODE', String(target));
  }
}

async function agrees(port: number): Promise<boolean> {
  const state = String(await askRedis(port, 'CLUSTER', 'INFO'));
  return state.includes('cluster_state:ok') && state.includes('cluster_slots_ok:16384');
}
