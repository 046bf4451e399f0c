import type { Effort } from '../processes/comparison.js';
import type { Result } from '../reports/result.js';

/** What a benchmark finds, without where it was found. */
type Finding = Omit<Result, 'name' | 'machine' | 'quick'>;

/** How a benchmark is carried out. */
export interface Circumstances {
  readonly effort: Effort;
  /** Told what is being done. */
  readonly progress: (doing: string) => void;
  /** What stands behind the benchmark's name on the command line. */
  readonly words: readonly string[];
}

/** One benchmark: measures, and tells what it found. */
export type Benchmark = (circumstances: Circumstances) => Promise<Finding>;
