import { quantile } from './quantile.js';

/** Something to be measured beside others in this process. */
export interface OneOfMany {
  readonly name: string;
  /** Carries out so many operations. */
  run(operations: number): Promise<void>;
}

/** How long one operation took over all rounds, in nanoseconds. */
export interface Measured {
  readonly name: string;
  readonly median: number;
  /** A tenth of the rounds were faster. */
  readonly p10: number;
  /** A tenth of the rounds were slower. */
  readonly p90: number;
}

/**
 * Measures what belongs to one library side by side, in this process: in every round each of them runs, the one that
 * begins changing from round to round. The rounds of the first fifth are for warming up and not counted.
 */
export async function compareHere(
  contenders: readonly OneOfMany[],
  { rounds, operations }: { readonly rounds: number; readonly operations: number },
): Promise<readonly Measured[]> {
  const samples = contenders.map((): number[] => []);
  for (let round = -Math.ceil(rounds / 5); round < rounds; round++) {
    for (const [index, contender] of startingAt(Math.abs(round) % contenders.length, [...contenders.entries()])) {
      const nanoseconds = await timeOf(contender, operations);
      if (round >= 0) samples[index]?.push(nanoseconds / operations);
    }
  }
  return contenders.map(({ name }, index) => summary(name, samples[index] ?? []));
}

function startingAt<T>(first: number, list: readonly T[]): readonly T[] {
  return [...list.slice(first), ...list.slice(0, first)];
}

async function timeOf(contender: OneOfMany, operations: number): Promise<number> {
  const started = process.hrtime.bigint();
  await contender.run(operations);
  return Number(process.hrtime.bigint() - started);
}

function summary(name: string, samples: readonly number[]): Measured {
  return { name, median: quantile(samples, 0.5), p10: quantile(samples, 0.1), p90: quantile(samples, 0.9) };
}
