import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { barChart } from './bar-chart.js';
import { chartName, pageOf } from './markdown.js';
import type { Result } from './result.js';

/** The folder in which results are kept: of each its data, its page, and its charts. */
export class ResultsFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(join(path, 'data'), { recursive: true });
  }

  keep(result: Result): void {
    this.write(`data/${result.name}.json`, `${JSON.stringify(result, rounded, 2)}\n`);
    this.write(`${result.name}.md`, pageOf(result));
    for (const section of result.sections) {
      if (section.chart !== undefined) this.write(chartName(result, section), barChart(section.chart, section.rows));
    }
  }

  /** What was found at any time, by the names of the benchmarks. */
  all(): ReadonlyMap<string, Result> {
    const files = readdirSync(join(this.#path, 'data')).filter((file) => file.endsWith('.json'));
    const results = files.map((file) => JSON.parse(readFileSync(join(this.#path, 'data', file), 'utf8')) as Result);
    return new Map(results.map((result) => [result.name, result]));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#path, name), text);
  }
}

/** Five digits are more than a measurement tells; what was counted is kept as it is. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
