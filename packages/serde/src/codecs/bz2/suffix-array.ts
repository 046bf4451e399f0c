import type { Steps } from './steps.js';

/**
 * Sorting all suffixes of a text in linear time, whatever the text: "SA-IS" (Ge Nong, Sen Zhang, Wai Hong Chan: "Linear
 * suffix array construction by almost pure induced-sorting", Data Compression Conference 2009).
 *
 * Think of an end mark behind the text that is smaller than every letter. A suffix is of type L if it is larger than the
 * one that begins a letter later, of type S if it is smaller. With equal letters in front the type is that of the later
 * suffix, so all types are known after one pass from the right.
 *
 * Suffixes that begin with the same letter stand in one bucket of the sorted array, those of type L before those of type S:
 * what falls from `c` comes before what rises from `c`. So
 *
 * - if all L suffixes are sorted, the S suffixes follow from them: go through the array from the right, and put the suffix
 *   that begins one letter earlier, if it is S, at the back of what is free in its bucket;
 * - likewise the L suffixes follow from S suffixes, from the left, at the front of the buckets. Not even all S suffixes are
 *   needed for this, only those with an L directly before them: the leftmost of each ascent, here called _valleys_ (the
 *   paper: LMS, "leftmost S").
 *
 * No two valleys are neighbours, so there are at most half as many of them as letters. How they are sorted: the same two
 * passes, begun with the valleys in any order, sort the pieces from each valley to the next. Each piece is then given its
 * rank as a letter, and the sorted suffixes of this text of pieces, at most half as long, found by recursion, are the
 * sorted valleys.
 */
export function* suffixArray(text: Uint8Array): Steps<Int32Array> {
  const sorted = new Int32Array(text.length);
  if (text.length > 0) yield* sortSuffixes(text, sorted, 256);
  return sorted;
}

/** Letters from 0 up to the size of the alphabet. */
type Text = Uint8Array | Int32Array;

/** A place of the array that holds no suffix. */
const empty = -1;

/** How many places one step goes through: a few milliseconds. */
const stepLength = 1 << 16;

function* sortSuffixes(text: Text, sorted: Int32Array, alphabetSize: number): Steps<void> {
  const starts = bucketStarts(text, alphabetSize);
  yield;
  const valleyCount = yield* placeValleys(text, sorted, starts);
  if (valleyCount > 1) {
    const risingFrom = yield* induce(text, sorted, starts);
    yield* collectValleys(text, sorted, risingFrom);
    const names = yield* namePieces(text, sorted, valleyCount);
    yield;
    const ranking = sorted.subarray(0, valleyCount);
    const pieces = sorted.subarray(text.length - valleyCount);
    collectNames(sorted, valleyCount, pieces);
    yield;
    if (names === valleyCount) rankByName(pieces, ranking);
    else yield* sortSuffixes(pieces, ranking, names);
    yield* listValleys(text, pieces);
    for (let rank = 0; rank < valleyCount; rank++) ranking[rank] = pieces[ranking[rank]!]!;
    yield;
    spreadValleys(text, sorted, starts, valleyCount);
    yield;
  }
  yield* induce(text, sorted, starts);
}

/** `starts[letter]` is where the bucket of a letter begins, `starts[letter + 1]` where it ends. */
function bucketStarts(text: Text, alphabetSize: number): Int32Array {
  const { length } = text;
  const starts = new Int32Array(alphabetSize + 1);
  for (let at = 0; at < length; at++) starts[text[at]! + 1]! += 1;
  for (let letter = 0; letter < alphabetSize; letter++) starts[letter + 1]! += starts[letter]!;
  return starts;
}

/** Calls `visit` with where each valley lies, from the right. */
function* visitValleys(text: Text, visit: (valley: number) => void): Steps<void> {
  let rising = false;
  for (let from = text.length - 2; from >= 0; from -= stepLength) {
    rising = visitSome(text, visit, rising, from, Math.max(-1, from - stepLength));
    yield;
  }
}

/** Goes through the text from `from` down to `to`, which is left out. `rising` is the type of the suffix before. */
function visitSome(text: Text, visit: (valley: number) => void, before: boolean, from: number, to: number): boolean {
  let rising = before;
  for (let at = from; at > to; at--) {
    if (text[at]! < text[at + 1]!) {
      rising = true;
    } else if (text[at]! > text[at + 1]!) {
      if (rising) visit(at + 1);
      rising = false;
    }
  }
  return rising;
}

/** Puts every valley at the back of its bucket, in any order; the other places are empty. Gives their number. */
function* placeValleys(text: Text, sorted: Int32Array, starts: Int32Array): Steps<number> {
  const backs = starts.slice(1);
  let count = 0;
  sorted.fill(empty);
  yield* visitValleys(text, (valley) => {
    sorted[--backs[text[valley]!]!] = valley;
    count += 1;
  });
  return count;
}

