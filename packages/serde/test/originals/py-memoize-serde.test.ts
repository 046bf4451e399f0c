import type { CacheEntry, SerDe } from '@memo/core';
import { EncodingSerDe, JsonSerDe, PickleSerDe } from '@memo/serde';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it, vi } from 'vitest';

const entry: CacheEntry = { value: 'in', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A SerDe that answers what it is told to, and remembers what it was asked. */
function recordedSerDe() {
  return {
    serialize: vi.fn((_entry: CacheEntry) => bytes('in')),
    deserialize: vi.fn((_data: Uint8Array) => entry),
  } satisfies SerDe;
}

describe('py-memoize test_serde TestEncodingSerDe', () => {
  it('should_apply_encoding_on_wrapped_serde_results', async () => {
    const inner = recordedSerDe();
    const encoded = await new EncodingSerDe(inner, 'base64').serialize(entry);
    expect(text(encoded)).toBe('aW4=');
    expect(inner.serialize.mock.calls).toEqual([[entry]]);
  });

  it('should_apply_decoding_on_wrapped_serde_results: also to what Python wrote, with its line break', async () => {
    for (const written of ['eQ==', 'eQ==\n']) {
      const inner = recordedSerDe();
      expect(await new EncodingSerDe(inner, 'base64').deserialize(bytes(written))).toEqual(entry);
      expect(inner.deserialize.mock.calls.map(([data]) => text(data))).toEqual(['y']);
    }
  });

  it('e2e_integration_with_sample_serde', async () => {
    const serde = new EncodingSerDe(new PickleSerDe(), 'base64');
    expect(await serde.deserialize(await serde.serialize(entry))).toEqual(entry);
  });
});

describe('py-memoize test_serde JsonSerDeTests', () => {
  it('should_encode_as_readable_json: moments are milliseconds here, seconds there', () => {
    const written = new JsonSerDe().serialize(entry);
    expect(JSON.parse(text(written))).toEqual({ created: 1_000, updateAfter: 2_000, expiresAfter: 3_000, value: 'in' });
  });

  it('should_decode_readable_json', () => {
    const written = bytes('{"created":1000,"updateAfter":2000,"expiresAfter":3000,"value":"in"}');
    expect(new JsonSerDe().deserialize(written)).toEqual(entry);
  });

  it('should_apply_value_transformations_on_serialization: once', () => {
    const valueToReversibleRepr = vi.fn((_value: unknown): unknown => 'out');
    const serde = new JsonSerDe({ valueToReversibleRepr, reversibleReprToValue: () => 'in' });
    expect(JSON.parse(text(serde.serialize(entry)))).toMatchObject({ value: 'out' });
    expect(valueToReversibleRepr.mock.calls).toEqual([['in']]);
  });

  it('should_apply_value_transformations_on_deserialization: once', () => {
    const reversibleReprToValue = vi.fn((_repr: unknown): unknown => 'out');
    const serde = new JsonSerDe({ valueToReversibleRepr: () => 'in', reversibleReprToValue });
    const written = bytes('{"created":1000,"updateAfter":2000,"expiresAfter":3000,"value":"in"}');
    expect(serde.deserialize(written)).toEqual({ ...entry, value: 'out' });
    expect(reversibleReprToValue.mock.calls).toEqual([['in']]);
  });
});

describe('py-memoize test_serde PickleSerDeTests', () => {
  it(`should_pickle_using_highest_protocol: what is written is the runtime's own format`, () => {
    expect(deserialize(new PickleSerDe().serialize(entry))).toEqual(entry);
  });

  it(`should_unpickle_using_highest_protocol: what the runtime wrote is read`, () => {
    expect(new PickleSerDe().deserialize(serialize(entry))).toEqual(entry);
  });
});
