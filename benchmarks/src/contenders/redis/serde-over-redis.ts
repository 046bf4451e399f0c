import type { SerDe } from '@memo/core';
import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** `getBuffer`, `set` and a SerDe by hand, with no envelope around the bytes: what memo is measured against. */
export function serdeOverRedis(createSerde: () => SerDe): SharedContender {
  return {
    async open(load, { host, port, namespace }) {
      const client = new Redis({ host, port });
      const serde = createSerde();
      const loadAndKeep = async (key: string, name: string): Promise<unknown> => {
        const value = await load(key);
        const created = Date.now();
        const entry = { value, created, updateAfter: created + lifetime, expiresAfter: created + lifetime };
        await client.set(name, Buffer.from(await serde.serialize(entry)), 'PX', lifetime);
        return value;
      };
      const find = async (key: string): Promise<unknown> => {
        const name = `${namespace}:${key}`;
        const bytes = await client.getBuffer(name);
        if (bytes === null) return loadAndKeep(key, name);
        return (await serde.deserialize(bytes)).value;
      };
      return { find, close: async () => client.disconnect() };
    },
  };
}
