import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memoizer, storageOver, type CacheStorage } from '@memo/core';
import { cacheStorageContract } from '@memo/core/testing';
import { Keyv } from 'keyv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SqliteStore } from '../src/keyv/sqlite-store.js';
import { runProgram } from './run-program.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'memo-keyv-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Keyv over a file of SQLite, opened by itself as another process would. */
class OpenedFile {
  readonly path: string;
  readonly file: SqliteStore;
  readonly storage: CacheStorage;

  constructor(path: string, namespace = 'memo') {
    this.path = path;
    this.file = new SqliteStore(path);
    this.storage = storageOver(new Keyv({ store: this.file, throwOnErrors: true, namespace }));
  }
}

function newPath(): string {
  return join(folder, `${randomUUID()}.sqlite`);
}

describe('Keyv over a file of SQLite as a storage', () => {
  const opened: OpenedFile[] = [];
  const open = (path: string, namespace?: string): OpenedFile => {
    const file = new OpenedFile(path, namespace);
    opened.push(file);
    return file;
  };
  const fileOf = (storage: CacheStorage): OpenedFile => opened.find((file) => file.storage === storage)!;
  afterEach(() => {
    for (const { file } of opened.splice(0)) file[Symbol.dispose]();
  });

  cacheStorageContract({ describe, it, expect }, () => open(newPath()).storage, {
    values: 'json',
    resolution: 1,
    openAnother: (storage) => open(fileOf(storage).path).storage,
    openNeighbour: (storage) => open(fileOf(storage).path, 'neighbour').storage,
    corrupt: (storage, key) => fileOf(storage).file.set(`memo:${key}`, '{"value":{"memo":2}}'),
  });
});

describe('a Memoizer over it', () => {
  let path: string;
  beforeEach(() => void (path = newPath()));

  it('finds after a restart what there was before it: values, lifetimes, etags', async () => {
    {
      const { storage, file } = new OpenedFile(path);
      using _closed = file;
      const memo = new Memoizer(storage, { namespace: 'pages', expireAfter: '1 hour', jitter: 0 });
      await memo.set('home', { title: 'Home' }, { etag: 'r1' });
      await memo.set('news', null);
      await memo.set('gone', 'gone');
      await memo.expire('news', null);
      await memo.delete('gone');
    }
    const { storage, file } = new OpenedFile(path);
    using _closed = file;
    const memo = new Memoizer(storage, { namespace: 'pages' });
    const found = await memo.getMany(['home', 'news', 'gone']);
    expect([...found]).toEqual([
      ['home', { title: 'Home' }],
      ['news', null],
    ]);
    expect([await memo.etag('home'), await memo.ttl('news')]).toEqual(['r1', Infinity]);
    const left = (await memo.ttl('home')) ?? 0;
    expect(left > 3_500_000 && left <= 3_600_000).toBe(true);
    await memo.clear();
    expect(await memo.exists('home')).toBe(false);
  });

  it('keeps what JSON would change out of the file, and answers with it', async () => {
    const { storage, file } = new OpenedFile(path);
    using _closed = file;
    const refused: string[] = [];
    const memo = new Memoizer(storage, {
      namespace: 'pages',
      onEvent: (event) => event.type === 'declined' && refused.push(String(event.error?.message)),
    });
    expect(await memo.get('now', () => new Date(0))).toEqual(new Date(0));
    expect(await memo.exists('now')).toBe(false);
    expect(refused).toEqual([
      `The value for key "pages/:now" cannot be stored: value is an object of class Date, which JSON may change. ` +
        `Give storageOver a 'serde', or say values: 'any' if the store brings back every value as it was.`,
    ]);
  });

  it('says so when the file cannot be deleted from', async () => {
    const { storage, file } = new OpenedFile(path);
    const memo = new Memoizer(storage, { namespace: 'pages', onEvent: () => {} });
    await memo.set('key', 1);
    file[Symbol.dispose]();
    await expect(memo.delete('key')).rejects.toThrow(
      'The storage failed at invalidate of key "pages/:key": Database already closed',
    );
    expect(await memo.get('key', () => 2)).toBe(2);
  });
});

describe('what somebody else has written into the file', () => {
  it('is a miss that is told of, and replaced', async () => {
    const { storage, file } = new OpenedFile(newPath());
    using _closed = file;
    const unreadable: string[] = [];
    const memo = new Memoizer(storage, {
      namespace: 'pages',
      onEvent: (event) => event.type === 'unreadable' && unreadable.push(event.error.message.slice(0, 80)),
    });
    file.set('memo:pages/:text', 'no JSON');
    file.set('memo:pages/:value', '{"value":"of another program"}');
    for (const key of ['text', 'value', 'text', 'value']) expect(await memo.get(key, () => key)).toBe(key);
    expect(unreadable).toEqual([
      'What is stored under key "pages/:text" cannot be read: the store says: Unexpecte',
      'What is stored under key "pages/:value" cannot be read: it is "of another progra',
    ]);
  });
});

describe('keyv-sqlite.js', () => {
  it('finds in a second process what a first has loaded', async () => {
    const environment = { CACHE_FILE: newPath() };
    const first = await runProgram('keyv-sqlite.js', [], environment);
    const second = await runProgram('keyv-sqlite.js', [], environment);
    expect([first.code, first.errors, second.code, second.errors]).toEqual([0, '', 0, '']);
    expect(first.output).toBe('loaded by this process\n');
    expect(second.output).toMatch(/^loaded by process \d+\n$/);
  });
});
