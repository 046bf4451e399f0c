import type { SerDe } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { MsgpackSerDe, PickleSerDe, UnfaithfulValueError } from '../../src/index.js';

const moments = { created: 0, updateAfter: 1, expiresAfter: 2 };

/** A list whose members know the one before: each is contained twice. */
function linked(length: number): unknown {
  const head: Record<string, unknown> = { at: 0 };
  let last = head;
  for (let at = 1; at < length; at++) {
    const next: Record<string, unknown> = { at, previous: last };
    last['next'] = next;
    last = next;
  }
  return head;
}

const values: readonly (readonly [string, () => unknown])[] = [
  ['a list of 400 that knows both ways', () => linked(400)],
  ['a list of 900 that knows both ways', () => linked(900)],
  ['900 objects without a prototype in one another', () => nested(900)],
  ['an error that contains itself, found by another one', () => entangled()],
  ['a pattern with a lone surrogate', () => new RegExp('\ud800')],
  ['memory that can grow', () => Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }])],
  ['an object that only looks like an error', () => Object.create(Error.prototype) as unknown],
  ['an object that only looks like a date', () => Object.create(Date.prototype) as unknown],
  ['an object that only looks like memory', () => Object.create(ArrayBuffer.prototype) as unknown],
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = Object.assign(Object.create(null) as object, { value });
  return value;
}

function entangled(): unknown {
  const between: Record<string, unknown> = {};
  const error = new Error('second', { cause: between });
  between['error'] = error;
  return [Object.assign(new Error('first'), { detail: between }), error];
}

const serdes: readonly (readonly [string, SerDe])[] = [
  ['MsgpackSerDe', new MsgpackSerDe()],
  ['PickleSerDe', new PickleSerDe()],
];

describe.each(serdes)('what %s writes', (_name, serde) => {
  it.each(values)('it also reads, or refuses to write: %s', async (_what, make) => {
    const entry = { ...moments, value: make() };
    let bytes: Uint8Array;
    try {
      bytes = await serde.serialize(entry);
    } catch (error) {
      expect(error).toBeInstanceOf(UnfaithfulValueError);
      return;
    }
    const { value } = await serde.deserialize(bytes);
    expect(Object.prototype.toString.call(value)).toBe(Object.prototype.toString.call(entry.value));
  });
});

it('is refused with the reason why it could not be read', () => {
  expect(() => new MsgpackSerDe().serialize({ ...moments, value: linked(900) })).toThrow(
    /^MsgpackSerDe cannot keep value: it would be refused when it is read: The bytes cannot be read as a MessagePack entry: they are nested too deep \(before the byte at \d+\)\. Keep it in several entries\.$/,
  );
});
