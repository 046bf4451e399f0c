import {
  anObjectWith,
  checkOptions,
  toMilliseconds,
  type Clock,
  type Duration,
  type OptionRules,
  type SerDe,
} from '@memo/core';
import { Buffer } from 'node:buffer';
import { longestNamespace, writtenNamespace } from './safe-key.js';

/** What a `MemcachedCacheStorage` may be told beside its servers. */
export interface MemcachedCacheStorageOptions {
  /**
   * Turns entries into bytes and back.
   * @defaultValue `new MsgpackSerDe()`
   */
  readonly serde?: SerDe;
  /**
   * What the names of all items begin with, followed by a colon; at most 100 bytes. Storages of one namespace share their
   * entries.
   * @defaultValue `'memo'`
   */
  readonly namespace?: string;
  /**
   * How long one operation may take.
   * @defaultValue `'500 milliseconds'`
   */
  readonly deadline?: Duration;
  /**
   * Entries that take more bytes are declined; also those that take more than the server keeps in one item, which it says
   * itself (1 MiB unless it was started with `-I`).
   * @defaultValue 64 MiB
   */
  readonly maxEntryBytes?: number;
  /**
   * Tells the time; for tests.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
}

const call = 'new MemcachedCacheStorage';

const rules = {
  serde: anObjectWith('a SerDe', 'serialize', 'deserialize'),
  namespace: {
    expected: `a text of well-formed Unicode that is not empty and takes at most ${longestNamespace} bytes`,
    accepts: (value) =>
      typeof value === 'string' &&
      value !== '' &&
      value.isWellFormed() &&
      Buffer.byteLength(writtenNamespace(value)) <= longestNamespace,
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
export function checkMemcachedOptions(options: MemcachedCacheStorageOptions): void {
  checkOptions(call, options, rules);
}

/** The deadline in milliseconds. */
export function deadlineOf({ deadline = '500 milliseconds' }: MemcachedCacheStorageOptions): number {
  return toMilliseconds(deadline, deadlineOrigin);
}
