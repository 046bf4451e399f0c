import { expect, it } from 'vitest';
import type { CacheUnderTest } from './cache-under-test.js';

/** What happens in a cache, told as data, so that two caches can be compared. */
interface Scenario<C> {
  /** The row of the original's behaviours that it is about, such as `M32`. */
  readonly row: string;
  readonly title: string;
  observe(cache: C): Promise<unknown>;
}

/** A scenario in which the original is wrong. */
export interface Defect<C = CacheUnderTest> extends Scenario<C> {
  /** What is observed with memo. */
  readonly mended: unknown;
  /** What is observed with the original: the proof that its test would have failed there, and why. */
  readonly defective: unknown;
}

/** A test that `cache` does what is right, for each defect of an original. */
export function testsOfMendedDefects<C>(cache: C, defects: readonly Defect<C>[]): void {
  it.each(defects.map((defect) => [defect.row, defect.title, defect] as const))(
    '%s: %s',
    async (_row, _title, defect) => {
      expect(await defect.observe(cache)).toEqual(defect.mended);
    },
  );
}

/** A test, for each defect, that the test above fails against the original, and fails for the reason told in its row. */
export function testsAgainstTheOriginal<C>(original: C, defects: readonly Defect<C>[]): void {
  it.each(defects.map((defect) => [defect.row, defect.title, defect] as const))(
    '%s fails there: %s',
    async (_row, _title, defect) => {
      const observed = await defect.observe(original);
      expect(observed).toEqual(defect.defective);
      expect(() => expect(observed).toEqual(defect.mended)).toThrow('to deeply equal');
    },
  );
}
