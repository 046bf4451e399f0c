import { aFunction, checkedWhenUsed, checkOptions, type OptionRules } from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import { type Capacity, checkedCapacity, defaultCapacity } from './capacity.js';
import { SlotWeights } from './slot-weights.js';
import { type Weigh, weighInBytes } from './weigh.js';

/** How much an eviction strategy keeps: so many entries, or entries that weigh so much together. */
export interface RoomOptions {
  /**
   * The most entries kept: a whole number from 0 on; `null` or `Infinity` for no bound.
   * @defaultValue 4096, where there is no `maxWeight`
   */
  readonly capacity?: Capacity | undefined;
  /** The most that all entries may weigh together, instead of a capacity. An entry that weighs more by itself goes at once. */
  readonly maxWeight?: number | undefined;
  /**
   * What an entry weighs: a whole number from 0 on, asked whenever one is written.
   * @defaultValue bytes, for values that are binary; the length of text; 1 for what is no object. Others must be weighed
   */
  readonly weigh?: Weigh | undefined;
}

export const roomRules = {
  capacity: checkedWhenUsed,
  maxWeight: checkedWhenUsed,
  weigh: aFunction('of an entry'),
} as const satisfies OptionRules & Record<keyof RoomOptions, unknown>;

/** How much an eviction strategy keeps, and what each entry takes of it. */
export class Room {
  /** The most entries kept; `Infinity` for no bound. */
  readonly capacity: number;
  /** The most that all entries may weigh together, where they are weighed. */
  readonly maxWeight: number | undefined;
  /** The most that all entries may weigh together; each weighs 1 where they are not weighed. */
  readonly limit: number;
  readonly weights: SlotWeights;

  private constructor(capacity: number, maxWeight: number | undefined, weigh: Weigh | undefined) {
    this.capacity = capacity;
    this.maxWeight = maxWeight;
    this.limit = maxWeight ?? capacity;
    // What nobody can weigh is let go of at once, like what is too heavy.
    this.weights = new SlotWeights(weigh, this.limit + 1);
  }

  /**
   * The room that options ask for, once they have been checked by `roomRules`.
   *
   * @param call - what was called, for messages.
   * @throws InvalidOptionError
   */
  static from(call: string, options: RoomOptions): Room {
    refuseTwoMeasures(call, options);
    const { capacity, maxWeight, weigh } = options;
    if (maxWeight === undefined)
      return new Room(checkedCapacity(call, capacity === undefined ? defaultCapacity : capacity), undefined, undefined);
    return new Room(Infinity, checkedWeight(call, 'maxWeight', maxWeight), weigh ?? weighInBytes);
  }

  /** Whether there will never be room for an entry of this weight. */
  isTooHeavy(weight: number): boolean {
    return this.maxWeight !== undefined && weight > this.maxWeight;
  }
}

/**
 * What the constructor of a strategy was told, as options that have been checked by their rules.
 *
 * @throws InvalidOptionError
 */
export function optionsFrom<Options extends RoomOptions>(
  call: string,
  options: Capacity | Options,
  rules: OptionRules,
): RoomOptions | Options {
  if (typeof options !== 'object' || options === null) return { capacity: options };
  checkOptions(call, options, rules);
  return options;
}

/**
 * Refuses to count entries and to weigh them, and to weigh them in vain.
 *
 * @throws InvalidOptionError
 */
function refuseTwoMeasures(call: string, { capacity, maxWeight, weigh }: RoomOptions): void {
  if (maxWeight === undefined && weigh !== undefined) throw weighedInVain(call, 'weigh', weigh);
  if (maxWeight !== undefined && capacity !== undefined) {
    const expected = `left out where 'maxWeight' is given`;
    const advice = `Entries are either counted or weighed.`;
    throw new InvalidOptionError({ call, option: 'capacity', expected, received: capacity, advice });
  }
}

/** @throws InvalidOptionError */
export function checkedWeight(call: string, option: string, weight: number): number {
  if (Number.isSafeInteger(weight) && weight >= 0) return weight + 0;
  throw new InvalidOptionError({ call, option, expected: 'a whole number from 0 on', received: weight });
}

/** An option about weights where entries are counted. */
export function weighedInVain(call: string, option: string, received: unknown): InvalidOptionError {
  return new InvalidOptionError({ call, option, expected: `left out where no 'maxWeight' is given`, received });
}
