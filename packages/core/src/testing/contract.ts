/** What a clause expects of something. */
export interface Expectation {
  /** It is the very same: `Object.is`. */
  toBe(expected: unknown): void;
  /** It is equal in content and type, however deeply it is nested. */
  toStrictEqual(expected: unknown): void;
}

/** Asks for what a clause expects; throws where it is not so. */
export type Expect = (actual: unknown) => Expectation;

/**
 * The three functions of a test framework in which a contract suite runs. Those of vitest, jest and bun fit as they are;
 * `node:test` has no `expect`, yet one is quickly made:
 *
 * ```ts
 * const expect = (actual: unknown) => ({
 *   toBe: (expected: unknown) => assert.strictEqual(actual, expected),
 *   toStrictEqual: (expected: unknown) => assert.deepStrictEqual(actual, expected),
 * });
 * ```
 */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: (...context: unknown[]) => Promise<void>): unknown;
  expect: Expect;
}

/** One sentence of a contract, and how to see whether it is kept. */
export interface Clause<Subject> {
  /** Short name that stays the same; the name of the test begins with it. */
  readonly id: string;
  /** What is true of a right implementation, as a sentence. */
  readonly title: string;
  /** The abilities and traits without which the clause has nothing to say. */
  readonly needs?: readonly string[];
  run(subject: Subject, expect: Expect): void | Promise<void>;
}

/** An implementation opened for one clause. */
export interface Opened<Subject> {
  readonly subject: Subject;
  /** What the implementation lacks of all that clauses may name as their `needs`. */
  readonly missing: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Runs every clause as a test of its own, each on a newly opened implementation. A clause that needs what the
 * implementation does not have is skipped where the framework can say so, otherwise it passes.
 */
export function runContract<Subject>(
  runner: TestRunner,
  name: string,
  clauses: readonly Clause<Subject>[],
  open: () => Promise<Opened<Subject>>,
): void {
  runner.describe(name, () => {
    for (const clause of clauses) {
      // A rest parameter, for frameworks that take a named one as "this test calls back when it is done".
      runner.it(`${clause.id}: ${clause.title}`, async (...context) => {
        const { subject, missing, close } = await open();
        try {
          const lack = clause.needs?.find((need) => missing.has(need));
          if (lack === undefined) await clause.run(subject, runner.expect);
          else skip(context[0], `needs ${lack}`);
        } finally {
          await close();
        }
      });
    }
  });
}

/** Marks the test as skipped by the context that vitest and `node:test` hand to it. */
function skip(context: unknown, why: string): void {
  if (isSkippable(context)) context.skip(why);
}

function isSkippable(context: unknown): context is { skip(why: string): void } {
  return (
    (typeof context === 'object' || typeof context === 'function') &&
    context !== null &&
    'skip' in context &&
    typeof context.skip === 'function'
  );
}

/** What `attempt` is rejected with, or throws; `undefined` where it succeeds. */
export async function failureOf(attempt: () => unknown): Promise<unknown> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error ?? new Error(`failed with ${String(error)}`);
  }
}
