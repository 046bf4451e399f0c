import { InvalidCallError, InvalidOptionError, quoted, UnknownRegionError } from '../errors.js';
import { nearestWord } from '../nearest-word.js';
import { boundNames } from './bound-options.js';
import { checkLayer, regionRules } from './layer-rules.js';
import { type Layer, layerInMilliseconds } from './layers.js';
import type { DefaultRegionOptions, RegionName, RegionOptions, RegionsByName } from './memoizer-options.js';

/** A region as it was given, and as it is read. */
interface Region {
  readonly options: RegionOptions;
  readonly layer: Layer;
}

/** Finds a region by its name. */
type Find = (name: string) => Region | undefined;

const defaultName = 'default';

/**
 * The regions of a `Memoizer`: sets of options with a name. For what a region does not say its parent is asked, then the
 * parent's, and in the end the `Memoizer` itself, whose own options are the region `'default'`.
 *
 * Regions may be added and changed while the cache runs; it holds from the next call on. Types know the names: of those
 * that the `Memoizer` is made with, and of those that its type parameter lists, which may be added later.
 */
export class Regions<in R extends string = never> {
  readonly #regions = new Map<string, Region>();
  /** What the `Memoizer` was made over; it stays so while the options around it change. */
  readonly #foundation: DefaultRegionOptions;
  readonly #layers = new Map<string, readonly Layer[]>();
  #version = 0;

