import { readFileSync } from 'node:fs';
import { lacks, startMemcached, startRedis } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.js';

describe('the examples', () => {
  it('hello.js greets each name once', async () => {
    const { code, output, errors } = await runProgram('hello.js');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.match(/Hello, Ada! \(greeting number 1\)/g)).toHaveLength(2);
    expect(output.match(/Hello, Grace! \(greeting number 2\)/g)).toHaveLength(3);
  });

  it('invalidation.js loads anew after the invalidation only', async () => {
    const { code, output, errors } = await runProgram('invalidation.js');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.trim().split('\n')).toEqual([
      '3 pen: 3 euros',
      '3 pen: 3 euros <- still what is remembered',
      '4 pen: 4 euros <- loaded anew',
    ]);
  });

  it('granular-lifetimes.js keeps each answer as long as its header says, and a tenth longer', async () => {
    const { code, output, errors } = await runProgram('granular-lifetimes.js');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.trim().split('\n')).toEqual([
      'the page /news is kept for 66 seconds',
      'the page /imprint is kept for 3960 seconds',
    ]);
  });

  it('methods.js searches once for each object, and again after a delete', async () => {
    const { code, output, errors } = await runProgram('methods.js');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.trimEnd().split('\n')).toEqual([
      '  ... searching the shelves of Paris',
      '"Momo" stands in Paris',
      '"Momo" stands in Paris (remembered)',
      '  ... searching the shelves of Prague',
      '"Momo" stands in Prague',
      '  ... searching the shelves of Paris',
      '"Momo" stands in Paris (after the delete)',
    ]);
  });

  it('events.js hears of every event that cacheInfo counts', async () => {
    const { code, output, errors } = await runProgram('events.js');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const heard = (type: string): number => output.match(new RegExp(`square: ${type} of`, 'g'))?.length ?? 0;
    expect([heard('hit'), heard('miss'), heard('join'), heard('load-started'), heard('evicted')]).toEqual([
      1, 4, 1, 4, 1,
    ]);
    expect(output).toContain('{ hits: 1, misses: 4, joins: 1, loads: 4, evictions: 1 }');
    expect(output).toContain('square: load-failed of');
  });

  it.skipIf(lacks('redis-server'))('shared-redis.js finds in a second process what a first has loaded', async () => {
    await using redis = await startRedis();
    const first = await runProgram('shared-redis.js', [], { REDIS_URL: redis.url });
    const second = await runProgram('shared-redis.js', [], { REDIS_URL: redis.url });
    expect([first.code, first.errors, second.code, second.errors]).toEqual([0, '', 0, '']);
    expect(first.output).toBe('loaded by this process\n');
    expect(second.output).toMatch(/^loaded by process \d+\n$/);
  });

  describe.each([
    { program: 'moving/redis.js', server: 'redis-server', start: startRedis },
    { program: 'moving/memcached.js', server: 'memcached', start: startMemcached },
  ])('$program', ({ program, server, start }) => {
    it.skipIf(lacks(server))('finds in a second process what a first has loaded', async () => {
      await using running = await start();
      const first = await runProgram(program, [], { CACHE_URL: running.url });
      const second = await runProgram(program, [], { CACHE_URL: running.url });
      expect([first.code, first.errors, second.code, second.errors]).toEqual([0, '', 0, '']);
      expect(first.output).toBe('loaded by this process\n');
      expect(second.output).toMatch(/^loaded by process \d+\n$/);
    });
  });

  it('moving/redis.ts and moving/memcached.ts differ in one line', () => {
    const [before, after] = ['redis', 'memcached'].map((name) =>
      readFileSync(new URL(`../src/moving/${name}.ts`, import.meta.url), 'utf8').split('\n'),
    );
    expect(after).toHaveLength(before!.length);
    const differing = after!.filter((line, index) => line !== before![index]);
    expect(differing).toEqual([
      "import { MemcachedCacheStorage as SharedStorage } from '@memo/storage-memcached'; // <- the one line",
    ]);
  });
});
