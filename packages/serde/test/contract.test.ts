import { codecContract, serdeContract } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { encodings, type EncodingDefinition } from '../src/codecs/encodings.js';
import { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe, type Encoding } from '../src/index.js';

const runner = { describe, it, expect };
const settings = { maxOutputLength: 64 * 1024 * 1024, asyncAbove: 16 * 1024 };

describe('JsonSerDe', () => {
  serdeContract(runner, () => new JsonSerDe(), { values: 'json' });
});

describe('JsonSerDe, lossy', () => {
  serdeContract(runner, () => new JsonSerDe({ lossy: true }), { values: 'json', lossy: true });
});

describe('MsgpackSerDe', () => {
  serdeContract(runner, () => new MsgpackSerDe(), { values: 'structured' });
});

describe('PickleSerDe', () => {
  serdeContract(runner, () => new PickleSerDe(), { values: 'structured' });
});

describe.each(Object.entries<EncodingDefinition>(encodings) as [Encoding, EncodingDefinition][])(
  '%s',
  { timeout: 30_000 },
  (encoding, { codec, levels }) => {
    codecContract(
      runner,
      () => codec({ ...settings, level: levels?.usual ?? 0 }),
      ['base64', 'hex'].includes(encoding) ? { prefixesAreValid: true } : {},
    );
    serdeContract(runner, () => new EncodingSerDe(new MsgpackSerDe(), encoding), { values: 'structured' });
    serdeContract(runner, () => new EncodingSerDe(new JsonSerDe(), encoding), { values: 'json' });
  },
);

describe('values that are not encoded', () => {
  serdeContract(runner, () => new EncodingSerDe(new MsgpackSerDe(), 'gzip', { threshold: 1_000_000 }), {
    values: 'structured',
  });
});

describe('nested encodings', () => {
  serdeContract(runner, () => new EncodingSerDe(new EncodingSerDe(new JsonSerDe(), 'gzip'), 'base64'), {
    values: 'json',
  });
});
