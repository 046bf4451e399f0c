import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5';
import type { RedisClusterClient, RedisStandaloneClient } from '../../src/index.js';

/** What tests do with a client beside handing it to a storage. */
interface Closable {
  connect(): Promise<void>;
  disconnect(): void;
  listenerCount(event: string): number;
  call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
}

export type StandaloneClient = RedisStandaloneClient & Closable;
export type ClusterClient = RedisClusterClient & Omit<Closable, 'call'>;

/** The options that tests use; both majors have them. */
export interface ClientOptions {
  readonly port?: number;
  readonly path?: string;
  readonly db?: number;
  readonly keyPrefix?: string;
  readonly sentinels?: { host: string; port: number }[];
  readonly name?: string;
  readonly username?: string;
  readonly password?: string;
  readonly maxRetriesPerRequest?: number | null;
  readonly enableOfflineQueue?: boolean;
  readonly lazyConnect?: boolean;
  readonly autoResendUnfulfilledCommands?: boolean;
}

/** A major version of ioredis. */
export interface Major {
  readonly name: string;
  standalone(options: ClientOptions): StandaloneClient;
  cluster(nodes: readonly { host: string; port: number }[], options?: { keyPrefix?: string }): ClusterClient;
}

/** Every fault of a connection is met by some operation; here nobody needs to hear of it. */
function quiet<T extends { on(event: 'error', listener: () => void): unknown }>(client: T): T {
  client.on('error', () => {});
  return client;
}

export const ioredis6: Major = {
  name: 'ioredis 6',
  standalone: (options) => quiet(new Redis6(options)),
  cluster: (nodes, options) => quiet(new Cluster6([...nodes], options)),
};

const ioredis5: Major = {
  name: 'ioredis 5',
  standalone: (options) => quiet(new Redis5(options)),
  cluster: (nodes, options) => quiet(new Cluster5([...nodes], options)),
};

export const majors = [ioredis5, ioredis6];
