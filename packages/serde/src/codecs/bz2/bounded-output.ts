import { OutputTooLargeError } from '../../errors.js';

/** What has been decoded, in pieces, of which there may be so many bytes. */
export class BoundedOutput {
  readonly #pieces: Uint8Array[] = [];
  readonly #most: number;
  #length = 0;
  #expected = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many bytes there will be, as far as is known. */
  get expected(): number {
    return this.#expected;
  }

  /** Says that so many bytes or more follow, before work is done for them. @throws OutputTooLargeError */
  expect(length: number): void {
    this.#expected = this.#length + length;
    if (this.#expected > this.#most) throw new OutputTooLargeError('bz2', this.#most);
  }

  /** Takes a piece that was expected. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** All pieces, one after the other. */
  joined(): Uint8Array {
    if (this.#pieces.length === 1) return this.#pieces[0]!;
    const all = new Uint8Array(this.#length);
    let end = 0;
    for (const piece of this.#pieces) {
      all.set(piece, end);
      end += piece.length;
    }
    return all;
  }
}
