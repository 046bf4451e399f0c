import * as serde from '@memo/serde';
import * as memcached from '@memo/storage-memcached';
import { expect, it } from 'vitest';

it('exports the serdes as they are, and claims no storage', () => {
  const { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } = serde;
  expect({ ...memcached }).toEqual({ EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe });
});
