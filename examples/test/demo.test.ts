import { once } from 'node:events';
import { askRedis, lacks, startRedis } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { runProgram, startProgram } from './run-program.js';

const demo = 'demo/demo.js';
const short = ['--batches', '6', '--seconds', '1'];

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

  it.skipIf(lacks('redis-server'))(
    'shares one cache through the Redis at REDIS_URL, and leaves nothing there',
    async () => {
      await using redis = await startRedis();
      const { code, output, errors } = await runProgram(demo, short, { REDIS_URL: redis.url });
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toContain('Storage: the Redis at REDIS_URL.');
      expect(output).toMatch(/^ {4}process 4( +[\d,.]+){2} +\d+\.\d %/m);
      expect(output).toContain('The revisions that the processes read: 1 1 1 1;');
      expect(output).toContain('after process 1 alone had deleted it from its cache: 2 2 2 2.');
      expect(await askRedis(redis.port, 'DBSIZE')).toBe(0);
    },
  );

  it.skipIf(lacks('redis-server'))('ends its processes and takes its keys away when it is interrupted', async () => {
    await using redis = await startRedis();
    const { process: child, ended } = startProgram(demo, ['--batches', '1', '--seconds', '60'], {
      REDIS_URL: redis.url,
    });
    for await (const data of child.stdout ?? []) if (String(data).includes('with memo')) break;
    child.kill('SIGINT');
    await once(child, 'exit');
    // Its output is closed only when no process of it is left that could write.
    const { code, errors } = await ended;
    expect({ code, errors }).toEqual({ code: 130, errors: '\nInterrupted.\n' });
    expect(await askRedis(redis.port, 'DBSIZE')).toBe(0);
  });

  it('explains itself', async () => {
    const { code, output } = await runProgram(demo, ['--help']);
    expect(code).toBe(0);
    expect(output).toContain('--storage redis|memory');
  });

  it.each([
    [['--storage', 'memcached'], '--storage memcached: memo has no Memcached storage yet; write redis or memory\n'],
    [['--storage', 'disk'], '--storage disk: expected redis or memory\n'],
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
