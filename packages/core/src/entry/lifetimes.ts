import { checkedWhenUsed } from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** How long entries are fresh and how long they are served, as a user writes it. */
export interface LifetimeOptions {
  /** After this long an entry is still served, and refreshed behind the caller's back. `Infinity`: never refreshed. */
  readonly updateAfter?: Duration;
  /** After this long an entry is not served any more. `0`: never served, but loads in flight still collapse. */
  readonly expireAfter?: Duration;
}

/** What each lifetime must be; that it is a duration is checked where it is turned into milliseconds. */
export const lifetimeRules = { updateAfter: checkedWhenUsed, expireAfter: checkedWhenUsed } as const;

/** The same in milliseconds; `updateAfter: Infinity` means that nothing is refreshed in the background. */
export interface Lifetimes {
  readonly updateAfter: number;
  readonly expireAfter: number;
}

/** The same, each of which may be left out. */
type Given<Options> = { readonly [Option in keyof Options]?: Options[Option] | undefined };

const tenMinutes = 10 * 60_000;
const thirtyMinutes = 30 * 60_000;

/**
 * Settles both lifetimes: none given, 10 and 30 minutes; only `expireAfter`, no background refresh; only
 * `updateAfter`, expired after 30 minutes or three times it, whichever is longer.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError for what is no duration, and for entries that would expire before they are refreshed.
 */
export function lifetimesOf({ updateAfter, expireAfter }: LifetimeOptions, call: string): Lifetimes {
  return lifetimesInMilliseconds(
    {
      updateAfter: updateAfter === undefined ? undefined : toMilliseconds(updateAfter, { call, option: 'updateAfter' }),
      expireAfter: expireAfter === undefined ? undefined : toMilliseconds(expireAfter, { call, option: 'expireAfter' }),
    },
    call,
  );
}

/**
 * The same for those that are given in milliseconds.
 *
 * @throws InvalidOptionError for entries that would expire before they are refreshed.
 */
export function lifetimesInMilliseconds(
  { updateAfter: update, expireAfter: expire }: Given<Lifetimes>,
  call: string,
): Lifetimes {
  if (update === undefined) {
    return { updateAfter: expire === undefined ? tenMinutes : Infinity, expireAfter: expire ?? thirtyMinutes };
  }
  const expireOrDefault = expire ?? (update === Infinity ? thirtyMinutes : Math.max(thirtyMinutes, 3 * update));
  if (update !== Infinity && update > expireOrDefault) throw refreshedTooLate(call, update, expireOrDefault);
  return { updateAfter: update, expireAfter: expireOrDefault };
}

function refreshedTooLate(call: string, update: number, expire: number): InvalidOptionError {
  return new InvalidOptionError({
    call,
    option: 'updateAfter',
    expected: `no longer than expireAfter (${expire} ms)`,
    received: update,
    advice: `An entry that has expired is never refreshed in the background; leave updateAfter out if none should be.`,
  });
}
