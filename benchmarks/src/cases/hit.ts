import { readThroughPeers, type ContenderName } from '../contenders/contenders.js';
import { compare, countEach, type Comparison } from '../processes/comparison.js';
import { timeColumns, type Section } from '../reports/result.js';
import type { Benchmark, Circumstances } from './benchmark.js';

const withPromises: readonly ContenderName[] = ['bare', 'memo', 'lru-cache-get', ...readThroughPeers, 'moize', 'keyv'];

interface Kind {
  readonly scenario: string;
  readonly title: string;
  readonly explanation: string;
  readonly contenders: readonly ContenderName[];
  readonly target?: number;
}

const kinds: readonly Kind[] = [
  {
    scenario: 'string',
    title: 'One text as the argument',
    explanation: '4,096 keys, one after the other.',
    contenders: withPromises,
    target: 1.25,
  },
  {
    scenario: 'hot',
    title: 'One text, the same all the time',
    explanation: 'One key of 4,096.',
    contenders: withPromises,
    target: 1.25,
  },
  {
    scenario: 'primitives',
    title: 'A text, a number and a boolean as the arguments',
    explanation:
      'Where a library makes no key of several arguments it is given `${a}:${b}:${c}`, as is the `Map`: short to write, ' +
      'and the same for different arguments as soon as a text has a colon in it.',
    contenders: withPromises,
    target: 1.4,
  },
  {
    scenario: 'object',
    title: 'An object of four fields as the argument',
    explanation:
      'Where a library makes no key of an object it is given `JSON.stringify` of it, for which the same fields in ' +
      'another order are another key. Beside memo stands memo called with that text.',
    contenders: ['bare', 'memo', 'memo-json', ...withPromises.slice(2)],
  },
];

/** What a hit in memory costs. */
export const hit: Benchmark = async (circumstances) => {
  const sections: Section[] = [];
  for (const kind of kinds) sections.push(await timed(kind, circumstances));
  return {
    title: 'A hit in memory',
    explanation:
      'Everything is kept for an hour, and there is room for it. One call after the other, each awaited; nanoseconds for ' +
      'each call. Ratios are to `await Promise.resolve(map.get(key))` in the same round.',
    sections: [...sections, await atOnce(circumstances), await bytes(circumstances)],
  };
};

async function timed(kind: Kind, circumstances: Circumstances): Promise<Section> {
  const { scenario, title, explanation, target } = kind;
  const chart = {
    value: 'ratio',
    digits: 2,
    title: `A hit, ${title[0]!.toLowerCase()}${title.slice(1)}: × a bare Map`,
    lessIsBetter: true,
  };
  return {
    ...{ name: scenario, title, explanation, columns: timeColumns('ns', 'bare') },
    rows: await compare(comparison(kind, circumstances)),
    chart: target === undefined ? chart : { ...chart, target },
  };
}

async function atOnce(circumstances: Circumstances): Promise<Section> {
  const contenders = ['bare', 'memo', 'lru-cache-get', 'moize'] as const;
  const title = 'Without promises, one text as the argument';
  return {
    ...{ name: 'sync', title, columns: timeColumns('ns', 'bare') },
    explanation: '4,096 keys, one after the other; nothing is awaited. The ratio is to `map.get(key)`.',
    rows: await compare(comparison({ scenario: 'sync', contenders }, circumstances)),
    leftOut: { 'all others': 'answer with promises' },
    chart: { value: 'ratio', digits: 2, title: 'A hit without promises: × Map.get', lessIsBetter: true, target: 2 },
  };
}

async function bytes(circumstances: Circumstances): Promise<Section> {
  const title = 'Bytes that a hit allocates';
  const options = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  return {
    ...{ name: 'bytes', title, columns: [{ value: 'bytes', head: 'bytes', digits: 0 }] },
    explanation:
      'One text as the argument, each hit awaited; by how much the heap has grown after a million of them, in parts that ' +
      'no garbage collection came between. What the `await` itself needs is counted in all.',
    rows: await countEach(comparison({ scenario: 'bytes', contenders: withPromises }, circumstances), options),
    chart: { value: 'bytes', digits: 0, title, lessIsBetter: true, target: 300 },
  };
}

function comparison(
  { scenario, contenders }: Pick<Kind, 'scenario' | 'contenders'>,
  { effort, progress }: Circumstances,
): Comparison {
  const doing = (what: string): void => progress(`hit, ${scenario}: ${what}`);
  return { workload: 'hit', scenario, contenders, effort, progress: doing };
}
