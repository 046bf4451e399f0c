import { once } from 'node:events';
import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { EncodingSerDe, JsonSerDe } from '@memo/storage-redis';
import { askMemcached, askRedis, lacks, startMemcached, startRedis } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { runProgram, startProgram } from './run-program.js';

const demo = 'demo/demo.js';
const short = ['--batches', '6', '--seconds', '1'];

const servers = [
  {
    title: 'Redis',
    program: 'redis-server',
    args: [],
    variable: 'REDIS_URL',
    start: startRedis,
    countIn: (port: number) => askRedis(port, 'DBSIZE'),
  },
  {
    title: 'Memcached',
    program: 'memcached',
    args: ['--storage', 'memcached'],
    variable: 'MEMCACHED_URL',
    start: startMemcached,
    countIn: validIn,
  },
];

/** How many entries in Memcached still count. Those that were cleared stay until their lifetime is over. */
async function validIn(port: number): Promise<number> {
  const lines = await askMemcached(port, 'lru_crawler metadump all');
  const names = lines.flatMap((line) => /^key=(\S+)/.exec(line)?.slice(1) ?? []).map(decodeURIComponent);
  const entries = await Promise.all(names.map((name) => entryNamed(name, port)));
  return entries.filter((entry) => entry !== undefined).length;
}

async function entryNamed(name: string, port: number): Promise<unknown> {
  const [namespace = '', ...key] = name.split(':');
  if (key.length === 0) return undefined;
  const serde = new EncodingSerDe(new JsonSerDe(), 'gzip');
  await using storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, { namespace, serde });
  return await storage.get(key.join(':'));
}

describe('the demo', () => {
  it('shows both experiments, in memory where that is asked for', async () => {
    const { code, output, errors } = await runProgram(demo, [...short, '--storage', 'memory']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^ {2}without a cache +30 +30 +/m);
    expect(output).toMatch(/^ {4}predicted +30 +2$/m);
    expect(output).toContain(
      'Storage: memory, as asked for. Each process has a cache of its own and loads for itself.',
    );
    expect(output).toContain('after process 1 alone had deleted it from its cache: 2 1 1 1.');
    expect(output).toMatch(/^Done in \d+\.\d s\.$/m);
  });

  describe.each(servers)('with $title', ({ program, args, variable, start, countIn }) => {
    it.skipIf(lacks(program))(`shares one cache through the one at ${variable}, and leaves nothing there`, async () => {
      await using server = await start();
      const { code, output, errors } = await runProgram(demo, [...short, ...args], { [variable]: server.url });
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(new RegExp(`Storage: the (Redis|Memcached) at ${variable}\\.`));
      expect(output).toMatch(/^ {4}process 4( +[\d,.]+){2} +\d+\.\d %/m);
      expect(output).toContain('The revisions that the processes read: 1 1 1 1;');
      expect(output).toContain('after process 1 alone had deleted it from its cache: 2 2 2 2.');
      expect(await countIn(server.port)).toBe(0);
    });

    it.skipIf(lacks(program))('ends its processes and takes its keys away when it is interrupted', async () => {
      await using server = await start();
      const { process: child, ended } = startProgram(demo, ['--batches', '1', '--seconds', '12', ...args], {
        [variable]: server.url,
      });
      // One is there for a moment when the demo tries whether the server takes anything.
      await expect.poll(() => countIn(server.port), { timeout: 20_000 }).toBeGreaterThan(1);
      child.kill('SIGINT');
      await once(child, 'exit');
      // Its output is closed only when no process of it is left that could write.
      const { code, errors } = await ended;
      expect({ code, errors }).toEqual({ code: 130, errors: '\nInterrupted.\n' });
      expect(await countIn(server.port)).toBe(0);
    });

    it.skipIf(lacks(program))('starts one of its own where none can be used', async () => {
      const { code, output, errors } = await runProgram(demo, [...short, ...args], { [variable]: '127.0.0.1:1' });
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      // On a computer of its own there may be a server at the usual port.
      expect(output).toMatch(/Storage: (a \w+ of its own on port \d+ \(none to be used at |the \w+ at 127\.0\.0\.1:)/);
      expect(output).toContain('after process 1 alone had deleted it from its cache: 2 2 2 2.');
    });
  });

  it('explains itself', async () => {
    const { code, output } = await runProgram(demo, ['--help']);
    expect(code).toBe(0);
    expect(output).toContain('--storage <name>');
  });

  it.each([
    [['--storage', 'disk'], '--storage disk: expected redis, memcached or memory\n'],
    [['--seconds', '0'], '--seconds 0: expected a whole number from 1 to 9999\n'],
    [['--batches', 'many'], '--batches many: expected a whole number from 1 to 9999\n'],
    [['--colour'], "Unknown option '--colour'"],
  ])('refuses %j', async (args, message) => {
    const { code, output, errors } = await runProgram(demo, args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors.startsWith(message)).toBe(true);
    expect(errors).toContain('npm run demo -- [options]');
  });
});
