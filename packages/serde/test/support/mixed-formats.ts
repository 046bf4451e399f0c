import { expect } from 'vitest';
import type { Outcome } from './call-once.js';

/** Pairs of formats that processes of one fleet may be set to, by mistake or while it is being changed. */
export const mixedFormats = [
  ['json', 'msgpack'],
  ['msgpack', 'msgpack+gzip'],
  ['json+zip', 'json+brotli'],
  ['v8+hex', 'json+base64'],
] as const;

/**
 * Has processes of two formats call the same cached function by turns. What one has written is a miss for the other,
 * which says why, and writes in its own format; two of one format share what they write.
 *
 * @param call - calls the function once in a process of its own that writes `format`.
 */
export async function expectMissesThatNameBoth(
  [one, other]: readonly [string, string],
  call: (format: string, key: string) => Promise<Outcome>,
): Promise<void> {
  const key = `${one} and ${other}`;
  const load = ['miss', 'load-started', 'load-ended'];
  expect(await call(one, key)).toStrictEqual({ value: one, events: load, messages: [] });
  expect(await call(one, key)).toStrictEqual({ value: one, events: ['hit'], messages: [] });
  expect(await call(other, key)).toStrictEqual({
    value: other,
    events: ['unreadable', ...load],
    messages: [mismatch(key, one, other)],
  });
  expect(await call(other, key)).toStrictEqual({ value: other, events: ['hit'], messages: [] });
  expect(await call(one, key)).toStrictEqual({
    value: one,
    events: ['unreadable', ...load],
    messages: [mismatch(key, other, one)],
  });
}

function mismatch(key: string, written: string, read: string): string {
  return (
    `What is stored under key ${JSON.stringify(`report:${key}`)} cannot be read: The bytes cannot be read as an entry: ` +
    `they were written as '${written}', the SerDe of this storage reads '${read}'.`
  );
}
