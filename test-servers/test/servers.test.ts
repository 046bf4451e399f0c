import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import {
  askMemcached,
  askRedis,
  lacks,
  startMemcached,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '../src/index.js';

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(lacks('redis-server'))('redis-server', () => {
  it('answers, can be frozen, killed and started again on its port, and leaves nothing behind', async () => {
    const server = await startRedis();
    await askRedis(server.port, 'SET', 'a', '1');
    expect(await askRedis(server.port, 'GET', 'a')).toBe('1');

    server.pause();
    const answer = askRedis(server.port, 'GET', 'a');
    expect(await Promise.race([answer, pause(50, 'frozen')])).toBe('frozen');
    server.resume();
    expect(await answer).toBe('1');

    await server.kill();
    await expect(askRedis(server.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await askRedis(server.port, 'GET', 'a')).toBeNull();

    const pid = server.pid ?? 0;
    expect(isRunning(pid)).toBe(true);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('says what the program said when it cannot start', async () => {
    await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(
      /redis-server ended at once:\n[^]*no-such-option/,
    );
  });

  it('forms a cluster of three masters', async () => {
    const cluster = await startRedisCluster();
    expect(cluster.nodes).toHaveLength(3);
    expect(String(await askRedis(cluster.nodes[0]?.port ?? 0, 'CLUSTER', 'INFO'))).toContain('cluster_size:3');
    await cluster.stop();
  });

  it('moves a slot of a cluster and its keys to the next master', async () => {
    await using cluster = await startRedisCluster();
    const ports = cluster.nodes.map(({ port }) => port);
    const slot = Number(await askRedis(ports[0]!, 'CLUSTER', 'KEYSLOT', 'a'));
    const holds = (port: number) => askRedis(port, 'GET', 'a').catch((error: Error) => error.message);
    const first = [0, 5461, 10_923].findLastIndex((start) => start <= slot);
    const [owner, next, last] = [0, 1, 2].map((step) => ports[(first + step) % 3]!) as [number, number, number];
    await askRedis(owner, 'SET', 'a', '1');
    await cluster.moveSlot(slot);
    expect([await holds(owner), await holds(next)]).toEqual([`MOVED ${slot} 127.0.0.1:${next}`, '1']);
    await cluster.moveSlot(slot);
    expect([await holds(next), await holds(last)]).toEqual([`MOVED ${slot} 127.0.0.1:${last}`, '1']);
    await cluster.servers[ports.indexOf(last)]!.restart();
    expect(await holds(last)).toBe('CLUSTERDOWN The cluster is down');
    await cluster.settled();
    expect(await holds(last)).toBe(null);
  });

  it('is watched by a Sentinel that makes the replica the master', { timeout: 30_000 }, async () => {
    const fleet = await startRedisSentinel();
    const [master, replica] = fleet.servers;
    expect(await fleet.masterPort()).toBe(master.port);
    await fleet.failover();
    expect(await fleet.masterPort()).toBe(replica.port);
    await fleet.stop();
  });

  it('is watched by a Sentinel that replaces a master that is lost, and again', { timeout: 60_000 }, async () => {
    await using fleet = await startRedisSentinel();
    const [master, replica] = fleet.servers;
    await fleet.loseMaster();
    expect(master.pid).toBeUndefined();
    expect(await fleet.masterPort()).toBe(replica.port);
    await fleet.regainReplica();
    await askRedis(replica.port, 'SET', 'a', '1');
    await expect.poll(() => askRedis(master.port, 'GET', 'a')).toBe('1');
    await fleet.loseMaster();
    expect(await fleet.masterPort()).toBe(master.port);
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const starter = await startStarter();
    const [pid = 0, port = 0] = await starter.pidAndPort;
    const [, folder] = (await askRedis(port, 'CONFIG', 'GET', 'dir')) as string[];
    expect([isRunning(pid), existsSync(String(folder))]).toEqual([true, true]);
    starter.kill();
    await expect.poll(() => [isRunning(pid), existsSync(String(folder))], { timeout: 5_000 }).toEqual([false, false]);
  });
});

describe.skipIf(lacks('memcached'))('memcached', () => {
  it('answers on its port until it is stopped', async () => {
    const server = await startMemcached();
    expect(server.url).toBe(`memcached://127.0.0.1:${String(server.port)}`);
    await server.restart();
    const pid = server.pid ?? 0;
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('tells what is in it, value by value, whatever the values contain', async () => {
    await using server = await startMemcached();
    const value = 'END\r\nVALUE b 0 1\r\n';
    expect(await askMemcached(server.port, `set a 5 0 ${String(value.length)}`, value)).toEqual(['STORED']);
    expect(await askMemcached(server.port, 'set b 0 0 2', '\u00ff\u0000')).toEqual(['STORED']);
    expect(await askMemcached(server.port, 'get a b none')).toEqual([
      ...['VALUE a 5 18', value],
      ...['VALUE b 0 2', '\u00ff\u0000'],
      'END',
    ]);
    expect(await askMemcached(server.port, 'mg a f t v')).toEqual(['VA 18 f5 t-1', value]);
    expect(await askMemcached(server.port, 'mg none v')).toEqual(['EN']);
    expect(await askMemcached(server.port, 'stats')).toContain('STAT curr_items 2');
    // It passes over items that are in use at that moment.
    const listed = async (): Promise<readonly string[]> => askMemcached(server.port, 'lru_crawler metadump all');
    const names = async (): Promise<unknown> => (await listed()).map((line) => line.split(' ')[0]);
    await expect.poll(names).toEqual(expect.arrayContaining(['key=a', 'key=b', 'END']));
    await expect(askMemcached(server.port, 'frobnicate')).rejects.toThrow(/^frobnicate: ERROR$/);
    await expect(askMemcached(server.port, 'set a')).rejects.toThrow(/^set a: ERROR$/);
    await expect(askMemcached(server.port, 'incr a 1')).rejects.toThrow(
      /^incr a 1: CLIENT_ERROR cannot increment or decrement non-numeric value$/,
    );
  });

  it('listens on a Unix socket, also after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'memo-socket-'));
    const path = join(folder, 'memcached.sock');
    await using server = await startMemcached({ path });
    await server.restart();
    const socket = connect(path);
    socket.write('version\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^VERSION /);
    socket.destroy();
    await rm(folder, { recursive: true });
  });

  it.skipIf(lacks('saslpasswd2'))('lets in who knows the password, also after a restart', async () => {
    await using server = await startMemcached({ sasl: { user: 'alice', password: 'open sesame' }, args: ['-m', '16'] });
    for (const round of ['first', 'restarted']) {
      const answers = [
        await statusOf(server.port, login('alice', 'open sesame')),
        await statusOf(server.port, login('alice', 'guessed')),
        await statusOf(server.port, login('bob', 'open sesame')),
        await statusOf(server.port, binaryRequest(noOperation)),
      ];
      expect(answers, round).toEqual([welcome, refused, refused, refused]);
      await server.restart();
    }
  });
});

const [welcome, refused] = [0x00, 0x20];
const [noOperation, startLogin] = [0x0a, 0x21];

function login(user: string, password: string): Buffer {
  return binaryRequest(startLogin, 'PLAIN', `\0${user}\0${password}`);
}

/** A request of Memcached's binary protocol. */
function binaryRequest(operation: number, key = '', value = ''): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(operation, 1);
  header.writeUInt16BE(key.length, 2);
  header.writeUInt32BE(key.length + value.length, 8);
  return Buffer.concat([header, Buffer.from(key + value)]);
}

/** Sends a request over a connection of its own and tells the status of the response. */
async function statusOf(port: number, request: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  const [response] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return response.readUInt16BE(6);
}

/** Another Node process that has started a Redis and waits. */
async function startStarter() {
  const source = fileURLToPath(new URL('../src/redis.ts', import.meta.url));
  const bundle = await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', write: false });
  const program = `${bundle.outputFiles[0]?.text ?? ''}
    const server = await startRedis();
    console.log(server.pid, server.port);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pidAndPort = once(starter.stdout, 'data').then(([data]) => String(data).split(' ').map(Number));
  return { pidAndPort, kill: () => starter.kill('SIGKILL') };
}
