import type { CacheEntry } from '../entry/cache-entry.js';

/**
 * The right to load a key, as one holder has it among all who share the storage.
 *
 * It ends by itself after the time it was asked for, so that the crash of a holder costs no more than that. Whatever
 * takes the entry away or replaces it voids the lease as well, and an entry that is offered under a void lease is
 * declined: a load that began before an invalidation can never be kept after it. A holder whose time is over but whom
 * nobody has replaced still holds it.
 */
export interface Lease {
  /** Tells this holder from every other, as it was asked for. */
  readonly holder: string;
  /** How many loads of this key have failed in a row before this one, as far as the storage remembers. */
  readonly failures: number;
  /** Lets it last for `time` milliseconds from now. Resolves to whether it is still held. */
  renew(time: number): Promise<boolean>;
  /**
   * Ends it without an entry, and wakes those who wait, so that one of them may load. With `rest` nobody may for a while.
   * Resolves to whether it was held up to now.
   */
  giveBack(rest?: LeaseRest): Promise<boolean>;
}

/** After a failed load: the key is left alone for a while. */
export interface LeaseRest {
  /** How many loads of this key have failed in a row. Remembered for as long again as the rest itself, at least. */
  readonly failures: number;
  /** How long nobody is granted the lease, unless it is asked for with `seen: 'any'`. */
  readonly milliseconds: number;
}

/** How a lease is asked for. */
export interface LeaseRequest {
  /**
   * Tells the holder from every other: 20 hexadecimal digits, as `newHolder` makes them. A holder that asks again, since
   * an answer was lost, is granted what it has.
   */
  readonly holder: string;
  /**
   * What the holder has found in the storage and will not do with: an entry with another moment of `created` is the
   * answer, instead of a lease. `undefined`: it has found nothing. `'any'`: it wants to load whatever is there.
   */
  readonly seen: CacheEntry | 'any' | undefined;
  /** For how many milliseconds, unless it is renewed. */
  readonly time: number;
}

/** What becomes of a request for a lease. The storage judges no entry: whether it is fresh the holder knows. */
export type LeaseAnswer =
  | { readonly state: 'granted'; readonly lease: Lease }
  /** Somebody else has put an entry there. */
  | { readonly state: 'present'; readonly entry: CacheEntry }
  /** Somebody else loads. */
  | {
      readonly state: 'held';
      /** Milliseconds until the lease ends, unless it is renewed. */
      readonly remaining: number;
      /** Where the storage can tell when it is worth asking again. */
      readonly watch?: LeaseWatch;
    }
  /** The loads of this key have failed, and it is left alone. */
  | { readonly state: 'resting'; readonly failures: number; /** Milliseconds. */ readonly remaining: number };

/** Tells when it is worth asking again for a lease that somebody else holds. Whoever got one stops it. */
export interface LeaseWatch {
  /** Resolves when the lease has ended, or may have. It may come for nothing, late or never; it does not reject. */
  readonly changed: Promise<unknown>;
  stop(): void;
}
