import { createRequire } from 'node:module';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { lifetime } from '../contender.js';
import { readThroughKeyv } from '../read-through-keyv.js';
import type { SharedContender } from '../shared-contender.js';

/** What is used of the adapter, whose own types need those of memjs. */
type KeyvMemcache = new (
  server: string,
  options: object,
) => KeyvStoreAdapter & {
  readonly client: { close(): void };
};

const require = createRequire(import.meta.url);
const { KeyvMemcache } = require('@keyv/memcache') as { readonly KeyvMemcache: KeyvMemcache };

/** `get`, and `set` after a load, over its adapter, which uses memjs. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const store = new KeyvMemcache(`${host}:${port}`, { timeout: 10, retries: 1 });
    const cache = new Keyv({ store, namespace, ttl: lifetime });
    return { find: readThroughKeyv(cache, load), close: async () => store.client.close() };
  },
};
