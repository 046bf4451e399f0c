import { storageOver, type CacheStorage } from '@memo/core';
import { cacheStorageContract } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { EncodingSerDe, JsonSerDe, MsgpackSerDe } from '../src/index.js';

/** Keeps text, as a column of a database does. */
class TextStore {
  readonly kept: Map<string, string>;

  constructor(kept = new Map<string, string>()) {
    this.kept = kept;
  }

  async get(key: string): Promise<string | null> {
    return this.kept.get(key) ?? null;
  }

  async set(key: string, text: unknown): Promise<void> {
    if (typeof text !== 'string') throw new TypeError('This store keeps text.');
    this.kept.set(key, text);
  }

  async delete(key: string): Promise<boolean> {
    return this.kept.delete(key);
  }

  async keys(): Promise<string[]> {
    return [...this.kept.keys()];
  }
}

describe.each([
  { name: 'JsonSerDe', create: () => new JsonSerDe(), values: 'json' },
  { name: 'MsgpackSerDe', create: () => new MsgpackSerDe(), values: 'structured' },
  { name: 'EncodingSerDe', create: () => new EncodingSerDe(new MsgpackSerDe(), 'gzip'), values: 'structured' },
] as const)('storageOver a store of text, with $name', ({ create, values }) => {
  const stores = new WeakMap<CacheStorage, TextStore>();
  const open = (kept?: Map<string, string>): CacheStorage => {
    const store = new TextStore(kept);
    const storage = storageOver(store, { serde: create() });
    stores.set(storage, store);
    return storage;
  };

  cacheStorageContract({ describe, it, expect }, () => open(), {
    values,
    openAnother: (storage) => open(stores.get(storage)!.kept),
    corrupt: (storage, key) => {
      const { kept } = stores.get(storage)!;
      kept.set(key, kept.get(key)?.replace(/"(text|base64)":"[^"]*/, '"$1":"AAAA') ?? 'no record');
    },
  });
});

it('keeps JSON readable in a store of text', async () => {
  const store = new TextStore();
  const entry = { value: { name: 'Ada' }, created: 0, updateAfter: Infinity, expiresAfter: Infinity };
  await storageOver(store, { serde: new JsonSerDe() }).offer('user:1', entry);
  expect(store.kept.get('user:1')).toContain('{\\"name\\":\\"Ada\\"}');
});
