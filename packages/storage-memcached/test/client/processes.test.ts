import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { lacks, startMemcached } from '@memo/test-servers';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

describe.skipIf(lacks('memcached'))('a client keeps no process alive', () => {
  it.each(['there', 'gone', 'frozen'])('when the server is %s', async (state) => {
    await using server = await startMemcached();
    if (state === 'gone') await server.kill();
    if (state === 'frozen') server.pause();
    const { code, output, left } = await runProgram(`
      const client = new MemcachedServer(
        { host: '${server.host}', port: ${server.port} },
        { clock: systemClock, requestPatience: 500 },
      );
      const deadline = { milliseconds: 500, operation: 'get', clock: systemClock };
      const found = await withinDeadline(deadline, () => client.get('a')).then(() => 'answered', ({ code }) => code);
      report(found);
    `);
    const expected = { there: 'answered', gone: 'CONNECTION_LOST', frozen: 'STORAGE_TIMEOUT' }[state];
    expect([code, output]).toEqual([0, expected]);
    expect(left).toBeLessThan(1_000);
  });

  it('not even when it could not get rid of what it had to send, once the limit of silence is over', async () => {
    await using server = await startMemcached();
    server.pause();
    const { code, output, left } = await runProgram(`
      const client = new MemcachedServer(
        { host: '${server.host}', port: ${server.port} },
        { clock: systemClock, requestPatience: 500 },
      );
      const deadline = { milliseconds: 500, operation: 'set', clock: systemClock };
      const set = () => client.set('a', new Uint8Array(50_000_000), { expires: 0 });
      report(await withinDeadline(deadline, set).then(() => 'stored', ({ code }) => code));
    `);
    expect([code, output]).toEqual([0, 'STORAGE_TIMEOUT']);
    expect(left).toBeLessThan(4_000);
  });
});

/** How a program ended that ran in a process of its own. */
interface Ending {
  readonly code: unknown;
  /** What it reported. */
  readonly output: string;
  /** Milliseconds from its report to its end. */
  readonly left: number;
}

async function runProgram(body: string): Promise<Ending> {
  const client = fileURLToPath(new URL('../../src/client/memcached-server.ts', import.meta.url));
  const head = [
    `import { MemcachedServer } from '${client}';`,
    `import { systemClock, withinDeadline } from '@memo/core';`,
    `const report = (text) => process.stdout.write(text);`,
  ];
  const bundle = await build({
    stdin: { contents: [...head, body].join('\n'), resolveDir: import.meta.dirname },
    conditions: ['@memo/source'],
    external: ['memjs'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const child = spawn(process.execPath, ['--input-type=module'], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(bundle.outputFiles[0]?.text);
  const stop = setTimeout(() => child.kill(), 10_000);
  let output = '';
  let reported = NaN;
  child.stdout.on('data', (data) => {
    output += String(data);
    reported = performance.now();
  });
  const [code] = (await once(child, 'close')) as [unknown];
  clearTimeout(stop);
  return { code, output, left: performance.now() - reported };
}
