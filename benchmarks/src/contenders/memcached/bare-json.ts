import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';
import { memjsClient } from './memjs-client.js';

/** `get` of memjs, one for each call, and `JSON.parse`: what the peers are measured against. */
export const contender: SharedContender = {
  async open(load, server) {
    const client = memjsClient(server);
    const loadAndKeep = async (key: string, name: string): Promise<unknown> => {
      const value = await load(key);
      await client.set(name, JSON.stringify(value), { expires: lifetime / 1000 });
      return value;
    };
    const find = async (key: string): Promise<unknown> => {
      const name = `${server.namespace}:${key}`;
      const { value } = await client.get(name);
      return value === null ? loadAndKeep(key, name) : JSON.parse(value.toString());
    };
    return { find, close: async () => client.close() };
  },
};
