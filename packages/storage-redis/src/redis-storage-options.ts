import {
  anObjectWith,
  checkOptions,
  toMilliseconds,
  type Clock,
  type Duration,
  type OptionRules,
  type SerDe,
} from '@memo/core';

/** What a `RedisCacheStorage` may be told beside its client. */
export interface RedisCacheStorageOptions {
  /**
   * Turns entries into bytes and back.
   * @defaultValue `new MsgpackSerDe()`
   */
  readonly serde?: SerDe;
  /**
   * What the names of all keys begin with, followed by a colon. Storages of one namespace share their entries.
   * @defaultValue `'memo'`
   */
  readonly namespace?: string;
  /**
   * How long one operation may take, whatever the client is set to. Clearing may take this long for every step.
   * @defaultValue `'500 milliseconds'`
   */
  readonly deadline?: Duration;
  /**
   * Entries that take more bytes are declined.
   * @defaultValue 64 MiB
   */
  readonly maxEntryBytes?: number;
  /**
   * Tells the time; for tests.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
}

const call = 'new RedisCacheStorage';

const rules = {
  serde: anObjectWith('a SerDe', 'serialize', 'deserialize'),
  namespace: {
    expected: 'a text of well-formed Unicode that is not empty',
    accepts: (value) => typeof value === 'string' && value !== '' && value.isWellFormed(),
  },
  deadline: { expected: 'longer than 0', accepts: (value) => toMilliseconds(value as Duration, deadlineOrigin) > 0 },
  maxEntryBytes: {
    expected: 'a number of bytes, 1 or more',
    accepts: (value) => typeof value === 'number' && value >= 1,
  },
  clock: anObjectWith('a Clock', 'now', 'setTimer'),
} as const satisfies OptionRules;

const deadlineOrigin = { call, option: 'deadline' };

/** @throws InvalidOptionError naming the option, also one that is unknown. */
export function checkRedisOptions(options: RedisCacheStorageOptions): void {
  checkOptions(call, options, rules);
}

/** The deadline in milliseconds. */
export function deadlineOf({ deadline = '500 milliseconds' }: RedisCacheStorageOptions): number {
  return toMilliseconds(deadline, deadlineOrigin);
}
