import { Client } from 'memjs';
import { describe, expect, it } from 'vitest';
import { addressesOf } from '../src/servers.js';

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
    [undefined, `new MemcachedCacheStorage: expected ${expected}, got undefined.`],
    [{}, `new MemcachedCacheStorage: expected ${expected}, got an object of class Object.`],
    ['', `new MemcachedCacheStorage: expected ${expected}, got "".`],
    ['redis://localhost', `new MemcachedCacheStorage: expected ${expected}, got "redis://localhost".`],
    ['localhost:0', `new MemcachedCacheStorage: expected ${expected}, got "localhost:0".`],
    ['localhost:99999', `new MemcachedCacheStorage: expected ${expected}, got "localhost:99999".`],
    ['localhost/path', `new MemcachedCacheStorage: expected ${expected}, got "localhost/path".`],
    ['a b', `new MemcachedCacheStorage: expected ${expected}, got "a b".`],
    [[{ port: 11211 }], `new MemcachedCacheStorage: expected ${expected}, got an object of class Object.`],
    [[], `new MemcachedCacheStorage: expected ${expected}, got an object of class Array. There is no server in it.`],
    ['a:1,a:1', 'new MemcachedCacheStorage: expected each server once, got "a:1". It is named twice.'],
  ])('refuses %j', (given, message) => {
    expect(() => addressesOf(given as string)).toThrow(expect.objectContaining({ message, code: 'INVALID_CALL' }));
  });
});
