import { InvalidCallError, InvalidOptionError } from '@memo/core';
import { lacks, startRedis } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { ioredis6, majors } from './support/clients.js';

describe('the options of RedisCacheStorage', () => {
  // Never connects, since nothing is asked of it.
  const client = ioredis6.standalone({ lazyConnect: true });
  const create = (...args: unknown[]): unknown => Reflect.construct(RedisCacheStorage, args);
  const errorOf = (...args: unknown[]): Error => {
    try {
      create(...args);
    } catch (error) {
      if (error instanceof Error) return error;
    }
    throw new Error('It did not fail');
  };

  it.each([
    [{ serde: {} }, 'serde', 'a SerDe with serialize, deserialize, got an object of class Object.'],
    [{ serde: null }, 'serde', 'a SerDe with serialize, deserialize, got null.'],
    [{ namespace: '' }, 'namespace', 'a text of well-formed Unicode that is not empty, got "".'],
    [{ namespace: 7 }, 'namespace', 'a text of well-formed Unicode that is not empty, got 7.'],
    [{ namespace: '\ud800' }, 'namespace', String.raw`a text of well-formed Unicode that is not empty, got "\ud800".`],
    [{ deadline: 0 }, 'deadline', 'longer than 0 and finite, got 0.'],
    [{ deadline: Infinity }, 'deadline', 'longer than 0 and finite, got Infinity.'],
    [{ maxEntryBytes: 0 }, 'maxEntryBytes', 'a number of bytes, 1 or more, got 0.'],
    [{ maxEntryBytes: NaN }, 'maxEntryBytes', 'a number of bytes, 1 or more, got NaN.'],
    [{ clock: { now: Date.now } }, 'clock', 'a Clock with now, setTimer, got an object of class Object.'],
    [
      { namspace: 'app' },
      'namspace',
      'left out, since there is no such option, got "app". ' + `Did you mean 'namespace'?`,
    ],
  ])('%j is refused', (options, option, message) => {
    const error = errorOf(client, options);
    expect(InvalidOptionError.isInstance(error)).toBe(true);
    expect(error.message).toBe(`new RedisCacheStorage: option '${option}' should be ${message}`);
  });

  it.each([
    [NaN, 'got NaN.'],
    [-1, 'got -1. A length of time cannot be negative.'],
    ['500', `got "500". A number in text says no unit: write '500 seconds' or '500 ms'.`],
  ])('deadline %j is refused', (deadline, got) => {
    const error = errorOf(client, { deadline });
    expect(InvalidOptionError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      `new RedisCacheStorage: option 'deadline' should be a duration such as '10 minutes', '1h30m', 'PT5M', ` +
        `{ minutes: 5 } or a number of milliseconds, ${got}`,
    );
  });

  it('that are left out, or undefined, have their defaults', () => {
    expect(create(client)).toMatchObject({ shared: true, deadline: 500 });
    expect(create(client, { serde: undefined, namespace: undefined, deadline: undefined })).toMatchObject({
      deadline: 500,
    });
    expect(create(client, { deadline: '2 seconds' })).toMatchObject({ deadline: 2_000 });
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [6379, '6379'],
    ['localhost', '"localhost"'],
    ['http://localhost', '"http://localhost"'],
    [new Map(), 'an object of class Map'],
    [() => client, 'an anonymous function'],
  ])('%j instead of a client is refused', (received, described) => {
    const error = errorOf(received);
    expect(InvalidCallError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      `new RedisCacheStorage: expected a client of ioredis, a URL such as 'redis://localhost:6379' or connection ` +
        `options, got ${described}.`,
    );
  });

  it.each([
    [
      { serde: {}, namespace: 'app' },
      'serde',
      'Options of the storage come after the client: new RedisCacheStorage(client, { serde }).',
    ],
    [{ url: 'redis://elsewhere' }, 'url', `Give the URL itself: new RedisCacheStorage('redis://…').`],
  ])('%j instead of connection options is refused', (received, option, advice) => {
    const error = errorOf(received);
    expect(InvalidCallError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      `new RedisCacheStorage: expected connection options of ioredis, without '${option}', got an object of class Object. ${advice}`,
    );
  });

  it.skipIf(lacks('redis-server')).each(majors)('a client of $name that is closed is refused', async (major) => {
    await using server = await startRedis();
    const closed = major.standalone({ port: server.port });
    await closed.call('QUIT');
    closed.disconnect();
    await expect.poll(() => closed.status).toBe('end');
    const error = errorOf(closed);
    expect(InvalidCallError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      'new RedisCacheStorage: expected a client that is open, by its status, got "end". ' +
        'It was closed by quit() or disconnect(), or gave up connecting: hand over one that is open.',
    );
  });
});