  /**
   * @param defaults - what the `Memoizer` itself says, with its storage; checked already.
   * @throws InvalidOptionError
   * @internal
   */
  constructor(defaults: Layer, regions: RegionsByName<R> = {}) {
    this.#foundation = saidIn(defaults, ['storage', ...boundNames]);
    this.#regions.set(defaultName, regionFrom(saidIn(defaults, Object.keys(regionRules))));
    for (const [name, region] of checkedRegions(regions)) this.#regions.set(name, region);
    const find: Find = (name) => this.#regions.get(name);
    for (const name of this.#regions.keys()) this.#checkParent(whenMade(name), name, find);
    for (const name of this.#regions.keys()) refuseCycle(whenMade(name), name, find);
    // A region that is assigned, as to an object of options, would be lost in silence.
    Object.freeze(this);
  }

  /**
   * Adds a region, or replaces all that it says. Its parent must be there already. What is said of `'default'` are the
   * options of the `Memoizer` itself, except for its storage: where none is given, it stays the one it was made with.
   *
   * @throws InvalidOptionError; then nothing has changed.
   */
  set(name: R | RegionName, options: RegionOptions<R>): void;
  set(name: 'default', options: DefaultRegionOptions): void;
  set(name: string, options: RegionOptions): void {
    checkName('regions.set', name);
    const call = `regions.set(${shown(name)})`;
    checkRegion(call, name, options);
    const onFoundation = name === defaultName && options.storage === undefined;
    const region = regionFrom(onFoundation ? { ...options, ...this.#foundation } : options);
    const find: Find = (other) => (other === name ? region : this.#regions.get(other));
    this.#checkParent(call, name, find);
    refuseCycle(call, name, find);
    this.#regions.set(name, region);
    this.#layers.clear();
    this.#version++;
  }

  /** What a region says itself, as it was given; `undefined` when there is no such region. It cannot be changed. */
  get(name: R | 'default' | RegionName): RegionOptions<never> | undefined {
    return this.#regions.get(name)?.options as RegionOptions<never> | undefined;
  }

  has(name: string): boolean {
    return this.#regions.has(name);
  }

  /** The names of all regions, `'default'` first. */
  names(): readonly RegionName[] {
    return [...this.#regions.keys()] as RegionName[];
  }

  /** Another number after each change, for those who keep what they derived. @internal */
  get version(): number {
    return this.#version;
  }

  /**
   * What is asked about a call in a region, in this order: the region, its parents, the `Memoizer`. No region chosen, only
   * the last. Its durations are in milliseconds.
   *
   * @throws UnknownRegionError
   * @internal
   */
  layersOf(name: string | null | undefined): readonly Layer[] {
    const known = this.#layers.get(name ?? defaultName);
    if (known !== undefined) return known;
    const layers = this.#layersFrom(name ?? defaultName);
    this.#layers.set(name ?? defaultName, layers);
    return layers;
  }

  #layersFrom(name: string): readonly Layer[] {
    const layers: Layer[] = [];
    for (let asked: string | undefined = name; asked !== undefined;) {
      const region = this.#regions.get(asked);
      if (region === undefined) throw new UnknownRegionError(asked, this.#adviceFor(asked));
      layers.push(region.layer);
      asked = parentOf(asked, region);
    }
    return layers;
  }

  #checkParent(call: string, name: string, find: Find): void {
    const received = find(name)?.options.parent;
    if (received === undefined || find(received) !== undefined) return;
    const advice = this.#adviceFor(received);
    throw new InvalidOptionError({ call, option: 'parent', expected: 'a region that there is', received, advice });
  }

  #adviceFor(name: unknown): string {
    const names = this.names();
    const nearest = typeof name === 'string' ? nearestWord(name, names) : undefined;
    const few = names.length > 20 ? [...names.slice(0, 20).map(shown), `${names.length - 20} more`] : names.map(shown);
    const all = `The regions are ${few.join(', ')}.`;
    return nearest === undefined ? all : `Did you mean ${shown(nearest)}? ${all}`;
  }
}

/** Says of what the constructor of a `Memoizer` was told that it is wrong. */
const maker = 'new Memoizer';
const whenMade = (name: string): string => `${maker}, region ${shown(name)}`;

/** Regions before it is known whether their parents are there, as they may stand in any order. */
function checkedRegions(regions: object): readonly [name: string, region: Region][] {
  if (typeof regions !== 'object' || (regions as unknown) === null || Array.isArray(regions)) {
    throw new InvalidOptionError({
      call: maker,
      option: 'regions',
      expected: 'an object of regions by name',
      received: regions,
    });
  }
  return Object.entries(regions as Readonly<Record<string, RegionOptions | undefined>>).flatMap(([name, options]) => {
    if (options === undefined) return [];
    checkName(`${maker}, regions`, name);
    refuseDefault(name, options);
    checkRegion(whenMade(name), name, options);
    return [[name, regionFrom(options)]];
  });
}

function refuseDefault(name: string, received: RegionOptions): void {
  if (name !== defaultName) return;
  throw new InvalidOptionError({
    call: maker,
    option: 'regions.default',
    expected: 'left out, since the options of the Memoizer itself are that region',
    received,
    advice: `Write them beside 'regions'.`,
  });
}

function checkName(call: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return;
  throw new InvalidCallError(call, 'the name of a region, a text that is not empty', name);
}

function checkRegion(call: string, name: string, options: RegionOptions): void {
  checkLayer(call, options, regionRules);
  if (name === defaultName) refuseParent(call, options);
  for (const option of boundNames) {
    if (options[option] === undefined || options.storage !== undefined) continue;
    throw new InvalidOptionError({
      call,
      option,
      expected: `left out where no 'storage' is given beside it`,
      received: options[option],
      advice: `It bounds the entries of a storage, so it is said where the storage is.`,
    });
  }
}

function refuseParent(call: string, { parent }: RegionOptions): void {
  if (parent === undefined) return;
  throw new InvalidOptionError({
    call,
    option: 'parent',
    expected: `left out for ${shown(defaultName)}, which is asked after all others`,
    received: parent,
  });
}

function regionFrom(options: RegionOptions): Region {
  const given = Object.freeze({ ...options });
  return { options: given, layer: layerInMilliseconds(given) };
}

function saidIn(options: object, names: readonly string[]): DefaultRegionOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  );
}

/** Who is asked after a region. */
function parentOf(name: string, { options }: Region): string | undefined {
  return name === defaultName ? undefined : (options.parent ?? defaultName);
}

/** To be called when all parents are there. A cycle that `name` leads to but is no part of is told of its own regions. */
function refuseCycle(call: string, name: string, find: Find): void {
  const path = [name];
  for (let parent = parentOf(name, find(name)!); parent !== undefined; parent = parentOf(parent, find(parent)!)) {
    if (parent !== name && path.includes(parent)) return;
    path.push(parent);
    if (parent !== name) continue;
    throw new InvalidOptionError({
      call,
      option: 'parent',
      expected: 'a region whose parents do not lead back to this one',
      received: path[1],
      advice: `They go ${path.map(shown).join(' → ')}.`,
    });
  }
}

/** A name as it stands in messages. */
function shown(name: string): string {
  return `'${quoted(name).slice(1, -1)}'`;
}
