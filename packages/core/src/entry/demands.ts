import { leaveToNobody } from '../answers.js';
import { type OptionRule, aFunction, checkedWhenUsed, eitherOf } from '../check-options.js';
import { InvalidCallError, InvalidOptionError } from '../errors.js';
import { type Awaitable, isPromise } from '../serde.js';
import { toMilliseconds } from '../time/duration.js';
import type { Demand } from './demand.js';
import type { DemandOptions, Etag } from './demand-options.js';

const anEtag: OptionRule = { expected: 'a text or a number', accepts: isEtag };

function isEtag(value: unknown): value is Etag {
  return typeof value === 'string' || (typeof value === 'number' && !Number.isNaN(value));
}

/** What each of them must be; that a duration is one is checked where it is turned into milliseconds. */
export const demandRules = {
  etag: eitherOf(anEtag, aFunction('of the arguments')),
  maxAge: checkedWhenUsed,
} as const satisfies Record<keyof DemandOptions, OptionRule>;

type FunctionOfArguments = (...args: readonly unknown[]) => unknown;

/**
 * What calls demand, settled as far as it can be before there is a call: an etag, and an age in milliseconds, or functions
 * that find them.
 */
export class Demands {
  /** What it was made from. */
  readonly options: DemandOptions;
  readonly #etag: Etag | FunctionOfArguments | undefined;
  readonly #maxAge: number | FunctionOfArguments | undefined;
  /** What all calls demand, where no function has to be asked. */
  readonly #constant: Demand | undefined;

  /** @throws InvalidOptionError */
  constructor(options: DemandOptions, call: string) {
    const { etag, maxAge } = options;
    if (etag !== undefined && !demandRules.etag.accepts(etag)) {
      throw new InvalidOptionError({ call, option: 'etag', expected: demandRules.etag.expected, received: etag });
    }
    this.options = options;
    this.#etag = etag;
    this.#maxAge =
      typeof maxAge === 'function' || maxAge === undefined
        ? maxAge
        : toMilliseconds(maxAge, { call, option: 'maxAge' });
    if (typeof this.#etag !== 'function' && typeof this.#maxAge !== 'function') {
      this.#constant = { etag: this.#etag === undefined ? undefined : String(this.#etag), maxAge: this.#maxAge };
    }
  }

  /** How old an entry may be at most, in milliseconds, where that is the same for all calls. */
  get maxAge(): number | undefined {
    return typeof this.#maxAge === 'number' ? this.#maxAge : undefined;
  }

  /**
   * What the call with these arguments demands. Both functions are asked once. What they throw is the failure of the call:
   * without an answer nobody can say what is out of date.
   *
   * @throws InvalidCallError when the function answers with something else than an etag; InvalidOptionError.
   */
  of(args: readonly unknown[]): Awaitable<Demand> {
    if (this.#constant !== undefined) return this.#constant;
    const maxAge = typeof this.#maxAge === 'function' ? ageIn(this.#maxAge(...args)) : this.#maxAge;
    const etag: unknown = typeof this.#etag === 'function' ? this.#etag(...args) : this.#etag;
    if (isPromise(etag)) return Promise.resolve(etag).then((found) => ({ etag: etagIn(found), maxAge }));
    return { etag: etagIn(etag), maxAge };
  }
}

/** The same, each of which may be `null` for "none, whatever is said elsewhere". */
export type OwnDemandOptions = { readonly [Option in keyof DemandOptions]?: DemandOptions[Option] | null };

/**
 * What calls demand that have options of their own; where these say nothing, `others` hold.
 *
 * @returns `undefined` where nothing is demanded.
 * @throws InvalidOptionError
 */
export function demandsOf({ etag, maxAge }: OwnDemandOptions, call: string, others?: Demands): Demands | undefined {
  if (etag === undefined && maxAge === undefined) return others;
  const options: DemandOptions = {
    etag: (etag === undefined ? others?.options.etag : etag) ?? undefined,
    maxAge: (maxAge === undefined ? others?.options.maxAge : maxAge) ?? undefined,
  };
  return options.etag === undefined && options.maxAge === undefined ? undefined : new Demands(options, call);
}

function etagIn(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (isEtag(answer)) return String(answer);
  const advice = `Return undefined where no etag is known: then the lifetimes of the entry alone decide.`;
  throw new InvalidCallError('etag', 'a text or a number from its function', answer, advice);
}

function ageIn(answer: unknown): number | undefined {
  if (answer === undefined || answer === null) return undefined;
  leaveToNobody(answer);
  return toMilliseconds(answer, { call: 'maxAge', option: 'its result' });
}
