import type { BoundedOutput } from './bounded-output.js';
import type { Steps } from './steps.js';
import { unreadable } from './unreadable.js';

/**
 * Run-length encoding, the first step: after four equal bytes a fifth counts how many more of them there are, 0 to 251. It
 * was to spare the sorting long runs; ours does not mind them, but it belongs to the format. After a count a new run begins,
 * even of the same byte: so data can be folded piece by piece.
 */

/** So many equal bytes are followed by a count. */
const countedFrom = 4;
/** Most bytes that four and their count stand for. */
const longestRun = 255;
/** Most places that a run takes. */
const foldedRun = countedFrom + 1;
/** How many bytes of data one step folds, and how many of a block one step unfolds. */
const foldedAtOnce = 1 << 19;
const unfoldedAtOnce = 1 << 16;

/** How far the work has come: where in the data, and where in the block. */
interface Progress {
  at: number;
  length: number;
}

interface Unfolding extends Progress {
  /** How many equal bytes there are at the end of what has been unfolded. */
  equal: number;
}

/** Folds data from `start` on, as much as makes a block of `most` bytes. Gives the block, and where the next one begins. */
export function* foldRuns(
  data: Uint8Array,
  start: number,
  most: number,
): Steps<{ readonly block: Uint8Array; readonly end: number }> {
  const rest = data.length - start;
  const block = new Uint8Array(Math.min(most, Math.ceil((rest / countedFrom) * foldedRun) + foldedRun));
  const progress: Progress = { at: start, length: 0 };
  while (progress.at < data.length && progress.length + foldedRun <= block.length) {
    foldSome(data, block, progress);
    yield;
  }
  return { block: block.subarray(0, progress.length), end: progress.at };
}

function foldSome(data: Uint8Array, block: Uint8Array, progress: Progress): void {
  const end = Math.min(data.length, progress.at + foldedAtOnce);
  let { at, length } = progress;
  while (at < end && length + foldedRun <= block.length) {
    const byte = data[at]!;
    const run = runLength(data, at);
    for (let copies = Math.min(run, countedFrom); copies > 0; copies--) block[length++] = byte;
    if (run >= countedFrom) block[length++] = run - countedFrom;
    at += run;
  }
  progress.at = at;
  progress.length = length;
}

/** How many equal bytes there are, as far as one count goes. */
function runLength(data: Uint8Array, start: number): number {
  const byte = data[start];
  const end = Math.min(data.length, start + longestRun);
  let at = start + 1;
  while (at < end && data[at] === byte) at += 1;
  return at - start;
}

/** What a block of so many bytes unfolds to at least: if it is all runs of four. */
export function shortestUnfolded(length: number): number {
  return Math.ceil((length / foldedRun) * countedFrom);
}

/** Unfolds a block into the output. @throws UnreadableBytesError - @throws OutputTooLargeError before anything is made. */
export function* unfoldRuns(block: Uint8Array, output: BoundedOutput): Steps<Uint8Array> {
  const length = unfoldedLength(block);
  output.expect(length);
  yield;
  const data = new Uint8Array(length);
  const progress: Unfolding = { at: 0, length: 0, equal: 0 };
  while (progress.length < block.length) {
    unfoldSome(block, data, progress);
    yield;
  }
  output.add(data);
  return data;
}

function unfoldedLength(block: Uint8Array): number {
  let length = block.length;
  let equal = 0;
  for (let at = 0; at < block.length; at++) {
    equal = equal > 0 && block[at] === block[at - 1] ? equal + 1 : 1;
    if (equal < countedFrom) continue;
    at += 1;
    if (at === block.length) throw unreadable('damaged', 'a block ends within a run');
    // The count itself is not in the data.
    length += block[at]! - 1;
    equal = 0;
  }
  return length;
}

function unfoldSome(block: Uint8Array, data: Uint8Array, progress: Unfolding): void {
  const end = Math.min(block.length, progress.length + unfoldedAtOnce);
  let { at, length, equal } = progress;
  while (length < end) {
    const byte = block[length++]!;
    equal = equal > 0 && byte === data[at - 1] ? equal + 1 : 1;
    data[at++] = byte;
    if (equal < countedFrom) continue;
    const count = block[length++]!;
    data.fill(byte, at, at + count);
    at += count;
    equal = 0;
  }
  progress.at = at;
  progress.length = length;
  progress.equal = equal;
}
