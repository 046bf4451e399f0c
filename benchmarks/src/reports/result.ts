/** What a benchmark found: kept as JSON, and shown as a page and as charts. */
export interface Result {
  /** The name of the benchmark, which is that of its files, too. */
  readonly name: string;
  readonly title: string;
  /** What was measured, and how, in a few sentences. */
  readonly explanation: string;
  readonly machine: string;
  /** Whether it was only tried whether the benchmark works. */
  readonly quick?: boolean;
  readonly sections: readonly Section[];
}

/** One table of a result. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly explanation?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Who is not in the table, and why. */
  readonly leftOut?: Readonly<Record<string, string>>;
  /** Shown as bars, by the values of one column. */
  readonly chart?: Chart;
}

export interface Column {
  /** The name of the value in each row. */
  readonly value: string;
  readonly head: string;
  readonly digits: number;
}

export interface Row {
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface Chart {
  readonly value: string;
  readonly title: string;
  readonly digits: number;
  /** Whether less is better. */
  readonly lessIsBetter: boolean;
  /** A line across the bars: what is aimed at. */
  readonly target?: number;
}

/** The columns of what was timed side by side. */
export function timeColumns(unit: 'ns' | 'ms', first: string): readonly Column[] {
  const digits = unit === 'ns' ? 0 : 2;
  return [
    { value: 'median', head: `median ${unit}`, digits },
    { value: 'p10', head: 'p10', digits },
    { value: 'p90', head: 'p90', digits },
    { value: 'ratio', head: `× ${first}`, digits: 2 },
    { value: 'ratioP10', head: 'p10', digits: 2 },
    { value: 'ratioP90', head: 'p90', digits: 2 },
  ];
}
