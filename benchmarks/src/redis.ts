import { memoize, type SerDe } from '@memo/core';
import { EncodingSerDe, JsonSerDe, MsgpackSerDe, RedisCacheStorage } from '@memo/storage-redis';
import { startRedis } from '@memo/test-servers';
import { Redis } from 'ioredis';
import { compare, type Contender, type Measured } from './compare.js';
import type { Report } from './report.js';
import { atOnce, keys, share, thousandsPerSecond, valueOf } from './shared-cache.js';

const operations = 4000;
const rounds = 10;

/** Hits through Redis beside the bare client, at several numbers of concurrent callers. */
export async function redis(): Promise<Report> {
  await using server = await startRedis();
  const client = new Redis(server.url);
  try {
    const rows: string[][] = [];
    for (const concurrency of [1, 64, 1000]) {
      const measured = await compare(await contenders(client, concurrency), { rounds, operations });
      rows.push(...measured.map((one) => row(concurrency, one, measured)));
    }
    return {
      title: 'Hits through Redis',
      explanation:
        `Thousands of hits per second on 1000 keys whose values are about 1 KB of JSON; one connection to a Redis on the ` +
        `same machine. ${operations} calls a round, ${rounds} rounds, all take turns within each round.`,
      heads: ['', 'callers', 'median k/s', 'p10 k/s', 'p90 k/s', 'of getBuffer', 'of getBuffer and the serde'],
      rows,
    };
  } finally {
    client.disconnect();
  }
}

async function contenders(client: Redis, concurrency: number): Promise<readonly Contender[]> {
  const serdes = [new EncodingSerDe(new JsonSerDe(), 'gzip'), new MsgpackSerDe()] as const;
  const names = ['JSON and gzip', 'msgpack'] as const;
  const list: Contender[] = [];
  for (const [index, serde] of serdes.entries()) {
    const name = names[index] ?? '';
    await writeBare(client, name, serde);
    if (index === 0) list.push(atOnce(concurrency, 'getBuffer alone', (key) => client.getBuffer(`${name}:${key}`)));
    list.push(
      atOnce(concurrency, `getBuffer and ${name}`, async (key) => {
        const bytes = await client.getBuffer(`${name}:${key}`);
        return bytes === null ? undefined : serde.deserialize(bytes);
      }),
    );
    const cached = memoize(valueOf, {
      name,
      storage: new RedisCacheStorage(client, { serde, namespace: 'bench' }),
      expireAfter: '1 hour',
    });
    await Promise.all(keys.map((key) => cached(key)));
    list.push(atOnce(concurrency, `memoize and ${name}`, cached));
  }
  return list;
}

/** Writes what the serde makes of an entry, and nothing else, for the bare client to read. */
async function writeBare(client: Redis, name: string, serde: SerDe): Promise<void> {
  const created = Date.now();
  for (const key of keys) {
    const entry = { value: await valueOf(key), created, updateAfter: Infinity, expiresAfter: created + 3_600_000 };
    await client.set(`${name}:${key}`, Buffer.from(await serde.serialize(entry)));
  }
}

function row(concurrency: number, measured: Measured, all: readonly Measured[]): string[] {
  const { name } = measured;
  const sameSerde = all.find((other) => other.name === name.replace('memoize and', 'getBuffer and'));
  const shares = [share(all[0], measured), share(sameSerde, measured)];
  return [name, String(concurrency), ...thousandsPerSecond(measured), ...shares];
}
