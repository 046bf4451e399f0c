import assert from 'node:assert/strict';

/** The little of a test framework that contract suites need, for blocks that have none. */
const tests: (() => Promise<void>)[] = [];

export function describe(_name: string, body: () => void): void {
  body();
}

export function it(_name: string, body: () => Promise<void>): void {
  tests.push(body);
}

export function expect(actual: unknown): { toBe(expected: unknown): void; toStrictEqual(expected: unknown): void } {
  return {
    toBe: (expected) => assert.ok(Object.is(actual, expected)),
    toStrictEqual: (expected) => assert.deepStrictEqual(actual, expected),
  };
}

/** Runs what was declared so far. @returns how many tests passed; rejects with the first failure. */
export async function runTests(): Promise<number> {
  const declared = tests.splice(0);
  for (const test of declared) await test();
  return declared.length;
}