/** Puts all suffixes in the order that follows from that of the valleys. Gives where in each bucket the S suffixes begin. */
function* induce(text: Text, sorted: Int32Array, starts: Int32Array): Steps<Int32Array> {
  const { length } = text;
  const fronts = starts.slice(0, -1);
  // The last suffix follows from the end mark, the smallest of all.
  sorted[fronts[text[length - 1]!]!++] = length - 1;
  for (let from = 0; from < length; from += stepLength) {
    induceFalling(text, sorted, fronts, from, Math.min(length, from + stepLength));
    yield;
  }
  const backs = starts.slice(1);
  for (let from = length; from > 0; from -= stepLength) {
    induceRising(text, sorted, backs, from, Math.max(0, from - stepLength));
    yield;
  }
  return backs;
}

/** The L suffixes that follow from what stands in some places: from a valley, or from an L suffix put there before. */
function induceFalling(text: Text, sorted: Int32Array, fronts: Int32Array, from: number, to: number): void {
  for (let place = from; place < to; place++) {
    const earlier = sorted[place]! - 1;
    if (earlier < 0) continue;
    const letter = text[earlier]!;
    if (letter >= text[earlier + 1]!) sorted[fronts[letter]!++] = earlier;
  }
}

/** The S suffixes that follow from what stands in some places. They overwrite the valleys, which are among them. */
function induceRising(text: Text, sorted: Int32Array, backs: Int32Array, from: number, to: number): void {
  for (let place = from - 1; place >= to; place--) {
    const earlier = sorted[place]! - 1;
    if (earlier < 0) continue;
    const letter = text[earlier]!;
    const next = text[earlier + 1]!;
    // With equal letters it is of the type of the later suffix, which is S where S suffixes stand.
    if (letter < next || (letter === next && place >= backs[letter]!)) sorted[--backs[letter]!] = earlier;
  }
}

/** Gathers the valleys, in the order they have, in front of the array. */
function* collectValleys(text: Text, sorted: Int32Array, risingFrom: Int32Array): Steps<void> {
  let count = 0;
  for (let from = 0; from < sorted.length; from += stepLength) {
    count = collectSome(text, sorted, risingFrom, count, from, Math.min(sorted.length, from + stepLength));
    yield;
  }
}

function collectSome(
  text: Text,
  sorted: Int32Array,
  risingFrom: Int32Array,
  collected: number,
  from: number,
  to: number,
): number {
  let count = collected;
  for (let place = from; place < to; place++) {
    const at = sorted[place]!;
    if (at > 0 && text[at - 1]! > text[at]! && place >= risingFrom[text[at]!]!) sorted[count++] = at;
  }
  return count;
}

/**
 * Names the pieces by their rank; equal ones have the same name. The name of the piece from `valley` is put at
 * `count + (valley >> 1)`, which no two share, since no two valleys are neighbours. Gives the number of names.
 */
function* namePieces(text: Text, sorted: Int32Array, count: number): Steps<number> {
  const slots = sorted.subarray(count);
  yield* measurePieces(text, slots);
  let names = 0;
  let previous = empty;
  let previousLength = empty;
  for (let rank = 0; rank < count; rank++) {
    const valley = sorted[rank]!;
    const length = slots[valley >> 1]!;
    if (length !== previousLength || !isSame(text, previous, valley, length)) names += 1;
    slots[valley >> 1] = names - 1;
    previous = valley;
    previousLength = length;
  }
  return names;
}

/** Puts the length of the piece from `valley` at `valley >> 1`; its last letter is the first of the next piece. */
function* measurePieces(text: Text, slots: Int32Array): Steps<void> {
  let next = empty;
  slots.fill(empty);
  yield* visitValleys(text, (valley) => {
    // The last piece has the end mark and so is equal to no other: its length is one that no other has.
    slots[valley >> 1] = next === empty ? 0 : next + 1 - valley;
    next = valley;
  });
}

function isSame(text: Text, left: number, right: number, length: number): boolean {
  let at = 0;
  while (at < length && text[left + at] === text[right + at]) at += 1;
  return at === length;
}

/** Gathers the names, in the order of the text. `names` lies at the end of the array: nothing is overwritten unread. */
function collectNames(sorted: Int32Array, count: number, names: Int32Array): void {
  let free = count;
  for (let slot = count + (sorted.length >> 1) - 1; slot >= count; slot--) {
    const name = sorted[slot]!;
    if (name !== empty) names[--free] = name;
  }
}

/** The order of the suffixes of a text in which every letter is there once. */
function rankByName(pieces: Int32Array, ranking: Int32Array): void {
  for (let piece = 0; piece < pieces.length; piece++) ranking[pieces[piece]!] = piece;
}

/** Lists the valleys in the order of the text. */
function* listValleys(text: Text, valleys: Int32Array): Steps<void> {
  let free = valleys.length;
  yield* visitValleys(text, (valley) => (valleys[--free] = valley));
}

/** Moves the sorted valleys from the front of the array to the back of their buckets; the other places are empty. */
function spreadValleys(text: Text, sorted: Int32Array, starts: Int32Array, count: number): void {
  const backs = starts.slice(1);
  sorted.fill(empty, count);
  for (let rank = count - 1; rank >= 0; rank--) {
    const valley = sorted[rank]!;
    sorted[rank] = empty;
    sorted[--backs[text[valley]!]!] = valley;
  }
}
