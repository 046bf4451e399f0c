import { describe, expect, it } from 'vitest';
import type { TestRunner } from '../../src/testing/index.js';

/** How long one proof may take, in milliseconds: all of them run at the same time, also on a busy computer. */
const patience = 30_000;

/** An implementation with one defect, and what it does wrong, as in "an implementation that …". */
export type Wrong<Implementation> = readonly [defect: string, implementation: Implementation];

/**
 * Proves a contract suite: every clause is kept by the right implementations, and broken by a wrong one that was made
 * for it. A clause without a wrong implementation fails, and so does a wrong implementation without a clause.
 */
export function proveContract<Implementation>(
  name: string,
  contract: (runner: TestRunner, implementation: Implementation) => void,
  right: readonly Implementation[],
  wrong: Readonly<Record<string, Wrong<Implementation>>>,
): void {
  const rightClauses = right.map((implementation) => clausesOf((runner) => contract(runner, implementation)));
  const ids = new Set(rightClauses.flatMap((clauses) => [...clauses.keys()]));

  describe(name, () => {
    it('has a wrong implementation for each of its clauses, and only for those', () => {
      expect(Object.keys(wrong).sort()).toEqual([...ids].sort());
    });

    for (const id of ids) {
      const [defect, implementation] = wrong[id] ?? ['is missing'];
      it.concurrent(
        `${id} tells a right implementation from one that ${defect}`,
        async () => {
          const runs = rightClauses.flatMap((clauses) => clauses.get(id) ?? []);
          const outcomes = await Promise.all(runs.map((run) => run()));
          expect(outcomes).toContain('kept');
          if (implementation === undefined) return;
          const clause = clausesOf((runner) => contract(runner, implementation)).get(id);
          expect(await brokenBy(clause)).toBe(true);
        },
        patience,
      );
    }
  });
}

type RunClause = () => Promise<'kept' | 'skipped'>;

/** The tests that a contract suite would run, by the ids of their clauses. */
function clausesOf(contract: (runner: TestRunner) => void): ReadonlyMap<string, RunClause> {
  const clauses = new Map<string, RunClause>();
  contract({
    describe: (_, body) => body(),
    it: (name, body) => {
      const id = name.slice(0, name.indexOf(':'));
      if (clauses.has(id)) throw new Error(`Two clauses are called ${id}.`);
      clauses.set(id, async () => {
        const skips: unknown[] = [];
        await body({ skip: (why: unknown) => skips.push(why) });
        return skips.length === 0 ? 'kept' : 'skipped';
      });
    },
    expect,
  });
  return clauses;
}

/** Whether the clause found fault; one that was skipped or left out did not. */
async function brokenBy(clause: RunClause | undefined): Promise<boolean> {
  try {
    await clause?.();
    return false;
  } catch {
    return true;
  }
}
