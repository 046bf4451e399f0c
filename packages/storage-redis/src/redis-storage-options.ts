import { InvalidOptionError, toMilliseconds, type Clock, type Duration, type SerDe } from '@memo/core';

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

interface OptionRule {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

const rules: Readonly<Record<keyof RedisCacheStorageOptions, OptionRule>> = {
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
};

const deadlineOrigin = { call, option: 'deadline' };

/**
 * Checks every option; `undefined` counts as left out.
 *
 * @throws InvalidOptionError naming the option, also one that is unknown.
 */
export function checkOptions(options: RedisCacheStorageOptions): void {
  for (const [option, value] of Object.entries(options)) {
    if (!isKnown(option)) throw unknownOption(option, value);
    const rule = rules[option];
    if (value === undefined || rule.accepts(value)) continue;
    throw new InvalidOptionError({ call, option, expected: rule.expected, received: value });
  }
}

/** The deadline in milliseconds. */
export function deadlineOf({ deadline = '500 milliseconds' }: RedisCacheStorageOptions): number {
  return toMilliseconds(deadline, deadlineOrigin);
}

function isKnown(option: string): option is keyof RedisCacheStorageOptions {
  return Object.hasOwn(rules, option);
}

function unknownOption(option: string, received: unknown): InvalidOptionError {
  const expected = 'left out, since there is no such option';
  const advice = `The options are ${Object.keys(rules).join(', ')}.`;
  return new InvalidOptionError({ call, option, expected, received, advice });
}

function anObjectWith(what: string, ...methods: readonly string[]): OptionRule {
  return {
    expected: `${what} with ${methods.join(', ')}`,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function'),
  };
}
