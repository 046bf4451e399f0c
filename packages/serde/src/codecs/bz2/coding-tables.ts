import type { BitReader } from './bit-reader.js';
import type { BitWriter } from './bit-writer.js';
import { format } from './bzip2-format.js';
import { codeLengths } from './huffman-code.js';
import type { Steps } from './steps.js';
import { unreadable } from './unreadable.js';

/**
 * Huffman coding with several tables: symbols are taken in groups of 50, and each group selects one of two to six tables.
 * As neighbours in a transformed block come from like contexts, a table fits a group much better than one table all of them.
 */
export interface CodingTables {
  /** For each table the lengths of the codes of all symbols. */
  readonly lengths: readonly Uint8Array[];
  /** For each group the number of its table. */
  readonly selectors: Uint8Array;
}

/** How often tables and selections are fitted to each other; more gains next to nothing. */
const rounds = 4;
/** What a symbol costs at the beginning in a table that is not meant for it. */
const foreignCost = 15;
/** How many groups one step goes through. */
const groupsAtOnce = 4_096;

/**
 * Finds tables that suit the symbols, as bzip2 does: the symbols are divided among tables by their frequency, every group
 * selects the table that codes it shortest, every table is fitted to the groups that selected it; again, a few times. This
 * is the iteration of Lloyd ("Least squares quantization in PCM", IEEE Transactions on Information Theory 28, 1982), with
 * bits as the distance.
 */
export function* findTables(symbols: Uint16Array, alphabetSize: number): Steps<CodingTables> {
  const selectors = new Uint8Array(Math.ceil(symbols.length / format.groupLength));
  let lengths = firstTables(symbols, alphabetSize, numberOfTables(symbols.length));
  yield;
  for (let round = 0; round < rounds; round++) {
    const costs = packedCosts(lengths);
    const frequencies = lengths.map(() => new Int32Array(alphabetSize));
    for (let group = 0; group < selectors.length; group += groupsAtOnce) {
      selectTables(symbols, costs, frequencies, selectors, group);
      yield;
    }
    lengths = frequencies.map((ofTable) => codeLengths(ofTable, format.longestWrittenCode));
    yield;
  }
  return { lengths, selectors };
}

/** Every table takes room in the stream, so that few symbols are better off with few of them. */
function numberOfTables(symbols: number): number {
  if (symbols < 200) return 2;
  if (symbols < 600) return 3;
  if (symbols < 1_200) return 4;
  if (symbols < 2_400) return 5;
  return 6;
}

/** Each table is meant for neighbouring symbols that make up its share of the block. */
function firstTables(symbols: Uint16Array, alphabetSize: number, tables: number): Uint8Array[] {
  const { length } = symbols;
  const frequencies = new Int32Array(alphabetSize);
  for (let at = 0; at < length; at++) frequencies[symbols[at]!]! += 1;
  const lengths: Uint8Array[] = [];
  let symbol = 0;
  let rest = length;
  for (let table = 0; table < tables; table++) {
    const costs = new Uint8Array(alphabetSize).fill(foreignCost);
    const share = rest / (tables - table);
    for (let taken = 0; symbol < alphabetSize && taken < share; symbol++) {
      costs[symbol] = 0;
      taken += frequencies[symbol]!;
      rest -= frequencies[symbol]!;
    }
    lengths.push(costs);
  }
  return lengths;
}

/**
 * The costs of a symbol in three tables, in ten bits each: 50 symbols of 20 bits make at most 1,000. So two additions a
 * symbol are enough where there would be six.
 */
