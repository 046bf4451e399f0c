import { aFunction, anObjectWith, checkedWhenUsed, eitherOf, oneOf, type OptionRules } from '../check-options.js';
import type { CoordinationSettings } from '../engine/call.js';
import { InvalidOptionError } from '../errors.js';
import type { Lock } from '../storage/lock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** How those who share a storage decide who loads, as a user writes it. */
export interface CoordinationOptions {
  /**
   * `lease`: one loads for all who share the storage, where it is able to grant leases. `none`: every process loads for
   * itself, and a value whose load began before a `delete` in another process may be kept after it.
   * @defaultValue 'lease'
   */
  readonly coordination?: 'lease' | 'none';
  /**
   * For how long a process is believed to be loading without saying so again; it does at a third of that. After a crash
   * the others wait no longer than this. From 100 milliseconds to 49 days.
   * @defaultValue 3 seconds
   */
  readonly leaseTime?: Duration;
  /**
   * How long a call waits while another process loads. `0`: not at all. `Infinity`: for as long as it takes.
   * @defaultValue as long as `timeout`
   */
  readonly waitLimit?: Duration;
  /**
   * What a call does after that. `compute`: it calls the function itself and keeps nothing. `throw`: it fails with a
   * `WaitLimitError`. `stale`: it is answered with the expired entry, and computes if there is none.
   * @defaultValue 'compute'
   */
  readonly onWaitLimit?: 'compute' | 'throw' | 'stale';
  /**
   * Decides who loads, instead of the storage: a lock for everything, or a function that gives one for a key. The lease
   * is taken nevertheless, to keep late writes out.
   */
  readonly lock?: Lock | ((key: string) => Lock);
}

/** The same, where layers may have said that there shall be no lock, not even the storage's own. */
export type SettledCoordinationOptions = Omit<CoordinationOptions, 'lock'> & {
  readonly lock?: NonNullable<CoordinationOptions['lock']> | null;
};

/** What each of them must be; what a time may be is checked where it is turned into milliseconds. */
export const coordinationRules = {
  coordination: oneOf('lease', 'none'),
  leaseTime: checkedWhenUsed,
  waitLimit: checkedWhenUsed,
  onWaitLimit: oneOf('compute', 'throw', 'stale'),
  lock: eitherOf(aFunction('of a key that gives a Lock'), anObjectWith('a Lock', 'acquire', 'release')),
} as const satisfies OptionRules & Record<keyof CoordinationOptions, unknown>;

/** A process that is busy for less than this while it loads should not lose its lease. */
const shortestLease = 100;
/** What storages have room for: 32 bits of milliseconds. */
const longestLease = 49 * 86_400_000;
/** How long a lease may be, for messages. */
export const leaseTimeExpected = 'a time from 100 milliseconds to 49 days';

/**
 * Settles how processes decide who loads.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError
 */
export function coordinationSettingsOf(options: SettledCoordinationOptions, call: string): CoordinationSettings {
  const { coordination = 'lease', onWaitLimit = 'compute', waitLimit, lock } = options;
  return {
    coordination,
    leaseTime: leaseTimeOf(options, call),
    waitLimit: waitLimit === undefined ? undefined : toMilliseconds(waitLimit, { call, option: 'waitLimit' }),
    onWaitLimit,
    lock: typeof lock === 'object' && lock !== null ? () => lock : lock,
  };
}

function leaseTimeOf({ leaseTime = '3 seconds' }: Pick<CoordinationOptions, 'leaseTime'>, call: string): number {
  const milliseconds = toMilliseconds(leaseTime, { call, option: 'leaseTime' });
  // Storages count leases in whole milliseconds.
  if (milliseconds >= shortestLease && milliseconds <= longestLease) return Math.ceil(milliseconds);
  throw new InvalidOptionError({
    call,
    option: 'leaseTime',
    expected: leaseTimeExpected,
    received: leaseTime,
    advice: `It is renewed while the function runs, so it need not be as long as a load.`,
  });
}

/**
 * Refuses what would have no effect because `coordination: 'none'` is said beside it; `null` claims no effect.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError
 */
export function refuseWhatIsInVain(
  options: { readonly [Option in keyof CoordinationOptions]?: unknown },
  call: string,
): void {
  if (options.coordination !== 'none') return;
  for (const option of Object.keys(coordinationRules) as (keyof CoordinationOptions)[]) {
    if (option === 'coordination' || options[option] === undefined || options[option] === null) continue;
    throw new InvalidOptionError({
      call,
      option,
      expected: `left out where 'coordination' is 'none'`,
      received: options[option],
      advice: `Every process then loads for itself, and none waits for another.`,
    });
  }
}
