/**
 * Draws from 1 to `size` as popularity is distributed: the second is asked for half as often as the first, the third a
 * third as often (Zipf's law with exponent 1).
 */
export class Zipf {
  readonly #upTo: Float64Array;

  constructor(size: number) {
    let total = 0;
    this.#upTo = Float64Array.from({ length: size }, (_, index) => (total += 1 / (index + 1)));
  }

  draw(): number {
    const point = Math.random() * (this.#upTo.at(-1) ?? 0);
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#upTo[middle] ?? 0) <= point) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  }
}
