import { aClock, anObjectWith, checkOptions, type OptionRules } from '../check-options.js';
import type { SerDe } from '../serde.js';
import type { Clock } from '../time/clock.js';
import { toMilliseconds, type Duration } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';

/** What every storage on servers may be told beside where these are. */
export interface RemoteStorageOptions {
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
   * How long one operation may take, whatever the client is set to; an asynchronous SerDe may take as long. Clearing may
   * take this long for each step, where it takes several.
   * @defaultValue `'500 milliseconds'`
   */
  readonly deadline?: Duration;
  /**
   * Entries that take more bytes are declined, as are those that take more than the server keeps.
   * @defaultValue 64 MiB
   */
  readonly maxEntryBytes?: number;
  /**
   * Tells the time; for tests.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
}

/** Those options with their defaults in place, but for the SerDe, of which the core has none. */
export interface RemoteStorageSettings {
  readonly namespace: string;
  /** Milliseconds. */
  readonly deadline: number;
  readonly maxEntryBytes: number;
  readonly clock: Clock;
}

/**
 * Checks the options of a storage on servers and puts their defaults in place.
 *
 * @param call - what is called, for messages, such as `new RedisCacheStorage`.
 * @param rules - those of the storage's own options, and those that are to stand in the place of these.
 * @throws InvalidOptionError naming the option, also one that is unknown.
 */
export function remoteStorageSettings(
  call: string,
  options: RemoteStorageOptions,
  rules: OptionRules = {},
): RemoteStorageSettings {
  checkOptions(call, options, { ...rulesFor(call), ...rules });
  const { namespace = 'memo', deadline = '500 milliseconds', maxEntryBytes = 64 * 1024 * 1024 } = options;
  return {
    namespace,
    deadline: toMilliseconds(deadline, { call, option: 'deadline' }),
    maxEntryBytes,
    clock: options.clock ?? systemClock,
  };
}

function rulesFor(call: string): OptionRules {
  return {
    serde: anObjectWith('a SerDe', 'serialize', 'deserialize'),
    namespace: {
      expected: 'a text of well-formed Unicode that is not empty',
      accepts: (value) => typeof value === 'string' && value !== '' && value.isWellFormed(),
    },
    deadline: {
      expected: 'longer than 0 and finite',
      accepts: (value) => isFiniteDuration(toMilliseconds(value as Duration, { call, option: 'deadline' })),
    },
    maxEntryBytes: {
      expected: 'a number of bytes, 1 or more',
      accepts: (value) => typeof value === 'number' && value >= 1,
    },
    clock: aClock,
  };
}

function isFiniteDuration(milliseconds: number): boolean {
  return milliseconds > 0 && milliseconds < Infinity;
}
