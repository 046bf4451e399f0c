import type { Regions } from './configuration/regions.js';

/** Keeps what is derived for each region, for as long as the regions stay as they are. */
export class ByRegion<R extends string, T> {
  readonly #regions: Regions<R>;
  readonly #derive: (region: string | null | undefined) => T;
  readonly #derived = new Map<string | null | undefined, T>();
  #version: number;

  /** @param derive - `undefined` and `null` stand for no region. */
  constructor(regions: Regions<R>, derive: (region: string | null | undefined) => T) {
    this.#regions = regions;
    this.#derive = derive;
    this.#version = regions.version;
  }

  /** What has been derived so far. */
  get all(): readonly T[] {
    return [...this.#derived.values()];
  }

  /** @throws UnknownRegionError, and what deriving throws. */
  of(region?: string | null): T {
    if (this.#version !== this.#regions.version) {
      this.#derived.clear();
      this.#version = this.#regions.version;
    }
    const known = this.#derived.get(region);
    if (known !== undefined) return known;
    const derived = this.#derive(region);
    this.#derived.set(region, derived);
    return derived;
  }
}
