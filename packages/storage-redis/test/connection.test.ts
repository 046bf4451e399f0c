import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StorageFailedError } from '@memo/core';
import { askRedis, lacks, startRedis, type Server } from '@memo/test-servers';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { acquire, held } from './support/asking.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server'))('a client of the storage’s own', () => {
  let server: Server;
  let socket: string;

  beforeAll(async () => {
    socket = join(mkdtempSync(join(tmpdir(), 'memo-socket-')), 'redis.sock');
    server = await startRedis({ args: ['--unixsocket', socket] });
  });

  afterAll(async () => {
    await server.stop();
    rmSync(join(socket, '..'), { recursive: true });
  });

  const connections = async (): Promise<number> =>
    String(await askRedis(server.port, 'CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n').length - 1;

  it('reaches a server by URL, by options and by a Unix socket', async () => {
    for (const address of [server.url, { host: server.host, port: server.port }, socket]) {
      await using storage = new RedisCacheStorage(address);
      await storage.offer('key', entryOf(address));
      expect((await storage.get('key'))?.value).toEqual(address);
    }
  });

  it('is closed with the storage, which can be closed twice, and does nothing after that', async () => {
    const before = await connections();
    const storage = new RedisCacheStorage(server.url);
    await storage.offer('key', entryOf('value'));
    expect(await connections()).toBe(before + 1);
    await storage[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
    await expect.poll(connections).toBe(before);
    const error = await failureOf(storage.get('key'));
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(error.message).toBe('The storage failed at get of key "key": Connection is closed.');
  });

  it('is closed within the deadline when the server is frozen', async () => {
    const frozen = await startRedis();
    const storage = new RedisCacheStorage(frozen.url, { deadline: 100 });
    await storage.offer('key', entryOf('value'));
    frozen.pause();
    const started = performance.now();
    await storage[Symbol.asyncDispose]();
    expect(performance.now() - started).toBeLessThan(400);
    await frozen.stop();
  });

  it('says once why the server cannot be reached, and finds it again', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const gone = await startRedis();
    await using storage = new RedisCacheStorage(gone.url, { deadline: 100 });
    await storage.offer('key', entryOf('value'));
    await gone.kill();
    for (let time = 0; time < 6; time++) await failureOf(storage.get('key'));
    await gone.restart();
    const works = (): Promise<unknown> => storage.offer('key', entryOf('value')).catch(() => undefined);
    await expect.poll(works, { timeout: 5_000 }).toBe('stored');
    expect(warned.mock.calls.filter(([, type]) => type === ('MemoWarning' as never))).toEqual([
      [
        `The Redis client of a storage cannot reach its server: connect ECONNREFUSED ${gone.host}:${gone.port}. It goes on trying.`,
        'MemoWarning',
      ],
    ]);
    warned.mockRestore();
    await gone.stop();
  });

  it.each(['there', 'gone', 'frozen'])('keeps no process alive when the server is %s', async (state) => {
    const other = await startRedis();
    if (state === 'gone') await other.kill();
    if (state === 'frozen') other.pause();
    const { code, output, took } = await runProgram(`
      const storage = new RedisCacheStorage('${other.url}', { deadline: 200 });
      const found = await storage.get('never offered').then(() => 'answered', (error) => error.code);
      console.log(found);
    `);
    expect([code, output]).toEqual([0, state === 'there' ? 'answered\n' : 'STORAGE_FAILED\n']);
    expect(took).toBeLessThan(3_000);
    await other.stop();
  });

  it.each(['at once', 'once it listens', 'when its server is gone'])(
    'keeps no process alive that waits for a lease, %s',
    async (when) => {
      const other = await startRedis();
      const { code, output, took } = await runProgram(`
      const storage = new RedisCacheStorage('${other.url}', { deadline: '2 seconds' });
      const request = { seen: undefined, time: 60_000 };
      await storage.lease('key', { ...request, holder: 'a'.repeat(20) });
      const wait = async () => (await storage.lease('key', { ...request, holder: 'b'.repeat(20) })).watch;
      const watch = await wait();
      if ('${when}' !== 'at once') {
        await watch.changed;
        await wait();
      }
      if ('${when}' === 'when its server is gone') process.kill(${other.pid!}, 'SIGKILL');
      console.log('waits');
    `);
      expect([code, output]).toEqual([0, 'waits\n']);
      expect(took).toBeLessThan(3_000);
      await other.stop();
    },
  );

  it('is closed with the connection on which it listens', async () => {
    const listeners = async (): Promise<number> =>
      String(await askRedis(server.port, 'CLIENT', 'LIST', 'TYPE', 'pubsub'))
        .split('\n')
        .filter(Boolean).length;
    {
      await using storage = new RedisCacheStorage(server.url, { deadline: '2 seconds' });
      await acquire(storage, 'closed');
      await (
        await held(storage, 'closed')
      ).watch?.changed;
      expect(await listeners()).toBe(1);
    }
    await expect.poll(listeners).toBe(0);
  });
});

/** Runs a program in a process of its own until it ends by itself. */
async function runProgram(body: string): Promise<{ code: unknown; output: string; took: number }> {
  const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const bundle = await build({
    stdin: { contents: `import { RedisCacheStorage } from '${source}';\n${body}`, resolveDir: import.meta.dirname },
    conditions: ['@memo/source'],
    external: ['ioredis'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const started = performance.now();
  const child = spawn(process.execPath, ['--input-type=module'], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(bundle.outputFiles[0]?.text);
  const stop = setTimeout(() => child.kill(), 10_000);
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  const [code] = (await once(child, 'close')) as [unknown];
  clearTimeout(stop);
  return { code, output, took: performance.now() - started };
}
