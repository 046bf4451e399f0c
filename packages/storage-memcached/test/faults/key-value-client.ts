import { systemClock, withinDeadline } from '@memo/core';
import { Client } from 'memjs';
import { MemcachedServer } from '../../src/client/memcached-server.js';
import { MemcachedCacheStorage } from '../../src/memcached-cache-storage.js';

/** What the faults ask of a client, whichever it is. Values are text of ASCII. */
export interface KeyValueClient {
  get(key: string): Promise<string | undefined>;
  /** @param lifetime - milliseconds; for ever if left out. @returns `'declined'` if it was not done. */
  set(key: string, value: string, lifetime?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  close(): void;
}

/** How a client is made for a fault. */
interface ClientPlan {
  /** One server, or several that share the keys. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  /** How long an operation may take, in milliseconds. @defaultValue 200 */
  readonly timeout?: number;
  /** The number of the first request. @defaultValue 1 */
  readonly firstNumber?: number;
  /** How often memjs tries an operation. It is told not to repeat any unless a fault is about that. @defaultValue 1 */
  readonly tries?: number;
}

export type Connect = (plan: ClientPlan) => KeyValueClient;

const usualTimeout = 200;

/** The client of this package for one server, with the deadline that the storage gives it. */
export const client: Connect = ({ servers, timeout = usualTimeout, firstNumber = 1, ...credentials }) => {
  const { host, port } = servers[0]!;
  const server = new MemcachedServer(
    { host, port, ...credentials },
    {
      clock: systemClock,
      requestPatience: timeout,
      firstOpaque: firstNumber,
    },
  );
  const inTime = <R>(operation: string, attempt: () => Promise<R>): Promise<R> =>
    withinDeadline({ milliseconds: timeout, operation, clock: systemClock }, attempt);
  return {
    get: async (key) => (await inTime('get', () => server.get(key)))?.value.toString('latin1'),
    set: (key, value) => inTime('set', () => server.set(key, Buffer.from(value), { expires: 0 })),
    delete: (key) => inTime('delete', () => server.delete(key)),
    close: () => server.destroy(),
  };
};

/** The storage of this package, whose first write asks more than once; none of its faults is about time. */
export const storage: Connect = ({ servers, timeout = 2_000 }) => {
  const kept = new MemcachedCacheStorage(servers, { deadline: timeout });
  return {
    get: async (key) => (await kept.get(key))?.value as string | undefined,
    set: (key, value, lifetime = Infinity) => {
      const created = kept.now();
      return kept.offer(key, { value, created, updateAfter: Infinity, expiresAfter: created + lifetime });
    },
    delete: (key) => kept.invalidate(key),
    close: () => void kept[Symbol.asyncDispose](),
  };
};

/** The client of memjs as it is. */
export const bare: Connect = ({ servers, timeout = usualTimeout, firstNumber = 1, tries = 1, ...credentials }) => {
  const client = Client.create(servers.map(({ host, port }) => `${host}:${port}`).join(','), {
    ...credentials,
    timeout: timeout / 1_000,
    retries: tries,
    logger: { log: () => {} },
  });
  client.seq = firstNumber - 1;
  return {
    get: async (key) => (await client.get(key)).value?.toString('latin1'),
    set: (key, value, lifetime) => client.set(key, value, lifetime === undefined ? {} : { expires: lifetime / 1_000 }),
    delete: (key) => client.delete(key),
    close: () => client.close(),
  };
};
