import { InvalidOptionError } from '../errors.js';
import type { CachedItem, Expiration, ExpirationPolicy, SettledExpirationPolicy } from './expiration.js';
import { meaningOf, type SettledMeaning, settledDeadline } from './expiration-meaning.js';
import { JudgedExpiration } from './judged-expiration.js';

/** Where an expiration was written, and what holds where it says nothing. */
export interface ExpirationOrigin {
  readonly call: string;
  readonly option: string;
  /**
   * After how many milliseconds an item expires where a pointer with `:ignore_missing` points to nothing.
   * @defaultValue 30 minutes, as if no expiration were said
   */
  readonly otherwise?: number;
}

/** An expiration as it was written, or as it was read already. */
export type AnyExpiration = Expiration<never> | ExpirationPolicy;

/**
 * Turns an expiration, however it is written, into what the engine asks (aquiche Q40 to Q51). One that was turned already
 * stays as it is.
 *
 * @throws InvalidOptionError when it is no expiration.
 */
export function expirationFrom(
  written: AnyExpiration,
  { call, option, otherwise = 30 * 60_000 }: ExpirationOrigin,
): ExpirationPolicy {
  if (isPolicy(written)) return written;
  const meaning = meaningOf(written);
  switch (meaning.kind) {
    case 'meaningless':
      throw new InvalidOptionError({
        call,
        option,
        expected: `an expiration such as '10 minutes', '2030-01-01', '11:05Z', '$.token.expiresAt', null or a function of the item`,
        received: written,
        ...(meaning.advice !== undefined && { advice: meaning.advice }),
      });
    case 'pointer':
    case 'function':
      return new JudgedExpiration(meaning, option, otherwise);
    default:
      return new SettledExpiration(meaning);
  }
}

/** The expiration of items so many milliseconds after they were there. */
export function expirationAfter(milliseconds: number): ExpirationPolicy {
  return new SettledExpiration({ kind: 'duration', milliseconds });
}

function isPolicy(written: unknown): written is ExpirationPolicy {
  if (typeof written !== 'object' || written === null) return false;
  return SettledExpiration.is(written) || JudgedExpiration.is(written);
}

/** An expiration that is the same for every item. */
class SettledExpiration implements SettledExpirationPolicy {
  readonly after: number | undefined;
  readonly isJudgedAtReads = false;
  readonly #meaning: SettledMeaning;

  constructor(meaning: SettledMeaning) {
    this.after = meaning.kind === 'duration' ? meaning.milliseconds : undefined;
    this.#meaning = meaning;
  }

  /** Unlike `instanceof` it asks nothing of the object. */
  static is(written: object): written is SettledExpiration {
    return #meaning in written;
  }

  deadlineOf({ lastFetched }: CachedItem): number {
    return settledDeadline(this.#meaning, lastFetched);
  }
}
