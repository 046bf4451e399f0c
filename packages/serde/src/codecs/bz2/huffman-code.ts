import type { BitReader } from './bit-reader.js';
import { format } from './bzip2-format.js';
import { unreadable } from './unreadable.js';

/**
 * Huffman codes that are given by their lengths alone: symbols take codes in the order of the lengths, and among equal ones
 * in their own order ("canonical").
 */

/**
 * The lengths of the codes that make a text shortest, none of more than `longest` bits. A symbol that does not occur counts
 * as if it did once, since it needs a code as well.
 *
 * Where a code would be too long, frequencies are made more alike, as bzip2 does it: halved, and again, until it fits. That
 * costs a little length, but codes so long belong to symbols so rare that it does not show.
 *
 * @param frequencies - of two to 512 symbols.
 */
export function codeLengths(frequencies: Int32Array, longest: number): Uint8Array {
  let weights = frequencies.map((frequency) => Math.max(1, frequency));
  for (;;) {
    const lengths = depths(weights);
    if (lengths.every((length) => length <= longest)) return lengths;
    weights = weights.map((weight) => (weight >> 1) + 1);
  }
}

/**
 * How deep each symbol stands in a Huffman tree (David Huffman: "A method for the construction of minimum-redundancy codes",
 * Proceedings of the IRE 40, 1952): the two lightest nodes are put under a new one, until one is left. With the leaves
 * sorted, new nodes come in the order of their weights: the lightest is always the first of two queues (Jan van Leeuwen: "On
 * the construction of Huffman trees", 1976).
 */
function depths(weights: Int32Array): Uint8Array {
  const leaves = sortedSymbols(weights);
  const root = 2 * leaves.length - 2;
  const nodeWeights = new Int32Array(root + 1);
  for (let index = 0; index < leaves.length; index++) nodeWeights[index] = weights[leaves[index]!]!;
  const parents = new Int32Array(root);
  let leaf = 0;
  let inner = leaves.length;
  for (let parent = leaves.length; parent <= root; parent++) {
    for (let child = 0; child < 2; child++) {
      const isLeaf = leaf < leaves.length && (inner === parent || nodeWeights[leaf]! <= nodeWeights[inner]!);
      const lightest = isLeaf ? leaf++ : inner++;
      nodeWeights[parent]! += nodeWeights[lightest]!;
      parents[lightest] = parent;
    }
  }
  const nodeDepths = new Uint8Array(root + 1);
  const ofSymbols = new Uint8Array(leaves.length);
  for (let node = root - 1; node >= 0; node--) nodeDepths[node] = nodeDepths[parents[node]!]! + 1;
  for (let index = 0; index < leaves.length; index++) ofSymbols[leaves[index]!] = nodeDepths[index]!;
  return ofSymbols;
}

/** Symbols from the lightest to the heaviest: as numbers made of both, which sort much faster than by a comparison. */
function sortedSymbols(weights: Int32Array): Int32Array {
  const both = weights.map((weight, symbol) => weight * 512 + symbol).sort();
  return both.map((number) => number % 512);
}

/** The code of each symbol. */
export function codesOf(lengths: Uint8Array): Int32Array {
  const codes = new Int32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= format.longestCode; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) codes[symbol] = code++;
    code <<= 1;
  }
  return codes;
}

/** Codes of so many bits are looked up in one go. */
const shortcutBits = 10;

/** Finds symbols by their codes. */
export class HuffmanDecoder {
  /** For each way in which bits may begin: the symbol, and in the lowest five bits the length of its code; 0 for a longer one. */
  readonly #shortcuts = new Uint16Array(1 << shortcutBits);
  /** All symbols in the order of their codes. */
  readonly #symbols: Uint16Array;
  /** For each length: the end of its codes, with as many bits as the longest. */
  readonly #ends = new Int32Array(format.longestCode + 1);
  /** For each length: what has to be added to a code to get the index of its symbol. */
  readonly #offsets = new Int32Array(format.longestCode + 1);

  /**
   * @param lengths - 1 to 20 bits.
   * @throws UnreadableBytesError - if some bits would stand for two symbols, or for none.
   */
  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length);
    let code = 0;
    let index = 0;
    for (let length = 1; length <= format.longestCode; length++) {
      this.#offsets[length] = index - code;
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        this.#symbols[index++] = symbol;
        if (length <= shortcutBits) this.#cutShort(code, length, symbol);
        code += 1;
      }
      this.#ends[length] = code << (format.longestCode - length);
      code <<= 1;
    }
    const all = 1 << format.longestCode;
    if (this.#ends[format.longestCode] === all) return;
    const many = this.#ends[format.longestCode]! > all ? 'many' : 'few';
    throw unreadable('damaged', `a coding table has too ${many} codes`);
  }

  #cutShort(code: number, length: number, symbol: number): void {
    const first = code << (shortcutBits - length);
    this.#shortcuts.fill((symbol << 5) | length, first, first + (1 << (shortcutBits - length)));
  }

  /** Reads one symbol. @throws UnreadableBytesError */
  read(reader: BitReader): number {
    const bits = reader.peek(format.longestCode);
    const shortcut = this.#shortcuts[bits >>> (format.longestCode - shortcutBits)]!;
    if (shortcut !== 0) {
      reader.skip(shortcut & 31);
      return shortcut >>> 5;
    }
    let length = shortcutBits + 1;
    while (bits >= this.#ends[length]!) length += 1;
    reader.skip(length);
    return this.#symbols[(bits >>> (format.longestCode - length)) + this.#offsets[length]!]!;
  }
}
