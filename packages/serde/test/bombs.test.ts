import { fork, type ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodings, type EncodingDefinition } from '../src/codecs/encodings.js';
import type { BombOrder, BombReport } from './fuzz/bomb-squad.js';
import { allBombs, gibibytes } from './fuzz/bombs.js';
import { availableEncodings } from './fuzz/combinations.js';

const compressions = availableEncodings.filter((name) => (encodings[name] as EncodingDefinition).levels !== undefined);

// Where a bundle finds the packages that are not put into it.
const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.bombs-', import.meta.url)));
const bombs = (await allBombs(compressions)).map(({ bytes, ...bomb }, index) => {
  const file = join(folder, `${index}.bin`);
  writeFileSync(file, bytes);
  return { ...bomb, file, length: bytes.length };
});

const megabytesOfHeap = 256;
/** Beside the heap there is what was unfolded, once in pieces and once as a whole. */
const mostResident = 700 * 2 ** 20;
/** Far more than any of them takes. */
const mostMilliseconds = 30_000;

/** A process with little memory that reads what it is told to. */
class Squad {
  readonly #process: ChildProcess;
  readonly #reports: AsyncIterator<readonly [BombReport], undefined>;

  constructor(program: string) {
    this.#process = fork(program, { execArgv: [`--max-old-space-size=${megabytesOfHeap}`, '--expose-gc'] });
    this.#reports = on(this.#process, 'message', { close: ['close'] }) as AsyncIterator<[BombReport], undefined>;
  }

  async defuse(order: BombOrder): Promise<BombReport> {
    this.#process.send(order);
    const { value } = await this.#reports.next();
    if (value === undefined) throw new Error(`The process has ended by ${this.#process.signalCode ?? 'itself'}`);
    return value[0];
  }

  end(): void {
    this.#process.kill();
  }
}

let squad: Squad;

beforeAll(async () => {
  const program = join(folder, 'bomb-squad.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('fuzz/bomb-squad.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  squad = new Squad(program);
});

afterAll(() => {
  squad.end();
  rmSync(folder, { recursive: true });
});

it('there is a bomb for every compression', () => {
  expect(Object.keys(gibibytes)).toEqual(expect.arrayContaining([...compressions]));
});

describe(`a process with ${megabytesOfHeap} MB of heap survives`, { timeout: 2 * mostMilliseconds }, () => {
  it.each(bombs)('$name: $length bytes', async ({ outcome, length: _, ...order }) => {
    const report = await squad.defuse(order);
    expect(report.milliseconds).toBeLessThan(mostMilliseconds);
    expect(report.resident).toBeLessThan(mostResident);
    expect(report.error ?? report.verdict).toBe(outcome);
  });

  it.each(bombs.filter((bomb) => bomb.encodings.length > 0))('$name, bounded', async ({ outcome, ...bomb }) => {
    const report = await squad.defuse({ ...bomb, maxOutputLength: 1_000 });
    expect(report.verdict).toBe('refused');
    expect(report.resident).toBeLessThan(mostResident);
    if (outcome !== 'UnreadableBytesError') expect(report.error).toBe('OutputTooLargeError');
  });
});
