import { lacks, runProgram, startMemcached } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import type { Leaving } from './processes/leave-open.js';

const program = new URL('processes/leave-open.ts', import.meta.url);

describe.skipIf(lacks('memcached'))('a process that leaves its storage open ends by itself, at once', () => {
  it.each([
    ['is there', ''],
    ['is frozen meanwhile', 'SIGSTOP'],
    ['is killed meanwhile', 'SIGKILL'],
  ])('when its server %s', async (_state, signal) => {
    await using server = await startMemcached();
    const environment = { MEMCACHED_URL: server.url, SERVER_PID: String(server.pid), SIGNAL: signal };
    expect(await endOf(environment)).toBeLessThan(1_500);
  });

  it.each(['gone', 'frozen'] as const)('when its server was %s from the beginning', async (fault) => {
    await using server = await startMemcached();
    if (fault === 'gone') await server.kill();
    else server.pause();
    expect(await endOf({ MEMCACHED_URL: server.url })).toBeLessThan(1_500);
  });
});

/** How long the process lived after it was done, in milliseconds; rejects if it ends badly. */
async function endOf(environment: NodeJS.ProcessEnv): Promise<number> {
  const { values, done } = (await runProgram(program, environment)) as Leaving;
  expect(values).toEqual(['fresh a', 'stale a', 'fresh a', 'stale a']);
  return Date.now() - done;
}
