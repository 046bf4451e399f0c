import { memoize, type CacheStorage, type SerDe } from '@memo/core';
import { serdeOf } from './serde-of.js';

/** What a process that called a cached function once tells of it. */
export interface Outcome {
  /** The format of the process that loaded the value. */
  readonly value: string;
  /** Types of the events, in their order. */
  readonly events: readonly string[];
  /** What the events say of errors. */
  readonly messages: readonly string[];
}

/**
 * Calls a cached function once, in a storage that writes the FORMAT of the environment, with its KEY as the argument, and
 * sends the outcome to the process that has started this one.
 */
export async function callOnce(open: (serde: SerDe) => CacheStorage & AsyncDisposable): Promise<void> {
  const { FORMAT: format = '', KEY: key = '' } = process.env;
  const events: string[] = [];
  const messages: string[] = [];
  await using storage = open(serdeOf(format));
  const report = memoize(async (_key: string) => format, {
    ...{ name: 'report', storage, expireAfter: '1 hour' },
    onEvent: (event) => {
      events.push(event.type);
      if ('error' in event && event.error instanceof Error) messages.push(event.error.message);
    },
  });
  const value = await report(key);
  process.send?.({ value, events, messages } satisfies Outcome);
}
