import type { CacheEntry, SerDe } from '@memo/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference } from './support/difference.js';
import { faithfulEntries, ordered } from './support/faithful-entries.js';
import { formats } from './support/formats.js';
import { seed } from './support/seed.js';
import { serdeOf } from './support/serde-of.js';

describe(`entries made with SEED=${seed}`, () => {
  it.each(formats)('come back from $name as they were', async ({ create, values }) => {
    const [writer, reader] = [create(), create()];
    await fc.assert(
      fc.asyncProperty(faithfulEntries(values), async (entry) => {
        const found = await reader.deserialize(await writer.serialize(entry));
        expect(difference(ordered(found), ordered(entry), 'entry')).toBe(undefined);
      }),
      { seed, numRuns: 150 },
    );
  });
});

describe('remembered failures', () => {
  class ServiceError extends Error {
    override readonly name = 'ServiceError';
    readonly code = 'E_SERVICE';
    readonly request = { id: 1 };
  }

  it.each(formats)('of any class come back from $name with what is promised of them', async ({ create }) => {
    const value = new ServiceError('down', { cause: new TypeError('inner', { cause: null }) });
    const found = await roundTrip(create(), value);
    expect(Object.entries(found)).toStrictEqual([['code', 'E_SERVICE']]);
    expect([found.name, found.message, found.stack]).toStrictEqual(['ServiceError', 'down', value.stack]);
    expect(found.cause).toBeInstanceOf(TypeError);
    expect(found.cause).toMatchObject({ message: 'inner', cause: null });
  });

  it.each(formats)('have well-formed text when they come back from $name', async ({ create }) => {
    const broken = 'a\ud800b';
    const value = Object.assign(new Error(broken, { cause: broken }), { name: broken, code: broken });
    const { name, message, stack, code, cause } = await roundTrip(create(), value);
    expect({ name, message, code, cause }).toStrictEqual({
      ...{ name: 'a\ufffdb', message: 'a\ufffdb' },
      ...{ code: 'a\ufffdb', cause: 'a\ufffdb' },
    });
    expect(stack).toBe(value.stack?.toWellFormed());
  });

  const roundTrip = async (serde: SerDe, value: Error): Promise<Error & { readonly code?: unknown }> => {
    const entry: CacheEntry = { value, created: 1, updateAfter: 2, expiresAfter: 3, failed: true };
    return (await serde.deserialize(await serde.serialize(entry))).value as Error;
  };
});

it('a text that is not well-formed stays as it is in an error that is a value of v8', async () => {
  const value = new Error('a\ud800b');
  const serde = serdeOf('v8');
  const found = await serde.deserialize(await serde.serialize({ value, created: 1, updateAfter: 2, expiresAfter: 3 }));
  expect(difference(found.value, value)).toBe(undefined);
});
