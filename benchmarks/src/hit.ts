import { memoize } from '@memo/core';
import { compare, type Contender, type Measured } from './compare.js';
import type { Report } from './report.js';

const keys = Array.from({ length: 4096 }, (_, index) => `user:${index}`);
const operations = 20_000;
const rounds = 40;

/** What a hit in memory costs, beside looking into a Map and awaiting what is found. */
export async function hit(): Promise<Report> {
  const measured = await compare(await contenders(), { rounds, operations });
  return {
    title: 'A hit in memory',
    explanation:
      `One call after the other, each awaited, ${operations} calls a round, ${rounds} rounds; nanoseconds per call. ` +
      `All take turns within each round.`,
    heads: ['', 'median ns', 'p10 ns', 'p90 ns', 'times the first'],
    rows: measured.map((one) => row(one, measured[0]?.median)),
  };
}

async function contenders(): Promise<readonly Contender[]> {
  const map = new Map(keys.map((key) => [key, key]));
  const objects = keys.map((id, index) => ({ id, page: index, deleted: false }));
  const options = { expireAfter: '1 hour' };
  const byText = memoize(async (key: string) => key, options);
  const byPrimitives = memoize(async (key: string, page: number, _deleted: boolean) => `${key}/${page}`, options);
  const byObject = memoize(async (filter: (typeof objects)[number]) => filter.id, options);
  for (const object of objects) {
    await byText(object.id);
    await byPrimitives(object.id, object.page, object.deleted);
    await byObject(object);
  }
  return [
    inTurn('await Promise.resolve(map.get(key)), 4096 keys', (index) => Promise.resolve(map.get(at(keys, index)))),
    inTurn('memoize, one text, 4096 keys', (index) => byText(at(keys, index))),
    inTurn('memoize, one text, the same all the time', () => byText('user:1')),
    inTurn('memoize, text, number and boolean, 4096 keys', (index) =>
      byPrimitives(at(keys, index), index & 4095, false),
    ),
    inTurn('memoize, an object of three properties, 4096 keys', (index) => byObject(at(objects, index))),
  ];
}

function inTurn(name: string, call: (index: number) => Promise<unknown>): Contender {
  return {
    name,
    run: async (count) => {
      for (let index = 0; index < count; index++) await call(index);
    },
  };
}

function at<T>(list: readonly T[], index: number): T {
  return list[index & 4095] as T;
}

function row({ name, median, p10, p90 }: Measured, baseline = NaN): readonly string[] {
  return [name, ...[median, p10, p90].map((value) => value.toFixed(0)), (median / baseline).toFixed(2)];
}
