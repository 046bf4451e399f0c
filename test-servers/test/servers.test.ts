import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { askRedis, lacks, startMemcached, startRedis, startRedisCluster, startRedisSentinel } from '../src/index.js';

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

  it('is watched by a Sentinel that makes the replica the master', { timeout: 30_000 }, async () => {
    const fleet = await startRedisSentinel();
    const [master, replica] = fleet.servers;
    expect(await fleet.masterPort()).toBe(master.port);
    await fleet.failover();
    expect(await fleet.masterPort()).toBe(replica.port);
    await fleet.stop();
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
});

/** Another Node process that has started a Redis and waits. */
async function startStarter() {
  const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));
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
