import { memoize, StorageDownError, StorageFailedError, StorageTimeoutError } from '@memo/core';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionLostError } from '../src/errors.js';
import { MemcachedCacheStorage } from '../src/index.js';
import { SafeKeys } from '../src/safe-key.js';
import { ServerChoice } from '../src/server-choice.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { grace } from './support/failures.js';

const deadline = 400;
const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);

describe.skipIf(lacks('memcached'))('faults of one of three servers', () => {
  let servers: readonly Server[];
  /** The one that meets the faults. */
  let ill: Server;
  let storage: MemcachedCacheStorage;
  const opened: MemcachedCacheStorage[] = [];

  beforeEach(async () => {
    servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()]);
    ill = servers[1]!;
    storage = open();
    await offerAll();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  const open = (): MemcachedCacheStorage => {
    const one = new MemcachedCacheStorage(servers.map(({ url }) => url).join(), { deadline });
    opened.push(one);
    return one;
  };
  const offerAll = () => {
    const offers = () => Promise.all(keys.map((key) => storage.offer(key, entryOf(key)).catch(() => 'failed')));
    return expect.poll(offers, { timeout: 5_000 }).toEqual(keys.map(() => 'stored'));
  };
  const portOf = (key: string): number => {
    const choice = new ServerChoice(servers.map(({ host, port }) => ({ name: `${host}:${port}`, port })));
    return choice.serverOf(new SafeKeys('memo').nameOf(key)).port;
  };
  const isOfTheIll = (key: string): boolean => portOf(key) === ill.port;
  const keyOfTheIll = (): string => keys.find(isOfTheIll)!;
  const keyOfTheOthers = (): string => keys.find((key) => !isOfTheIll(key))!;

  /** What became of reading each key: its value, `undefined`, or the class of the error's cause. */
  const readAll = async (): Promise<readonly unknown[]> =>
    Promise.all(
      keys.map((key) =>
        storage.get(key).then(
          (entry) => entry?.value,
          (error: StorageFailedError) => (error.cause as Error).constructor,
        ),
      ),
    );
  /** The same, read at once. */
  const readMany = async (): Promise<readonly unknown[]> =>
    (await storage.getMany(keys)).map((found) =>
      found instanceof Error ? (found.cause as Error).constructor : found?.value,
    );
  const those = (ofTheIll: unknown) => keys.map((key) => (isOfTheIll(key) ? ofTheIll : key));

  /** The class of some error. */
  const suffering: unknown = expect.toSatisfy((outcome: unknown) => typeof outcome === 'function');

  const strike = {
    frozen: async () => ill.pause(),
    dead: () => ill.kill(),
  };
  const heal = {
    frozen: async () => ill.resume(),
    dead: () => ill.restart(),
  };

  it.each(['frozen', 'dead'] as const)('only the keys of the one that is %s suffer', async (fault) => {
    await strike[fault]();
    // What is asked of a server in one turn is one failure of it.
    for (let failures = 1; failures <= 5; failures++) expect(await readAll()).toEqual(those(suffering));
    // Its breaker is open by now; that of the others is not.
    const started = performance.now();
    expect(await readAll()).toEqual(those(StorageDownError));
    expect(performance.now() - started).toBeLessThan(deadline);
    await heal[fault]();
    const afterwards = fault === 'frozen' ? keys : those(undefined);
    await expect.poll(readAll, { timeout: 3_000 }).toEqual(afterwards);
    await offerAll();
    expect(await readAll()).toEqual(keys);
  });

  it.each(['frozen', 'dead'] as const)(
    'of many read at once only the keys of the one that is %s fail',
    async (fault) => {
      expect(await readMany()).toEqual(keys);
      await strike[fault]();
      const begun = performance.now();
      expect(await readMany()).toEqual(those(fault === 'frozen' ? StorageTimeoutError : ConnectionLostError));
      expect(performance.now() - begun).toBeLessThan(deadline + grace);
      for (let failures = 2; failures <= 5; failures++) expect(await readMany()).toEqual(those(suffering));
      // Its breaker is open by now; that of the others is not.
      const started = performance.now();
      expect(await readMany()).toEqual(those(StorageDownError));
      expect(performance.now() - started).toBeLessThan(deadline);
      await heal[fault]();
      await expect.poll(readMany, { timeout: 3_000 }).toEqual(fault === 'frozen' ? keys : those(undefined));
    },
  );

  it('a failure says of each key of many that it is this one', async () => {
    await ill.kill();
    const found = await storage.getMany([keyOfTheOthers(), keyOfTheIll(), keyOfTheIll()]);
    expect(found[0]).toMatchObject({ value: keyOfTheOthers() });
    for (const error of found.slice(1) as Error[]) {
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect(error.message).toBe(
        `The storage failed at getMany of key "${keyOfTheIll()}": ${(error.cause as Error).message}`,
      );
    }
  });

  it('those of the one that was started anew are misses', async () => {
    await ill.restart();
    await expect.poll(readAll, { timeout: 3_000 }).toEqual(those(undefined));
    await offerAll();
    expect(await readAll()).toEqual(keys);
  });

  it.each(['frozen', 'dead'] as const)('a clear says what was not done while one is %s', async (fault) => {
    await strike[fault]();
    const started = performance.now();
    const error = await failureOf(storage.clear(''));
    expect(performance.now() - started).toBeLessThan(deadline + grace);
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(error.message).toBe(`The storage failed at clear: ${(error.cause as Error).message}`);
    // The others are cleared all the same.
    for (const outcome of await readAll()) expect(keys).not.toContain(outcome);
    await heal[fault]();
    const again = (): Promise<string> =>
      storage.clear('').then(
        () => 'cleared',
        () => 'failed',
      );
    await expect.poll(again, { timeout: 3_000 }).toBe('cleared');
    expect(await readAll()).toEqual(keys.map(() => undefined));
  });

  it.each(['frozen', 'dead'] as const)('a delete says what was not done while one is %s', async (fault) => {
    await strike[fault]();
    expect(StorageFailedError.isInstance(await failureOf(storage.invalidate(keyOfTheIll())))).toBe(true);
    expect(await storage.invalidate(keyOfTheOthers())).toBeGreaterThan(Date.now());
    await heal[fault]();
    const again = (): Promise<string> =>
      storage.invalidate(keyOfTheIll()).then(
        () => 'deleted',
        () => 'failed',
      );
    await expect.poll(again, { timeout: 3_000 }).toBe('deleted');
    expect(await storage.get(keyOfTheIll())).toBeUndefined();
  });

  it('a cached function says what was not done, and completes it when asked again', async () => {
    const functionOf = (reader: string) =>
      memoize(async (id: string) => `${id} by ${reader}`, {
        ...{ name: 'load', storage: open(), expireAfter: '1 hour', onEvent: () => {} },
      });
    const [here, elsewhere] = [functionOf('here'), functionOf('elsewhere')];
    const ids = Array.from({ length: 40 }, (_, index) => `id ${index}`);
    const callAll = (one: (id: string) => Promise<string>) => Promise.all(ids.map((id) => one(id)));
    const by = (reader: string) => ids.map((id) => `${id} by ${reader}`);
    expect(await callAll(here)).toEqual(by('here'));
    expect(await callAll(elsewhere)).toEqual(by('here'));
    ill.pause();
    expect(StorageFailedError.isInstance(await failureOf(here.clear()))).toBe(true);
    ill.resume();
    const again = (): Promise<string> =>
      here.clear().then(
        () => 'cleared',
        () => 'failed',
      );
    await expect.poll(again, { timeout: 3_000 }).toBe('cleared');
    expect(await callAll(elsewhere)).toEqual(by('elsewhere'));
    expect(await callAll(here)).toEqual(by('elsewhere'));
  });

  it('the time of the servers stays known while one of them is frozen', async () => {
    for (const server of servers) {
      server.pause();
      expect(Math.abs(storage.now() - Date.now())).toBeLessThan(2_000);
      await Promise.allSettled(keys.map((key) => storage.get(key)));
      expect(Math.abs(storage.now() - Date.now())).toBeLessThan(2_000);
      server.resume();
    }
  });

  it('times out on the frozen one only', async () => {
    ill.pause();
    const error = await failureOf(storage.get(keyOfTheIll()));
    expect(StorageTimeoutError.isInstance(error.cause)).toBe(true);
    const started = performance.now();
    expect((await storage.get(keyOfTheOthers()))?.value).toBe(keyOfTheOthers());
    expect(performance.now() - started).toBeLessThan(deadline);
  });
});
