import { lacks, runProgram, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Outcome } from '../../serde/test/support/call-once.js';
import { expectMissesThatNameBoth, mixedFormats } from '../../serde/test/support/mixed-formats.js';

describe.skipIf(lacks('redis-server'))('processes with different SerDes that share a Redis', () => {
  let server: Server;
  const program = new URL('processes/call-once.ts', import.meta.url);

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server.stop());

  it.each(mixedFormats)('miss what the other wrote, %s and %s, and an event names both', async (...formats) => {
    await expectMissesThatNameBoth(formats, async (format, key) => {
      return (await runProgram(program, { REDIS_URL: server.url, FORMAT: format, KEY: key })) as Outcome;
    });
  });
});
