import { startMemcached, startRedis } from '@memo/test-servers';
import { redisPeers, type ContenderName } from '../contenders/contenders.js';
import { compare, type Comparison } from '../processes/comparison.js';
import type { Column, Row, Section } from '../reports/result.js';
import type { Benchmark, Circumstances } from './benchmark.js';

/** How many callers there are at once, and how much faster than the bare client memo should be then. */
const concurrencies = [
  { callers: 1 },
  { callers: 64, targets: { redis: 1, memcached: 1 } },
  { callers: 1000, targets: { redis: 1.6, memcached: 1.5 } },
] as const;

const columns: readonly Column[] = [
  { value: 'thousands', head: 'thousand hits/s', digits: 1 },
  { value: 'thousandsP10', head: 'p10', digits: 1 },
  { value: 'thousandsP90', head: 'p90', digits: 1 },
  { value: 'speed', head: '× the bare client', digits: 2 },
  { value: 'speedP10', head: 'p10', digits: 2 },
  { value: 'speedP90', head: 'p90', digits: 2 },
];

const explanation =
  'Hits on 1,000 keys whose values are about 1 KB as JSON; a server on the same machine, one connection for each. So many ' +
  'callers at once, each calling again as soon as it is answered. The speed is compared with the bare client in the same ' +
  'round, which sends one command for each call, and decodes what it gets in the same way: memo decodes MessagePack ' +
  'entries by its SerDe, which verifies them, and all others parse JSON.';

/** Hits through Redis beside the bare client. */
export const redis: Benchmark = async (circumstances) => {
  await using server = await startRedis();
  const work = {
    server: { host: server.host, port: server.port },
    contenders: ['redis/bare-msgpack', 'redis/bare-json', 'redis/memo', ...redisPeers],
  } as const;
  const leftOut = { 'lru-cache, p-memoize, moize, ocache': 'have no storage in Redis of their own' };
  return {
    title: 'Hits through Redis',
    explanation,
    sections: await sectionsOf('redis', 'ioredis', { ...work, ...circumstances }, leftOut),
  };
};

/** Hits through Memcached beside the bare client. */
export const memcached: Benchmark = async (circumstances) => {
  await using server = await startMemcached({ args: ['-m', '256'] });
  const work = {
    server: { host: server.host, port: server.port },
    contenders: ['memcached/bare-msgpack', 'memcached/bare-json', 'memcached/memo', 'memcached/keyv'],
  } as const;
  const leftOut = { 'all others': 'have no storage in Memcached, or use that of keyv' };
  return {
    title: 'Hits through Memcached',
    explanation: `${explanation} memo asks for two items at each hit, one of which tells whether all has been cleared.`,
    sections: await sectionsOf('memcached', 'memjs', { ...work, ...circumstances }, leftOut),
  };
};

async function sectionsOf(
  kind: 'redis' | 'memcached',
  client: string,
  work: Circumstances & Pick<Comparison, 'server' | 'contenders'>,
  leftOut: Readonly<Record<string, string>>,
): Promise<readonly Section[]> {
  const sections: Section[] = [];
  const { contenders, server } = work;
  // A thousand callers need time until all of them are at it.
  const effort = { ...work.effort, milliseconds: 5 * work.effort.milliseconds };
  for (const { callers, ...aims } of concurrencies) {
    const scenario = String(callers);
    const title = callers === 1 ? 'One caller' : `${callers} callers at once`;
    const progress = (doing: string): void => work.progress(`${kind}, ${callers}: ${doing}`);
    const comparison = { workload: 'shared-hit', scenario, contenders, effort, progress, ...(server && { server }) };
    const rows = await compare({ ...comparison, baselineOf: (contender) => bareOf(kind, contender) });
    const heading = `Hits through ${kind === 'redis' ? 'Redis' : 'Memcached'}, ${title.toLowerCase()}: × bare ${client}`;
    const chart = { value: 'speed', digits: 2, title: heading, lessIsBetter: false };
    sections.push({
      ...{ name: scenario, title, columns, rows: rows.map(speedRow) },
      ...(callers === 1 ? { leftOut } : {}),
      chart: 'targets' in aims ? { ...chart, target: aims.targets[kind] } : chart,
    });
  }
  return sections;
}

/** The bare client that decodes in the same way. */
function bareOf(kind: 'redis' | 'memcached', contender: ContenderName): ContenderName {
  return contender.endsWith('/memo') || contender.endsWith('-msgpack') ? `${kind}/bare-msgpack` : `${kind}/bare-json`;
}

/** How fast it is, instead of how long it takes. */
function speedRow({ name, values }: Row): Row {
  const { median = NaN, p10 = NaN, p90 = NaN, ratio = NaN, ratioP10 = NaN, ratioP90 = NaN } = values;
  const [thousands, thousandsP90, thousandsP10] = [median, p10, p90].map((nanoseconds) => 1e6 / nanoseconds);
  return {
    name,
    values: {
      ...{ thousands: thousands!, thousandsP10: thousandsP10!, thousandsP90: thousandsP90! },
      ...{ speed: 1 / ratio, speedP10: 1 / ratioP90, speedP90: 1 / ratioP10 },
    },
  };
}
