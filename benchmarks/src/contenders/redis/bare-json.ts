import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** `getBuffer`, one command for each call, and `JSON.parse`: what the peers are measured against. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const client = new Redis({ host, port });
    const loadAndKeep = async (key: string, name: string): Promise<unknown> => {
      const value = await load(key);
      await client.set(name, JSON.stringify(value), 'PX', lifetime);
      return value;
    };
    const find = async (key: string): Promise<unknown> => {
      const name = `${namespace}:${key}`;
      const bytes = await client.getBuffer(name);
      return bytes === null ? loadAndKeep(key, name) : JSON.parse(bytes.toString());
    };
    return { find, close: async () => client.disconnect() };
  },
};
