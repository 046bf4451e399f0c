import { MsgpackSerDe } from '@memo/serde';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';
import { memjsClient } from './memjs-client.js';

/** `get` of memjs, one for each call, and what memo makes of the bytes: entries in MessagePack. */
export const contender: SharedContender = {
  async open(load, server) {
    const client = memjsClient(server);
    const serde = new MsgpackSerDe();
    const loadAndKeep = async (key: string, name: string): Promise<unknown> => {
      const value = await load(key);
      const created = Date.now();
      const entry = { value, created, updateAfter: created + lifetime, expiresAfter: created + lifetime };
      await client.set(name, Buffer.from(serde.serialize(entry)), { expires: lifetime / 1000 });
      return value;
    };
    const find = async (key: string): Promise<unknown> => {
      const name = `${server.namespace}:${key}`;
      const { value } = await client.get(name);
      return value === null ? loadAndKeep(key, name) : serde.deserialize(value).value;
    };
    return { find, close: async () => client.close() };
  },
};
