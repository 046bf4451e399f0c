import { systemClock, withinDeadline } from '@memo/core';
import { Client } from 'memjs';
import { MemcachedServer } from '../../src/client/memcached-server.js';

/** What the faults ask of a client, whichever it is. Values are text of ASCII. */
export interface KeyValueClient {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  close(): void;
}

/** How a client is made for a fault. */
export interface ClientPlan {
  readonly host: string;
  readonly port: number;
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

/** The client of this package, with the deadline that the storage gives it. */
export const ours: Connect = ({ timeout = usualTimeout, firstNumber = 1, ...address }) => {
  const server = new MemcachedServer(address, {
    clock: systemClock,
    requestPatience: timeout,
    firstOpaque: firstNumber,
  });
  const inTime = <R>(operation: string, attempt: () => Promise<R>): Promise<R> =>
    withinDeadline({ milliseconds: timeout, operation, clock: systemClock }, attempt);
  return {
    get: async (key) => (await inTime('get', () => server.get(key)))?.value.toString('latin1'),
    set: (key, value) => inTime('set', () => server.set(key, Buffer.from(value), { expires: 0 })),
    delete: (key) => inTime('delete', () => server.delete(key)),
    close: () => server.destroy(),
  };
};

/** The client of memjs as it is. */
export const bare: Connect = ({ host, port, timeout = usualTimeout, firstNumber = 1, tries = 1, ...credentials }) => {
  const client = Client.create(`${host}:${port}`, {
    ...credentials,
    timeout: timeout / 1_000,
    retries: tries,
    logger: { log: () => {} },
  });
  client.seq = firstNumber - 1;
  return {
    get: async (key) => (await client.get(key)).value?.toString('latin1'),
    set: (key, value) => client.set(key, value, {}),
    delete: (key) => client.delete(key),
    close: () => client.close(),
  };
};
