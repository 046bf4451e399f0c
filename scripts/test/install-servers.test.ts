import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const programs = ['redis-server', 'memcached', 'saslpasswd2', 'gzip', 'bzip2', 'brotli', 'zstd', 'python3'];

/** A machine on which nothing is installed but what a test puts into one folder. */
describe.skipIf(process.platform !== 'linux')('installing servers', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'memo-install-'));
    for (const path of ['/bin/sh', '/usr/bin/env', '/bin/cat', '/bin/chmod'])
      symlinkSync(path, join(folder, path.replace(/.*\//, '')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (name: string, ...lines: readonly string[]): void => {
    writeFileSync(join(folder, name), ['#!/bin/sh', ...lines, ''].join('\n'));
    chmodSync(join(folder, name), 0o755);
  };
  const install = async (): Promise<{ printed: string[]; missing: string[] }> => {
    const script = `
      import { installServers } from '${new URL('../install-servers.mjs', import.meta.url).href}';
      const missing = await installServers();
      console.log('missing ' + JSON.stringify(missing));`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: folder } });
    const lines = stdout.trim().split('\n');
    return { printed: lines.slice(0, -1), missing: JSON.parse((lines.at(-1) ?? '').slice(8)) as string[] };
  };

  it('does nothing when everything is there', async () => {
    for (const name of programs) program(name);
    expect(await install()).toEqual({ printed: [], missing: [] });
  });

  it('asks apt-get for what is missing, and says so first', async () => {
    for (const name of programs.filter((name) => name !== 'memcached' && name !== 'bzip2')) program(name);
    program('sudo', 'shift', 'exec "$@"');
    program(
      'apt-get',
      `echo "$RUNLEVEL $@" >> ${folder}/calls`,
      `[ "$1" = install ] && for name in memcached bzip2; do cat ${folder}/apt-get > ${folder}/$name; done`,
      `chmod +x ${folder}/memcached ${folder}/bzip2`,
    );
    const { printed, missing } = await install();
    expect(missing).toEqual([]);
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe(
      '1 update -qq\n1 install -y -qq --no-install-recommends memcached bzip2\n',
    );
    expect(printed[0]).toMatch(/^\$ (sudo -n )?env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get update -qq$/);
  });

  it('says what to install, what is skipped and why, where nothing may be installed', async () => {
    for (const name of programs.filter((name) => name !== 'memcached')) program(name);
    expect(await install()).toEqual({
      printed: [],
      missing: [
        '"memcached" is missing (there is no apt-get and no brew here): the tests of @memo/storage-memcached are skipped; install it by: sudo apt-get install memcached',
      ],
    });
  });
});
