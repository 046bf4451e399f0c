import process from 'node:process';
import { InvalidCallError } from '@memo/core';
import { Redis } from 'ioredis';
import { isClosed, isRedisClient, type RedisClient, type RedisStandaloneClient } from './redis-client.js';

/** Options of `new Redis(…)` of ioredis, `host`, `port` and `sentinels` among them. */
export type RedisConnectionOptions = Readonly<Record<string, unknown>>;

/** A client for this storage alone, which closes it. */
export interface OwnClient extends RedisStandaloneClient {
  quit(): Promise<unknown>;
  disconnect(): void;
}

const call = 'new RedisCacheStorage';
const expected = `a client of ioredis, a URL such as 'redis://localhost:6379' or connection options`;

/** How a storage reaches its servers. */
export interface Connection {
  readonly client: RedisClient;
  /** The client again, if it was opened for this storage alone. */
  readonly own?: OwnClient;
}

/**
 * The connection through a client that was given, or through a new one to the address that was given.
 *
 * @throws InvalidCallError when it is neither, or a client that is closed.
 */
export function connect(connectable: unknown): Connection {
  if (isRedisClient(connectable)) return { client: openOnly(connectable) };
  if (!isAddress(connectable)) throw new InvalidCallError(call, expected, connectable);
  refuseForeignOptions(connectable);
  const own = openClient(connectable);
  return { client: own, own };
}

function openOnly(client: RedisClient): RedisClient {
  if (!isClosed(client)) return client;
  const advice = 'It was closed by quit() or disconnect(), or gave up connecting: hand over one that is open.';
  throw new InvalidCallError(call, 'a client that is open, by its status', client.status, advice);
}

/** Whether `value` is a URL, the path of a Unix socket, or an object of options. */
function isAddress(value: unknown): value is string | RedisConnectionOptions {
  return typeof value === 'string' ? /^(?:rediss?:\/)?\//.test(value) : isPlainObject(value);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What is no option of ioredis would be ignored, and a server on this machine taken instead of the one that is meant. */
function refuseForeignOptions(options: string | RedisConnectionOptions): void {
  if (typeof options === 'string') return;
  const advice = {
    url: `Give the URL itself: new RedisCacheStorage('redis://…').`,
    serde: `Options of the storage come after the client: new RedisCacheStorage(client, { serde }).`,
    namespace: `Options of the storage come after the client: new RedisCacheStorage(client, { namespace }).`,
  };
  for (const [option, what] of Object.entries(advice)) {
    if (option in options)
      throw new InvalidCallError(call, `connection options of ioredis, without '${option}'`, options, what);
  }
}

/** So that a command that cannot be sent fails, and a connection that went silent is replaced. */
const defaults = { maxRetriesPerRequest: 1, connectTimeout: 2_000, socketTimeout: 2_000 };

/** Opens a client that keeps no process alive. */
function openClient(address: string | RedisConnectionOptions): OwnClient {
  const client = typeof address === 'string' ? new Redis(address, defaults) : new Redis({ ...defaults, ...address });
  // Operations tell that they failed, but not why the server cannot be reached: that only the client knows.
  client.once('error', warn);
  client.on('error', () => {});
  client.on('connect', () => client.stream.unref());
  client.on('reconnecting', () => unrefReconnection(client));
  return client;
}

/** Said once for each client, so that a server that stays away does not fill a log. */
function warn({ message }: Error): void {
  process.emitWarning(
    `The Redis client of a storage cannot reach its server: ${message}. It goes on trying.`,
    'MemoWarning',
  );
}

/** ioredis has no public way to its timer. */
function unrefReconnection(client: object): void {
  (client as { readonly reconnectTimeout?: { unref(): void } | null }).reconnectTimeout?.unref();
}
