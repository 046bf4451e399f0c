import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { campaign } from './fuzz/campaign.js';
import { allCombinations } from './fuzz/combinations.js';

/** Bytes that somebody made, or that fuzzing found, which once did harm or could. */
interface HostileBytes {
  readonly name: string;
  /** What they do where they are not refused. */
  readonly danger: string;
  /** Name of the combination that reads them. */
  readonly reader: string;
  /** What has to become of them: `read`, or the message by which they are refused. */
  readonly outcome: string;
  readonly base64: string;
}

const folder = new URL('./fixtures/hostile/', import.meta.url);
const fixtures = readdirSync(folder).flatMap(
  (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as readonly HostileBytes[],
);
const readers = new Map((await allCombinations()).map((combination) => [combination.name, combination]));

describe('hostile bytes', () => {
  it.each(fixtures)('$reader: $name', async ({ reader, outcome, base64 }) => {
    const combination = readers.get(reader)!;
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    const { original } = combination.originals[0]!;
    const { findings } = await campaign(
      { ...combination, mutation: () => ({ bytes, original }) },
      { seed: 1, count: 1 },
    );
    expect(findings.map(({ wrong }) => wrong)).toStrictEqual([]);
    const attempt = Promise.resolve().then(() => combination.read(bytes));
    const found = await attempt.then(
      () => 'read',
      (error: unknown) => (error as Error).message,
    );
    expect(found).toBe(outcome);
  });
});
