import { memoize, type CacheEvent } from '@memo/core';
import { open, seal } from '@memo/serde';
import { askMemcached, lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../../serde/test/fuzz/dialects.js';
import { Dice } from '../../serde/test/fuzz/dice.js';
import { mutatedEnvelope } from '../../serde/test/fuzz/envelope-mutation.js';
import { plantedFunction, plantedPlains, requireMisses } from '../../serde/test/fuzz/planted-bytes.js';
import { MemcachedCacheStorage } from '../src/index.js';
import { SafeKeys } from '../src/safe-key.js';

const seed = 1;
const count = 300;

describe.skipIf(lacks('memcached'))('hostile bytes in Memcached', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterAll(() => server.stop());

  async function read(name: string): Promise<Uint8Array> {
    const [, value = ''] = await askMemcached(server.port, `get ${name}`);
    return Buffer.from(value, 'latin1');
  }

  async function plant(name: string, bytes: Uint8Array): Promise<void> {
    const value = Buffer.from(bytes).toString('latin1');
    expect(await askMemcached(server.port, `set ${name} 0 0 ${value.length}`, value)).toEqual(['STORED']);
  }

  it.each(plantedPlains)(`are a miss and an event, or a sound value, for $name: seed ${seed}`, async (plain) => {
    await using storage = new MemcachedCacheStorage(server.url, { serde: plain.serde, namespace: plain.name });
    const key = `${plantedFunction}:a`;
    const name = new SafeKeys(plain.name).nameOf(key);
    const planted = { storage, key, read: () => read(name), plant: (bytes: Uint8Array) => plant(name, bytes) };
    const { unreadable, hits } = await requireMisses(plain, planted, { seed, count });
    expect(unreadable).toBeGreaterThan(count / 3);
    expect(hits).toBeGreaterThan(0);
  });

  describe('in the place of the generation', () => {
    const name = new SafeKeys('memo').generationName;

    let loads = 0;
    const load = async (): Promise<number> => ++loads;

    /** What failed while the bytes stood there, and while all was cleared then. */
    async function failuresWith(bytes: Uint8Array): Promise<readonly CacheEvent[]> {
      await using storage = new MemcachedCacheStorage(server.url);
      const events: CacheEvent[] = [];
      const cached = memoize(load, { name: 'f', storage, onEvent: (event) => void events.push(event) });
      await cached();
      await plant(name, bytes);
      const value = await cached();
      expect(await cached()).toBe(value);
      await cached.clear();
      expect(await cached()).toBe(loads);
      expect(loads).toBeGreaterThan(value);
      return events.filter(({ type }) => type.endsWith('failed'));
    }

    it(`cost a miss: seed ${seed}`, async () => {
      await failuresWith(new Uint8Array());
      const original = new Uint8Array(await read(name));
      for (let index = 0; index < count; index++) {
        const bytes = mutatedEnvelope(original, new Dice(seed, index), json, [original]);
        expect([index, await failuresWith(bytes)]).toEqual([index, []]);
      }
    });

    it.each(['null', '[]', '{}', '5', 'no JSON', '{"id":5,"sequence":0,"cleared":[]}', '{"id":"00","cleared":5}'])(
      'cost a miss although their checksums are right: %s',
      async (payload) => {
        await failuresWith(new Uint8Array());
        const frame = open(await read(name));
        expect(await failuresWith(seal({ ...frame, payload: new TextEncoder().encode(payload) }))).toEqual([]);
      },
    );
  });
});