interface PackedCosts {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

const costBits = 10;
const costMask = (1 << costBits) - 1;

function packedCosts(lengths: readonly Uint8Array[]): PackedCosts {
  const low = new Int32Array(lengths[0]!.length);
  const high = new Int32Array(low.length);
  lengths.forEach((ofTable, table) => {
    const [packed, shift] = table < 3 ? [low, costBits * table] : [high, costBits * (table - 3)];
    for (let symbol = 0; symbol < packed.length; symbol++) packed[symbol]! |= ofTable[symbol]! << shift;
  });
  return { low, high };
}

/** Selects a table for each of some groups from `first` on, and counts its symbols for that table. */
function selectTables(
  symbols: Uint16Array,
  costs: PackedCosts,
  frequencies: readonly Int32Array[],
  selectors: Uint8Array,
  first: number,
): void {
  const { low, high } = costs;
  const last = Math.min(selectors.length, first + groupsAtOnce);
  for (let group = first; group < last; group++) {
    const start = group * format.groupLength;
    const end = Math.min(symbols.length, start + format.groupLength);
    let lowSum = 0;
    let highSum = 0;
    for (let at = start; at < end; at++) {
      lowSum += low[symbols[at]!]!;
      highSum += high[symbols[at]!]!;
    }
    const selected = cheapest(lowSum, highSum, frequencies.length);
    const ofTable = frequencies[selected]!;
    selectors[group] = selected;
    for (let at = start; at < end; at++) ofTable[symbols[at]!]! += 1;
  }
}

function cheapest(low: number, high: number, tables: number): number {
  let best = 0;
  let least = costMask + 1;
  for (let table = 0; table < tables; table++) {
    const cost = (table < 3 ? low >> (costBits * table) : high >> (costBits * (table - 3))) & costMask;
    if (cost >= least) continue;
    best = table;
    least = cost;
  }
  return best;
}

/** Writes the number of tables, the selectors, then the tables. */
export function writeTables(writer: BitWriter, { lengths, selectors }: CodingTables): void {
  writer.write(lengths.length, 3);
  writer.write(selectors.length, 15);
  const recent = firstRecent();
  for (const selector of selectors) {
    const place = recent.indexOf(selector);
    moveToFront(recent, place);
    // So many ones and a zero.
    writer.write((1 << (place + 1)) - 2, place + 1);
  }
  for (const ofTable of lengths) writeLengths(writer, ofTable);
}

/** @throws UnreadableBytesError */
export function readTables(reader: BitReader, alphabetSize: number): CodingTables {
  const tables = reader.read(3);
  if (tables < format.leastTables || tables > format.mostTables) {
    throw unreadable(
      'damaged',
      `a block has ${tables} coding tables, not ${format.leastTables} to ${format.mostTables}`,
    );
  }
  const selectors = new Uint8Array(reader.read(15));
  if (selectors.length === 0) throw unreadable('damaged', 'a block has no selectors');
  const recent = firstRecent();
  for (let group = 0; group < selectors.length; group++) {
    let place = 0;
    while (reader.read(1) === 1) place += 1;
    if (place >= tables) throw unreadable('damaged', `a selector names a coding table that is not there`);
    moveToFront(recent, place);
    selectors[group] = recent[0]!;
  }
  const lengths = Array.from({ length: tables }, () => readLengths(reader, alphabetSize));
  return { lengths, selectors };
}

/** The tables, the last selected one first: a selector is written as a place among them. */
function firstRecent(): number[] {
  return Array.from({ length: format.mostTables }, (_, table) => table);
}

function moveToFront(recent: number[], place: number): void {
  recent.unshift(...recent.splice(place, 1));
}

/** Writes the first length, then the way from each to the next: `10` is one more, `11` one less, `0` the end. */
function writeLengths(writer: BitWriter, lengths: Uint8Array): void {
  let current = lengths[0]!;
  writer.write(current, 5);
  for (const length of lengths) {
    for (; current < length; current++) writer.write(0b10, 2);
    for (; current > length; current--) writer.write(0b11, 2);
    writer.write(0, 1);
  }
}

function readLengths(reader: BitReader, alphabetSize: number): Uint8Array {
  const lengths = new Uint8Array(alphabetSize);
  let current = reader.read(5);
  for (let symbol = 0; symbol < alphabetSize; symbol++) {
    requireLength(current);
    while (reader.read(1) === 1) {
      current += reader.read(1) === 0 ? 1 : -1;
      requireLength(current);
    }
    lengths[symbol] = current;
  }
  return lengths;
}

function requireLength(length: number): void {
  if (length >= 1 && length <= format.longestCode) return;
  throw unreadable('damaged', `a code has ${length} bits, not 1 to ${format.longestCode}`);
}
