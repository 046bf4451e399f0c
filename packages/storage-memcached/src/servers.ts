import { InvalidCallError } from '@memo/core';
import { nameOf, type Credentials, type ServerAddress } from './client/server-address.js';

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
 * with commas and what is not allowed in a URL percent-encoded, the path of a Unix socket, or addresses as objects.
 */
export type MemcachedServers = string | readonly (string | ServerAddress)[];

const call = 'new MemcachedCacheStorage';
const expected = `a client of memjs, servers such as 'localhost:11211', or a list of them`;
const expectedAddress = `a server as { host, port, username, password } or { path, username, password }`;
const usualPort = 11_211;

/**
 * The addresses of one or more servers, each of them once.
 *
 * @throws InvalidCallError
 */
export function addressesOf(connectable: MemjsClient | MemcachedServers): readonly ServerAddress[] {
  const addresses = listed(connectable);
  if (addresses.length === 0) throw refusal(expected, connectable, 'There is no server in it.');
  const names = addresses.map(nameOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return addresses;
  throw refusal('each server once', twice, 'It is named twice.');
}

function listed(connectable: unknown): readonly ServerAddress[] {
  if (typeof connectable === 'string') {
    return connectable.split(',').map((text) => addressOfText(text.trim(), connectable));
  }
  if (Array.isArray(connectable)) {
    return connectable.map((each: unknown) =>
      typeof each === 'string' ? addressOfText(each, each) : addressOfObject(each),
    );
  }
  const { servers } = Object(connectable) as Partial<MemjsClient>;
  if (Array.isArray(servers)) return (servers as MemjsClient['servers']).map(addressOfMemjs);
  throw refusal(expected, connectable);
}

/** @param whole - what was written, of which `text` may be a part. */
function addressOfText(text: string, whole: string): ServerAddress {
  if (text.startsWith('/')) return { path: text };
  const url = urlOf(text);
  const isPlain = url !== undefined && ['', '/'].includes(url.pathname) && url.search === '' && url.hash === '';
  if (!isPlain || url.protocol !== 'memcached:' || url.hostname === '' || /[^!-~]/.test(text) || url.port === '0') {
    throw refusal(expected, whole);
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? usualPort : Number(url.port),
    ...credentialsOf(url.username === '' && url.password === '' ? {} : decoded(url)),
  };
}

function urlOf(text: string): URL | undefined {
  try {
    const url = new URL(text.includes('://') ? text : `memcached://${text}`);
    decoded(url);
    return url;
  } catch {
    return undefined;
  }
}

function decoded({ username, password }: URL): Credentials {
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** A text may hold a password, which belongs into no message. */
function withoutCredentials(text: string): string {
  return text.replace(/^.*@/s, '***@');
}

function addressOfObject(given: unknown): ServerAddress {
  const { host, port = usualPort, path, username, password, ...others } = Object(given) as Partial<Address>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refusal(expectedAddress, given, `There is no property '${unknown}'.`);
  const credentials = credentialsOf({ username, password });
  if (typeof path === 'string' && path.startsWith('/') && host === undefined) return { path, ...credentials };
  if (isText(host) && path === undefined && isPort(port)) return { host, port, ...credentials };
  throw refusal(expectedAddress, given);
}

interface Address {
  readonly host: unknown;
  readonly port: unknown;
  readonly path: unknown;
  readonly username: unknown;
  readonly password: unknown;
}

/** memjs leaves out what it was not told, and has the port as text where it was told so. */
function addressOfMemjs({ host, port, username, password }: MemjsClient['servers'][number]): ServerAddress {
  if (isText(host) && isPort(Number(port))) {
    return { host, port: Number(port), ...(username && password ? { username, password } : {}) };
  }
  throw refusal('a client of memjs whose servers have a host and a port', `${host}:${port}`);
}

function credentialsOf({ username, password }: Partial<Address>): Credentials {
  if (username === undefined && password === undefined) return {};
  if (typeof username === 'string' && username && typeof password === 'string' && password)
    return { username, password };
  const received = `${username ? 'a' : 'no'} username and ${password ? 'a' : 'no'} password`;
  throw refusal('username and password, both as text', received, 'One without the other lets nobody in.');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^[!-~]+$/.test(value);
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/** Errors are printed with what they carry, so no password is left in it. */
function refusal(what: string, received: unknown, advice?: string): InvalidCallError {
  return new InvalidCallError(call, what, withoutSecrets(received), advice);
}

function withoutSecrets(received: unknown): unknown {
  if (typeof received === 'string') return withoutCredentials(received);
  if (Array.isArray(received)) return received.map(withoutSecrets);
  if (typeof received === 'object' && received !== null && 'password' in received)
    return { ...received, password: '***' };
  return received;
}
