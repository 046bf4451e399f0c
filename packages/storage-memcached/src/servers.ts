import { InvalidCallError } from '@memo/core';
import { nameOf, type ServerAddress } from './client/server-address.js';

/**
 * A client of memjs, of which memo reads where the servers are and how to present itself there. Its connections are not
 * used: they can answer with the bytes of another entry.
 */
export interface MemjsClient {
  readonly servers: readonly {
    readonly host: string;
    readonly port: number | string;
    readonly username?: string | undefined;
    readonly password?: string | undefined;
  }[];
}

/**
 * Where the servers are: `'localhost:11211'`, several with commas between them or as a list, `'user:password@host:port'`
 * with what is not allowed in a URL percent-encoded, the path of a Unix socket, or addresses as objects.
 */
export type MemcachedServers = string | readonly (string | ServerAddress)[];

const call = 'new MemcachedCacheStorage';
const expected = `a client of memjs, servers such as 'localhost:11211', or a list of them`;
const usualPort = 11_211;

/**
 * The addresses of one or more servers, each of them once.
 *
 * @throws InvalidCallError
 */
export function addressesOf(connectable: MemjsClient | MemcachedServers): readonly ServerAddress[] {
  const addresses = listOf(connectable).map((given) => addressOf(given, connectable));
  if (addresses.length === 0) throw new InvalidCallError(call, expected, connectable, 'There is no server in it.');
  const names = addresses.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return addresses;
  throw new InvalidCallError(call, 'each server once', twice, 'It is named twice.');
}

function listOf(connectable: unknown): readonly unknown[] {
  if (typeof connectable === 'string') {
    return connectable.split(',').map((text) => text.trim());
  }
  if (Array.isArray(connectable)) return connectable;
  const { servers } = Object(connectable) as Partial<MemjsClient>;
  if (Array.isArray(servers)) return servers;
  throw new InvalidCallError(call, expected, connectable);
}

function addressOf(given: unknown, connectable: unknown): ServerAddress {
  const address = typeof given === 'string' ? addressOfText(given) : addressOfObject(given);
  if (address !== undefined) return address;
  throw new InvalidCallError(call, expected, given === undefined ? connectable : given);
}

function addressOfText(text: string): ServerAddress | undefined {
  if (text.startsWith('/')) return { path: text };
  try {
    const url = new URL(text.includes('://') ? text : `memcached://${text}`);
    const isPlain = ['', '/'].includes(url.pathname) && url.search === '' && url.hash === '';
    if (url.protocol !== 'memcached:' || !isPlain) return undefined;
    return addressOfObject({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? usualPort : url.port,
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
    });
  } catch {
    return undefined;
  }
}

function addressOfObject(given: unknown): ServerAddress | undefined {
  const { host, port = usualPort, path, username, password } = Object(given) as Readonly<Record<string, unknown>>;
  const credentials = credentialsOf(username, password);
  if (typeof path === 'string' && path !== '') return { path, ...credentials };
  const number = Number(port);
  if (typeof host !== 'string' || host === '' || !Number.isInteger(number)) return undefined;
  return number >= 1 && number <= 65_535 ? { host, port: number, ...credentials } : undefined;
}

/** Both or none: a server asks for both. */
function credentialsOf(username: unknown, password: unknown): { username?: string; password?: string } {
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') return {};
  return { username, password };
}
