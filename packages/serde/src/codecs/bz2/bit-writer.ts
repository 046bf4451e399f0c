/** Writes bits one after the other, the highest of each number first. */
export class BitWriter {
  #bytes = new Uint8Array(1_024);
  #length = 0;
  /** Bits that do not make a byte yet: the lowest `#count` of them. */
  #bits = 0;
  #count = 0;

  /** The lowest `count` bits of a number, at most 24; the others are zero. */
  write(bits: number, count: number): void {
    this.#bits = (this.#bits << count) | bits;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#writeByte(this.#bits >>> this.#count);
    }
  }

  /** A number of 32 bits. */
  writeWord(word: number): void {
    this.write(word >>> 16, 16);
    this.write(word & 0xffff, 16);
  }

  /** What has been written, with zeros up to a whole byte. */
  finish(): Uint8Array {
    if (this.#count > 0) this.write(0, 8 - this.#count);
    return this.#bytes.slice(0, this.#length);
  }

  #writeByte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}
