import { numberText } from '../reports/markdown.js';
import type { Findings } from './findings.js';

/** What memo is to reach in one benchmark. */
export interface Target {
  /** The benchmark that tells. */
  readonly benchmark: string;
  readonly what: string;
  /** The target in words. */
  readonly aim: string;
  /** What was found, in words, and whether that is enough; `undefined` where it was not measured. */
  readonly judge: (findings: Findings) => Verdict | undefined;
}

interface Verdict {
  readonly found: string;
  readonly met: boolean;
}

/** Those that are no peers, but what all are compared with. */
const baselines = ['bare Map', 'one promise', 'memo', 'memo, by JSON.stringify'];

export const targets: readonly Target[] = [
  belowPeers('hit', 'string', 'hit, one text, awaited', { most: 1.25, unit: '× bare', but: ['lru-cache get'] }),
  atMost('hit', 'hot', 'hit, one hot key', { most: 1.25, unit: '× bare' }),
  atMost('hit', 'primitives', 'hit, three primitives', { most: 1.4, unit: '× bare with a colliding key' }),
  {
    ...{ benchmark: 'hit', what: 'hit, one object of four fields', aim: '≤ 1.20 × the path keyed by JSON.stringify' },
    judge: (findings) => {
      const [found, other] = ['memo', 'memo, by JSON.stringify'].map((name) =>
        findings.value('hit', 'object', name, 'median'),
      );
      if (found === undefined || other === undefined) return undefined;
      return { found: `${numberText(found / other, 2)} ×`, met: found / other <= 1.2 };
    },
  },
  atMost('hit', 'bytes', 'bytes allocated by a hit', { most: 300, unit: 'bytes', value: 'bytes', digits: 0 }),
  atMost('hit', 'sync', 'hit, memoizeSync, one text', { most: 2, unit: '× Map.get' }),
  belowPeers('miss', 'miss', 'miss with eviction', {
    most: 2,
    unit: '× lru-cache get and set',
    but: ['lru-cache get'],
  }),
  atMost('collapsed', 'collapsed', '10,000 callers on one key, each', {
    ...{ most: 150, unit: 'ns', value: 'median', digits: 0 },
  }),
  atMost('memory', 'memory', 'memory beyond key and value', { most: 110, unit: 'bytes', value: 'bytes', digits: 0 }),
  hitRatios(),
  atLeast('redis', '64', 'Redis hit, 64 callers', 1),
  atLeast('redis', '1000', 'Redis hit, 1000 callers', 1.6),
  atLeast('memcached', '64', 'Memcached hit, 64 callers', 1),
  atLeast('memcached', '1000', 'Memcached hit, 1000 callers', 1.5),
  atMost('stampede', 'redis', 'cold key, 4 processes × 50 callers, Redis', {
    ...{ most: 1, unit: 'loads', value: 'most', digits: 0 },
  }),
  atMost('stampede', 'memcached', 'cold key, 4 processes × 50 callers, Memcached', {
    ...{ most: 1, unit: 'loads', value: 'most', digits: 0 },
  }),
  atMost('refreshing', 'refreshing', 'p99 of hits while refreshing', {
    ...{ most: 2, unit: '× p50 of a plain hit', value: 'p99OfPlain' },
  }),
  atMost('import', 'import', 'import of the core', { most: 1.3, unit: "× lru-cache's" }),
  atMost('size', 'parts', '`memoize` alone, minified, gzip', {
    ...{ most: 8, unit: 'KB', value: 'gzip', digits: 1, row: 'memoize' },
  }),
  atMost('size', 'packages', 'all of the core, minified, gzip', {
    ...{ most: 20, unit: 'KB', value: 'gzip', digits: 1, row: '@memo/core' },
  }),
];

interface Limit {
  readonly most: number;
  readonly unit: string;
  /** @defaultValue ratio */
  readonly value?: string;
  /** @defaultValue 2 */
  readonly digits?: number;
  /** @defaultValue memo */
  readonly row?: string;
}

function atMost(benchmark: string, section: string, what: string, limit: Limit): Target {
  const { most, unit, value = 'ratio', digits = 2, row = 'memo' } = limit;
  return {
    ...{ benchmark, what, aim: `≤ ${numberText(most, digits)} ${unit}` },
    judge: (findings) => {
      const found = findings.value(benchmark, section, row, value);
      return found === undefined ? undefined : { found: numberText(found, digits), met: found <= most };
    },
  };
}

/** At most so much, and less than every peer but those that do less. */
function belowPeers(
  benchmark: string,
  section: string,
  what: string,
  { most, unit, but }: Limit & { readonly but: readonly string[] },
): Target {
  return {
    ...{ benchmark, what, aim: `≤ ${numberText(most, 2)} ${unit}, and below every peer's` },
    judge: (findings) => {
      const found = findings.value(benchmark, section, 'memo', 'ratio');
      if (found === undefined) return undefined;
      const peers = findings.rows(benchmark, section).filter(({ name }) => ![...baselines, ...but].includes(name));
      const [best] = peers.toSorted((one, other) => one.values['ratio']! - other.values['ratio']!);
      const least = best?.values['ratio'] ?? Infinity;
      const beside = best === undefined ? '' : `; best peer: ${best.name}, ${numberText(least, 2)}`;
      return { found: `${numberText(found, 2)}${beside}`, met: found <= most && found < least };
    },
  };
}

function atLeast(benchmark: string, section: string, what: string, least: number): Target {
  return {
    ...{ benchmark, what, aim: `≥ ${numberText(least, 1)} × the bare client, the same decoding` },
    judge: (findings) => {
      const found = findings.value(benchmark, section, 'memo', 'speed');
      return found === undefined ? undefined : { found: numberText(found, 2), met: found >= least };
    },
  };
}

/** Each trace at each capacity has a target of its own, which stands beside what was found. */
function hitRatios(): Target {
  return {
    ...{ benchmark: 'traces', what: 'hit ratio of the default strategy', aim: 'each cell of the traces as aimed at' },
    judge: (findings) => {
      const rows = (findings.result('traces')?.sections ?? []).flatMap((section) => section.rows);
      const cells = rows.flatMap(({ values: { s3fifo, target } }) =>
        s3fifo === undefined || target === undefined ? [] : [s3fifo >= target],
      );
      if (cells.length === 0) return undefined;
      const met = cells.filter(Boolean).length;
      return { found: `${met} of ${cells.length} cells`, met: met === cells.length };
    },
  };
}
