import type { Awaitable } from '../serde.js';
import type { Duration } from '../time/duration.js';

/** Names the revision that a value was made from. It is kept as text, so `1` and `'1'` are the same. */
export type Etag = string | number;

/** An etag, or a function of the arguments that gives it; none given, nothing is demanded. */
export type EtagOption<A extends readonly unknown[] = readonly unknown[]> =
  Etag | ((...args: A) => Awaitable<Etag | null | undefined>);

/** An age, or a function of the arguments that gives it; none given, nothing is demanded. */
export type MaxAgeOption<A extends readonly unknown[] = readonly unknown[]> =
  Duration | ((...args: A) => Duration | null | undefined);

/** What a call demands of an entry beside what the entry says of itself, as a user writes it. It only tightens. */
export interface DemandOptions<A extends readonly unknown[] = readonly unknown[]> {
  /**
   * How old an entry may be at most, counted from when its load ended: one of that age has expired for this call. It
   * shortens the lifetime of an entry and never lengthens it.
   * @defaultValue as old as its lifetime says
   */
  readonly maxAge?: MaxAgeOption<A> | undefined;
  /**
   * The revision that the value must have been made from. An entry with another has expired for this call, and what is
   * loaded then is kept with this one.
   * @defaultValue any revision
   */
  readonly etag?: EtagOption<A> | undefined;
}
