import { inspect } from 'node:util';
import { Client } from 'memjs';
import { describe, expect, it } from 'vitest';
import { addressesOf } from '../src/servers.js';

const expectedAddress = 'a server as { host, port, username, password } or { path, username, password }';
const expected = `a client of memjs, servers such as 'localhost:11211', or a list of them`;

describe('addressesOf', () => {
  it.each<[unknown, unknown]>([
    ['localhost', [{ host: 'localhost', port: 11211 }]],
    ['localhost:11212', [{ host: 'localhost', port: 11212 }]],
    ['memcached://cache_1:1', [{ host: 'cache_1', port: 1 }]],
    [
      '10.0.0.1:11211, 10.0.0.2',
      [
        { host: '10.0.0.1', port: 11211 },
        { host: '10.0.0.2', port: 11211 },
      ],
    ],
    ['[::1]:11211', [{ host: '::1', port: 11211 }]],
    ['alice:p%40ss@cache', [{ host: 'cache', port: 11211, username: 'alice', password: 'p@ss' }]],
    ['/run/memcached.sock', [{ path: '/run/memcached.sock' }]],
    [[{ path: '/my run/memcached.sock' }], [{ path: '/my run/memcached.sock' }]],
    [
      ['a:1', { host: 'b', port: 2 }, { path: '/c' }],
      [{ host: 'a', port: 1 }, { host: 'b', port: 2 }, { path: '/c' }],
    ],
    [[{ host: 'a', username: 'u', password: 'p' }], [{ host: 'a', port: 11211, username: 'u', password: 'p' }]],
    [
      Client.create('u:p@a:1,b', { username: 'v', password: 'q' }),
      [
        { host: 'a', port: 1, username: 'u', password: 'p' },
        { host: 'b', port: 11211, username: 'v', password: 'q' },
      ],
    ],
  ])('reads %j', (given, addresses) => {
    expect(addressesOf(given as string)).toStrictEqual(addresses);
  });

  it.each<[unknown, string]>([
    [undefined, `${expected}, got undefined.`],
    [{}, `${expected}, got an object of class Object.`],
    ['', `${expected}, got "".`],
    ['redis://localhost', `${expected}, got "redis://localhost".`],
    ['localhost:0', `${expected}, got "localhost:0".`],
    ['localhost:99999', `${expected}, got "localhost:99999".`],
    ['localhost/path', `${expected}, got "localhost/path".`],
    ['a b', `${expected}, got "a b".`],
    [['a\n'], `${expected}, got "a\\n".`],
    ['alice:s3cret@a:99999', `${expected}, got "***@a:99999".`],
    ['alice:%zz@a', `${expected}, got "***@a".`],
    [
      'alice@a',
      'username and password, both as text, got "a username and no password". One without the other lets nobody in.',
    ],
    [[], `${expected}, got an object of class Array. There is no server in it.`],
    ['a:1,a:1', 'each server once, got "a:1". It is named twice.'],
    [[7], `${expectedAddress}, got 7.`],
    [[{ port: 11211 }], `${expectedAddress}, got an object of class Object.`],
    [[{ host: 'a', port: '11211' }], `${expectedAddress}, got an object of class Object.`],
    [[{ host: ' ' }], `${expectedAddress}, got an object of class Object.`],
    [[{ host: 'a', path: '/b' }], `${expectedAddress}, got an object of class Object.`],
    [[{ host: 'a', tls: true }], `${expectedAddress}, got an object of class Object. There is no property 'tls'.`],
    [
      [{ host: 'a', username: 'u', password: undefined }],
      'username and password, both as text, got "a username and no password". One without the other lets nobody in.',
    ],
    [
      [{ host: 'a', username: 5, password: 6 }],
      'username and password, both as text, got "a username and a password". One without the other lets nobody in.',
    ],
    [{ servers: [{ host: 'a', port: 0 }] }, 'a client of memjs whose servers have a host and a port, got "a:0".'],
  ])('refuses %j', (given, message) => {
    expect(() => addressesOf(given as string)).toThrow(
      expect.objectContaining({ code: 'INVALID_CALL', message: `new MemcachedCacheStorage: expected ${message}` }),
    );
  });

  it.each<unknown>([
    'alice:s3cret@a:99999',
    'alice:s3c,s3cret@a',
    [['alice:s3cret@a:1']],
    [{ host: 'a', port: 0, username: 'u', password: 's3cret' }],
    [{ host: 'a', username: 'u', password: 's3cret', tls: true }],
  ])('never shows a password: %#', (given) => {
    const error = thrownBy(() => addressesOf(given as string));
    expect(inspect(error, { depth: 10 })).not.toMatch(/s3c/);
    expect(error).toMatchObject({ code: 'INVALID_CALL' });
  });
});

function thrownBy(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}
