import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { violations } from '../check-layers.mjs';

describe('the check of the layers', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'memo-layers-'));
    for (const name of ['core', 'serde', 'storage-redis', 'storage-memcached']) {
      write(`packages/${name}/package.json`, JSON.stringify({ dependencies: { msgpackr: '*' } }));
      write(`packages/${name}/src/index.ts`, '');
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const foundIn = (path: string, text: string): string[] => {
    write(path, text);
    return violations(folder);
  };
  const core = 'packages/core/src';

  it.each([
    [`${core}/entry/a.ts`, "import { b } from '../time/b.js'"],
    [`${core}/key/a.ts`, "import { b } from './b.js'"],
    [`${core}/engine/a.ts`, "import type { B } from '../storage/b.js'"],
    [`${core}/engine/a.ts`, "import type { B } from '../configuration/b.js'"],
    [`${core}/engine/a.ts`, "import { b } from '../loading/b.js'"],
    [`${core}/index.ts`, "export { b } from './memoize.js'; export * from './errors.js'"],
    ['packages/serde/src/a.ts', "import type { SerDe } from '@memo/core'; import 'msgpackr/x'; import 'node:zlib'"],
    ['packages/storage-redis/src/a.ts', "import { MemoError } from '@memo/core'; import '@memo/core/remote'"],
    [`${core}/remote/a.ts`, "import '../errors.js'; import '../time/b.js'; import './b.js'"],
    [`${core}/remote/a.ts`, "import type { B } from '../storage/b.js'"],
    [`${core}/testing/a.ts`, "import { b } from '../remote/b.js'"],
  ])('allows in %s: %s', (path, text) => {
    expect(foundIn(path, text)).toEqual([]);
  });

  it.each([
    [
      `${core}/time/a.ts`,
      "import { b } from '../entry/b.js'",
      "'../entry/b.js': imports go down only: time lies below entry",
    ],
    [
      `${core}/time/a.ts`,
      "import type { B } from '../entry/b.js'",
      "'../entry/b.js': imports go down only: time lies below entry",
    ],
    [
      `${core}/key/a.ts`,
      "export * from '../memoize.js'",
      "'../memoize.js': imports go down only: policies lies below doors",
    ],
    [
      `${core}/key/a.ts`,
      "type B = import('../storage/b.js').B",
      `'../storage/b.js': policies never import one another ("key" and "storage")`,
    ],
    [
      `${core}/engine/a.ts`,
      "import { type B } from '../storage/b.js'",
      `'../storage/b.js': the engine imports policies with "import type" only`,
    ],
    [
      `${core}/engine/a.ts`,
      "import { b } from '../configuration/b.js'",
      `'../configuration/b.js': the engine imports configuration with "import type" only`,
    ],
    [
      `${core}/memoize.ts`,
      "import { b } from './remote/b.js'",
      "'./remote/b.js': imports go down only: doors lies below remote",
    ],
    [
      `${core}/remote/a.ts`,
      "import { b } from '../storage/b.js'",
      "'../storage/b.js': remote imports only errors and time, and types of storage, entry and serde",
    ],
    [
      `${core}/remote/a.ts`,
      "import type { B } from '../key/b.js'",
      "'../key/b.js': remote imports only errors and time, and types of storage, entry and serde",
    ],
    [`${core}/engine/a.ts`, "void import('node:fs')", "'node:fs': core imports nothing of Node"],
    [`${core}/engine/a.ts`, "import 'msgpack'", "'msgpack': core declares no such dependency"],
    [
      `${core}/engine/a.ts`,
      "import '@memo/serde'",
      "'@memo/serde': of memo, core imports no other package, by public entry",
    ],
    [
      `${core}/stray/a.ts`,
      "import '../errors.js'",
      `'../errors.js': "stray" belongs to no layer: add it to the table in scripts/check-layers.mjs`,
    ],
    [
      'packages/serde/src/a.ts',
      "import { MemoError } from '@memo/core'",
      `'@memo/core': serde imports @memo/core with "import type" only`,
    ],
    [
      'packages/storage-redis/src/a.ts',
      "import '@memo/core/testing'",
      "'@memo/core/testing': of memo, storage-redis imports only @memo/core, @memo/core/remote and @memo/serde, by public entry",
    ],
    [
      'packages/storage-redis/src/a.ts',
      "import '../../core/src/errors.js'",
      "'../../core/src/errors.js': a relative import stays inside its package",
    ],
  ])('refuses in %s: %s', (path, text, sentence) => {
    expect(foundIn(path, text)).toEqual([`${path}: ${sentence}`]);
  });
});
