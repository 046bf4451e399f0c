import type { Buffer } from 'node:buffer';
import type { MomentRange } from '@memo/core/remote';

/** The name of a key on the server: text, or bytes where it is no text. */
export type RedisKey = string | Buffer;

/** The commands that memo sends. */
export interface RedisCommands {
  time(): Promise<readonly (number | string)[]>;
  getBuffer(key: RedisKey): Promise<Buffer | null>;
  mgetBuffer(...keys: RedisKey[]): Promise<(Buffer | null)[]>;
  set(key: RedisKey, value: Buffer): Promise<unknown>;
  set(key: RedisKey, value: Buffer, unit: 'PX', milliseconds: number): Promise<unknown>;
  unlink(...keys: RedisKey[]): Promise<number>;
  publish(channel: string, message: Buffer): Promise<number>;
  evalsha(sha: string, keyCount: number, ...keysAndArguments: (RedisKey | number)[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: (RedisKey | number)[]): Promise<unknown>;
}

/** The commands whose answers come as bytes. Clients of ioredis have them, though its types do not say so. */
export interface BufferCommands {
  readonly evalshaBuffer: RedisCommands['evalsha'];
  readonly evalBuffer: RedisCommands['eval'];
}

/** One server as ioredis knows it: a client of its own, or a node of a cluster. */
export interface RedisServer extends RedisCommands {
  readonly options: {
    readonly keyPrefix?: string | undefined;
    readonly host?: string | undefined;
    readonly port?: number | undefined;
  };
  scanBuffer(
    cursor: string,
    match: 'MATCH',
    pattern: string,
    countToken: 'COUNT',
    count: number,
  ): Promise<[cursor: Buffer, keys: Buffer[]]>;
  /** The connection, once there is one. What is written to it while it is corked goes out together. */
  readonly stream?: { cork(): void; uncork(): void } | undefined;
  /** Without it nobody is woken: those who wait for a lease ask again from time to time. */
  duplicate?(options: SubscriberOptions): RedisSubscriber;
}

/** What is different with the connection on which those who wait for a lease are woken. */
export interface SubscriberOptions {
  readonly lazyConnect: boolean;
  readonly enableOfflineQueue: boolean;
  readonly autoResubscribe: boolean;
  readonly connectTimeout: number;
  readonly keepAlive: number;
  readonly retryStrategy: () => null;
}

/** A connection of its own on which a server sends what is published. */
export interface RedisSubscriber {
  readonly stream: { unref(): unknown };
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
  on(event: 'messageBuffer', listener: (channel: Buffer, message: Buffer) => void): unknown;
  on(event: 'connect' | 'error' | 'end', listener: () => void): unknown;
}

/** What tells that a client was closed for good. */
interface Closing {
  on(event: 'end', listener: () => void): unknown;
}

/** A client for one server, directly or through Sentinel: an instance of `Redis` of ioredis 5.11 or 6. */
export interface RedisStandaloneClient extends RedisServer, Closing {
  readonly isCluster: boolean;
  readonly status: string;
}

/** A client for a cluster: an instance of `Cluster` of ioredis 5.11 or 6. */
export interface RedisClusterClient extends RedisCommands, Closing {
  readonly isCluster: boolean;
  readonly status: string;
  readonly options: { readonly keyPrefix?: string | undefined };
  /** For every slot the addresses of its servers, the master first. */
  readonly slots: readonly (readonly string[])[];
  nodes(role: 'master'): RedisServer[];
  /** Asks the cluster anew who its servers are. */
  refreshSlotsCache(callback: (error?: Error | null) => void): void;
}

/** A client of ioredis, of which memo needs no more than is written here. */
export type RedisClient = RedisStandaloneClient | RedisClusterClient;

/** Whether the client is one for a cluster. */
export function isCluster(client: RedisClient): client is RedisClusterClient {
  return client.isCluster;
}

const neededMethods = [
  'time',
  'getBuffer',
  'mgetBuffer',
  'set',
  'unlink',
  'publish',
  'evalshaBuffer',
  'evalBuffer',
  'on',
];

/** Whether `value` has what memo needs of a client of ioredis. */
export function isRedisClient(value: unknown): value is RedisClient {
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return typeof members['status'] === 'string' && neededMethods.every((name) => typeof members[name] === 'function');
}

/** Whether the client can open a connection on which it hears what is published. */
export function canSubscribe(client: RedisClient): boolean {
  return isCluster(client) || client.duplicate !== undefined;
}

/** Whether the client was closed for good, by `quit()`, `disconnect()` or because it gave up connecting. */
export function isClosed(client: RedisClient): boolean {
  return client.status === 'end';
}

/** Whether `error` is what the server itself answered, so that it is there; `code` asks for one kind of answer. */
export function isReply(error: unknown, code = ''): error is Error {
  return error instanceof Error && error.name === 'ReplyError' && error.message.startsWith(code);
}

/** What the server's clock says, to the microsecond. TIME answers whole seconds and the microseconds of the next one. */
export async function timeOf(client: RedisClient): Promise<MomentRange> {
  const [seconds, microseconds] = await client.time();
  const moment = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
  return { earliest: moment, latest: moment };
}
