import { unreadable } from './unreadable.js';

/** Reads bits one after the other, the highest of each byte first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** Where the next byte is taken from; beyond the end there are zeros, which may be looked at but not be read. */
  #at = 0;
  /** Bits that have been taken: the lowest `#count` of them are still to be read. */
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many whole bytes are still to be read. */
  get bytesLeft(): number {
    return this.#bytes.length - this.#at + (this.#count >> 3);
  }

  /** The next bits, at most 24, without reading them. */
  peek(count: number): number {
    while (this.#count < count) {
      this.#bits = (this.#bits << 8) | (this.#at < this.#bytes.length ? this.#bytes[this.#at]! : 0);
      this.#at += 1;
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** Reads what has been looked at. @throws UnreadableBytesError - where there is not so much. */
  skip(count: number): void {
    this.#count -= count;
    // Only whole bytes lie beyond the end, and of those nothing may have been read.
    if (this.#at > this.#bytes.length && this.bytesLeft < 0) throw unreadable('length', 'they end too early');
  }

  /** The next bits, at most 24. @throws UnreadableBytesError */
  read(count: number): number {
    const bits = this.peek(count);
    this.skip(count);
    return bits;
  }

  /** A number of 32 bits. @throws UnreadableBytesError */
  readWord(): number {
    return this.read(16) * 0x1_0000 + this.read(16);
  }

  /** Reads whole bytes that are known to be there, from a whole byte on. */
  skipBytes(count: number): void {
    for (let skipped = 0; skipped < count; skipped++) this.read(8);
  }

  /** Goes on to the next whole byte. */
  alignToByte(): void {
    this.#count -= this.#count & 7;
  }
}
