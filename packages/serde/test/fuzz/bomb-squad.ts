/** Reads bombs in a process of its own, which its parent gave little memory, and reports what became of them. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { SerDe } from '@memo/core';
import { EncodingSerDe, type Encoding } from '../../src/index.js';
import { plains } from './combinations.js';
import { verdictOnEntry, verdictOnError, type Verdict } from './verdict.js';

/** Where a bomb is, and how it is to be read. */
export interface BombOrder {
  readonly name: string;
  readonly format: string;
  readonly encodings: readonly Encoding[];
  readonly file: string;
  /** As the option of `EncodingSerDe`. */
  readonly maxOutputLength?: number;
}

/** What became of a bomb. */
export interface BombReport {
  readonly name: string;
  readonly verdict: Verdict;
  /** Name of the class of the error. */
  readonly error?: string;
  readonly milliseconds: number;
  /** Bytes of memory that the process had at most until then. */
  readonly resident: number;
}

process.on('message', (order: BombOrder) => {
  void defuse(order).then((report) => process.send!(report));
});

async function defuse({ name, format, encodings, file, maxOutputLength }: BombOrder): Promise<BombReport> {
  const plain = plains.find((each) => each.name === format)!.serde;
  const options = maxOutputLength === undefined ? {} : { maxOutputLength };
  const serde = encodings.reduce<SerDe>((inner, encoding) => new EncodingSerDe(inner, encoding, options), plain);
  const bytes = new Uint8Array(readFileSync(file));
  // What the bombs before have left behind is not this one's: a busy computer is late to clear it away.
  globalThis.gc?.();
  const started = performance.now();
  const outcome = await attempt(serde, bytes);
  const milliseconds = performance.now() - started;
  return { name, ...outcome, milliseconds, resident: process.resourceUsage().maxRSS * 1024 };
}

async function attempt(serde: SerDe, bytes: Uint8Array): Promise<Pick<BombReport, 'verdict' | 'error'>> {
  try {
    return { verdict: verdictOnEntry(await serde.deserialize(bytes), undefined) };
  } catch (error) {
    return { verdict: verdictOnError(error), error: (error as Error).name };
  }
}
