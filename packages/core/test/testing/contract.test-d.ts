import assert from 'node:assert';
import * as nodeTest from 'node:test';
import { describe, expect, it, test } from 'vitest';
import type { CacheStorage, EvictionStrategy, Lock, SerDe } from '../../src/index.js';
import {
  cacheStorageContract,
  evictionContract,
  lockContract,
  serdeContract,
  type TestRunner,
} from '../../src/testing/index.js';

declare class MyStorage implements CacheStorage {
  readonly namespace: string;
  get: CacheStorage['get'];
  offer: CacheStorage['offer'];
  release: CacheStorage['release'];
}
declare const strategy: EvictionStrategy;
declare const serde: SerDe;
declare const lock: Lock;

test('the functions of vitest are a runner as they are', () => {
  cacheStorageContract({ describe, it, expect }, () => new MyStorage(), { resolution: '1 second' });
  evictionContract({ describe, it, expect }, () => strategy, { order: 'used' });
  serdeContract({ describe, it, expect }, async () => serde, { values: 'json' });
  lockContract({ describe, it, expect }, () => ({ first: lock, second: lock }));
});

test('those of node:test are, with an expect made of assertions', () => {
  const runner: TestRunner = {
    describe: nodeTest.describe,
    it: nodeTest.it,
    expect: (actual) => ({
      toBe: (expected) => assert.strictEqual(actual, expected),
      toStrictEqual: (expected) => assert.deepStrictEqual(actual, expected),
    }),
  };
  cacheStorageContract(runner, async () => ({ storage: new MyStorage(), close: () => undefined }));
});

test('traits get the storage that was created', () => {
  cacheStorageContract({ describe, it, expect }, () => new MyStorage(), {
    openNeighbour: ({ namespace }) => Object.assign(new MyStorage(), { namespace: `${namespace}-neighbour` }),
    corrupt: (storage, key) => assert.ok(storage.namespace + key),
  });
  // @ts-expect-error no such trait
  cacheStorageContract({ describe, it, expect }, () => new MyStorage(), { backend: 'redis' });
});
