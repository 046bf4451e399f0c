/** So many nanoseconds are told apart one by one; of longer ones, by their microseconds. */
const finest = 100_000;
const mostMicroseconds = 1_000_000;

/** How long things took, counted without keeping each: up to a second. */
export class Latencies {
  readonly #byNanoseconds = new Uint32Array(finest);
  readonly #byMicroseconds = new Uint32Array(mostMicroseconds);
  #count = 0;
  #longest = 0;

  add(milliseconds: number): void {
    const nanoseconds = milliseconds * 1e6;
    this.#count++;
    if (nanoseconds > this.#longest) this.#longest = nanoseconds;
    if (nanoseconds < finest) this.#byNanoseconds[nanoseconds | 0]!++;
    else this.#byMicroseconds[Math.min(mostMicroseconds - 1, Math.floor(nanoseconds / 1000))]!++;
  }

  /** The usual ones, in nanoseconds. */
  quantiles(): Readonly<Record<'p50' | 'p99' | 'p999' | 'p9999' | 'longest', number>> {
    const at = (share: number): number => this.#quantile(share);
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), p9999: at(0.9999), longest: this.#longest };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (let index = 0; index < finest; index++) {
      left -= this.#byNanoseconds[index]!;
      if (left <= 0) return index;
    }
    for (let index = 0; index < mostMicroseconds; index++) {
      left -= this.#byMicroseconds[index]!;
      if (left <= 0) return index * 1000;
    }
    return NaN;
  }
}
