import type { Result, Row } from '../reports/result.js';

/** What the benchmarks have found at any time, to be asked for single values. */
export class Findings {
  readonly #results: ReadonlyMap<string, Result>;

  constructor(results: ReadonlyMap<string, Result>) {
    this.#results = results;
  }

  /** The value of a row; `undefined` where that has not been measured. */
  value(benchmark: string, section: string, row: string, value: string): number | undefined {
    return this.rows(benchmark, section).find(({ name }) => name === row)?.values[value];
  }

  rows(benchmark: string, section: string): readonly Row[] {
    return this.#results.get(benchmark)?.sections.find(({ name }) => name === section)?.rows ?? [];
  }

  result(benchmark: string): Result | undefined {
    return this.#results.get(benchmark);
  }
}
