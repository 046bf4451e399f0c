import { createRequire } from 'node:module';
import { memoize, type CacheEntry, type SerDe } from '@memo/core';
import { EncodingSerDe, JsonSerDe, MemcachedCacheStorage, MsgpackSerDe } from '@memo/storage-memcached';
import { startMemcached } from '@memo/test-servers';
import { compare, type Contender, type Measured } from './compare.js';
import type { Report } from './report.js';
import { atOnce, keys, share, thousandsPerSecond, valueOf } from './shared-cache.js';

const operations = 4000;
const rounds = 10;

/** What is measured of memjs, which has no types of its own. */
interface BareClient {
  get(key: string): Promise<{ readonly value: Buffer | null }>;
  set(key: string, value: Buffer, options: { readonly expires: number }): Promise<boolean>;
  close(): void;
}

const require = createRequire(import.meta.url);
const { Client } = require('memjs') as { readonly Client: { create(servers: string, options: object): BareClient } };

/** Reading and writing through Memcached beside bare memjs, at several numbers of concurrent callers. */
export async function memcached(): Promise<Report> {
  await using server = await startMemcached({ args: ['-m', '256'] });
  const client = Client.create(`${server.host}:${server.port}`, { timeout: 10, retries: 1 });
  const bench = new Bench(client, server.url);
  try {
    await bench.prepare();
    const rows: string[][] = [];
    for (const concurrency of [1, 64, 1000]) {
      for (const contenders of [bench.reading(concurrency), bench.writing(concurrency)]) {
        const measured = await compare(contenders, { rounds, operations });
        rows.push(...measured.map((one) => row(concurrency, one, measured)));
      }
    }
    return {
      title: 'Reading and writing through Memcached',
      explanation:
        `Thousands of operations per second on 1000 keys whose values are about 1 KB of JSON; a Memcached on the same ` +
        `machine, one connection for memjs and one for each storage. A get of the storage reads two items, a get of ` +
        `memjs one. ${operations} calls a round, ${rounds} rounds, all take turns within each round.`,
      heads: ['', 'callers', 'median k/s', 'p10 k/s', 'p90 k/s', 'of memjs', 'of memjs and the serde'],
      rows,
    };
  } finally {
    client.close();
    await bench.close();
  }
}

/** A SerDe, and what reads and writes through it. */
interface Format {
  readonly name: string;
  readonly serde: SerDe;
  readonly storage: MemcachedCacheStorage;
  readonly cached: (key: string) => Promise<unknown>;
}

class Bench {
  readonly #client: BareClient;
  readonly #formats: readonly Format[];
  readonly #entries = new Map<string, CacheEntry>();

  constructor(client: BareClient, url: string) {
    this.#client = client;
    this.#formats = [
      formatOf('JSON and gzip', new EncodingSerDe(new JsonSerDe(), 'gzip'), url),
      formatOf('msgpack', new MsgpackSerDe(), url),
    ];
  }

  /** Writes everything that is read later, each in its own place. */
  async prepare(): Promise<void> {
    const created = Date.now();
    for (const key of keys) {
      const entry = { value: await valueOf(key), created, updateAfter: Infinity, expiresAfter: created + 3_600_000 };
      this.#entries.set(key, entry);
      for (const { name, serde, storage, cached } of this.#formats) {
        await this.#setBare(bareName(name, key), await serde.serialize(entry));
        await storage.offer(key, entry);
        await cached(key);
      }
    }
  }

  reading(concurrency: number): readonly Contender[] {
    const [{ name: first }] = this.#formats as [Format];
    return [
      atOnce(concurrency, 'memjs get', (key) => this.#getBare(bareName(first, key))),
      ...this.#formats.flatMap(({ name, serde, storage, cached }) => [
        atOnce(concurrency, `memjs get and ${name}`, async (key) => {
          return serde.deserialize(await this.#getBare(bareName(name, key)));
        }),
        atOnce(concurrency, `storage get and ${name}`, async (key) => present(await storage.get(key), key)),
        atOnce(concurrency, `memoize and ${name}`, cached),
      ]),
    ];
  }

  writing(concurrency: number): readonly Contender[] {
    const bytes = Buffer.from('x'.repeat(1_000));
    return [
      atOnce(concurrency, 'memjs set', (key) => this.#setBare(`bytes:${key}`, bytes)),
      ...this.#formats.flatMap(({ name, serde, storage }) => [
        atOnce(concurrency, `memjs set and ${name}`, async (key) => {
          return this.#setBare(bareName(name, key), await serde.serialize(this.#entry(key)));
        }),
        atOnce(concurrency, `storage offer and ${name}`, (key) => storage.offer(key, this.#entry(key))),
      ]),
    ];
  }

  async close(): Promise<void> {
    await Promise.all(this.#formats.map(({ storage }) => storage[Symbol.asyncDispose]()));
  }

  #entry(key: string): CacheEntry {
    return present(this.#entries.get(key), key);
  }

  async #getBare(name: string): Promise<Buffer> {
    return present((await this.#client.get(name)).value ?? undefined, name);
  }

  #setBare(name: string, bytes: Uint8Array): Promise<boolean> {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#client.set(name, value, { expires: 3_600 });
  }
}

function formatOf(name: string, serde: SerDe, url: string): Format {
  const namespace = `bench-${name.replaceAll(' ', '-')}`;
  const storage = new MemcachedCacheStorage(url, { serde, namespace, deadline: '10 seconds' });
  return { name, serde, storage, cached: memoize(valueOf, { name: 'cached', storage, expireAfter: '1 hour' }) };
}

/** A name that Memcached takes. */
function bareName(format: string, key: string): string {
  return `${format.replaceAll(' ', '-')}:${key}`;
}

/** What is measured must not be a miss. */
function present<T>(found: T | undefined, key: string): T {
  if (found === undefined) throw new Error(`There is nothing under ${key}`);
  return found;
}

function row(concurrency: number, measured: Measured, all: readonly Measured[]): string[] {
  const { name } = measured;
  const bare = name.replace(/^(storage get|memoize) and/, 'memjs get and').replace('storage offer', 'memjs set');
  const sameSerde = all.find((other) => other.name === bare);
  const shares = [share(all[0], measured), share(sameSerde, measured)];
  return [name, String(concurrency), ...thousandsPerSecond(measured), ...shares];
}
