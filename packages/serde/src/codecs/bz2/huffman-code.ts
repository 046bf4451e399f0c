import type { BitReader } from './bit-reader.js';
import { format } from './bzip2-format.js';
import { unreadable } from './unreadable.js';

/**
 * Huffman codes that are given by their lengths alone: symbols take codes in the order of the lengths, and among equal ones
 * in their own order ("canonical").
 */

/**
 * The lengths that make the text shortest, if no code may have more than `longest` bits: by the method of coins, or
 * "package-merge" (Lawrence Larmore, Daniel Hirschberg: "A fast algorithm for optimal length-limited Huffman codes", Journal
 * of the ACM 37, 1990).
 *
 * For each symbol there is one coin of every denomination 1/2, 1/4 … 2^-longest, and its frequency is what collectors ask
 * for it. Buying a worth of n - 1 as cheaply as possible, of the smallest denomination the cheapest in pairs, and so on
 * upwards, a symbol's code has as many bits as coins of it were bought.
 *
 * @param frequencies - of two symbols or more; one that does not occur counts as if it did once, since it needs a code too.
 */
export function codeLengths(frequencies: Int32Array, longest: number): Uint8Array {
  const prices = Array.from(frequencies, (frequency) => Math.max(1, frequency));
  const symbols = [...prices.keys()].sort((left, right) => prices[left]! - prices[right]!);
  const coins = symbols.map((symbol) => prices[symbol]!);
  const offers: Offer[] = [];
  for (let packages: number[] = []; offers.length < longest;) {
    const offer = merged(coins, packages);
    offers.push(offer);
    packages = pairs(offer.prices);
  }
  const lengths = new Uint8Array(frequencies.length);
  let bought = 2 * coins.length - 2;
  for (const { isCoin } of offers.reverse()) {
    let ofCoins = 0;
    for (let index = 0; index < bought; index++) if (isCoin[index]!) lengths[symbols[ofCoins++]!]! += 1;
    bought = 2 * (bought - ofCoins);
  }
  return lengths;
}

/** What can be bought of one denomination, the cheapest first: its coins, and pairs of what is worth half as much. */
interface Offer {
  readonly prices: readonly number[];
  readonly isCoin: readonly boolean[];
}

function merged(coins: readonly number[], packages: readonly number[]): Offer {
  const prices: number[] = [];
  const isCoin: boolean[] = [];
  for (let coin = 0, pack = 0; coin < coins.length || pack < packages.length;) {
    const takesCoin = pack === packages.length || coins[coin]! <= packages[pack]!;
    prices.push(takesCoin ? coins[coin++]! : packages[pack++]!);
    isCoin.push(takesCoin);
  }
  return { prices, isCoin };
}

function pairs(prices: readonly number[]): number[] {
  const sums: number[] = [];
  for (let index = 0; index + 1 < prices.length; index += 2) sums.push(prices[index]! + prices[index + 1]!);
  return sums;
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
