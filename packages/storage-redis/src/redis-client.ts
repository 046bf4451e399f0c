import type { Buffer } from 'node:buffer';
import type { MomentRange } from '@memo/core/remote';

/** The name of a key on the server: text, or bytes where it is no text. */
export type RedisKey = string | Buffer;

/** The commands that memo sends. */
export interface RedisCommands {
  time(): Promise<readonly (number | string)[]>;
  getBuffer(key: RedisKey): Promise<Buffer | null>;
  set(key: RedisKey, value: Buffer): Promise<unknown>;
  set(key: RedisKey, value: Buffer, unit: 'PX', milliseconds: number): Promise<unknown>;
  unlink(...keys: RedisKey[]): Promise<number>;
  getrangeBuffer(key: RedisKey, start: number, end: number): Promise<Buffer>;
  evalsha(sha: string, keyCount: number, ...keysAndArguments: (RedisKey | number)[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: (RedisKey | number)[]): Promise<unknown>;
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
}

/** A client for one server, directly or through Sentinel: an instance of `Redis` of ioredis 5.11 or 6. */
export interface RedisStandaloneClient extends RedisServer {
  readonly isCluster: boolean;
  readonly status: string;
}

/** A client for a cluster: an instance of `Cluster` of ioredis 5.11 or 6. */
export interface RedisClusterClient extends RedisCommands {
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

const neededMethods = ['time', 'getBuffer', 'set', 'getrangeBuffer', 'unlink', 'evalsha', 'eval'];

/** Whether `value` has what memo needs of a client of ioredis. */
export function isRedisClient(value: unknown): value is RedisClient {
  if (typeof value !== 'object' || value === null) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return typeof members['status'] === 'string' && neededMethods.every((name) => typeof members[name] === 'function');
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
