import * as serde from '@memo/serde';
import * as memcached from '@memo/storage-memcached';
import { expect, it } from 'vitest';

it('exports the storage, its errors, and the serdes as they are', () => {
  const { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } = serde;
  expect(memcached).toMatchObject({ EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe });
  expect(Object.keys(memcached).sort()).toEqual([
    'AuthenticationRefusedError',
    'ClientClosedError',
    'ConnectionLostError',
    'ContendedItemError',
    'EncodingSerDe',
    'ItemsWithoutNumbersError',
    'JsonSerDe',
    'MemcachedCacheStorage',
    'MsgpackSerDe',
    'PickleSerDe',
    'ProtocolViolationError',
    'RequestNotSentError',
    'ServerReplyError',
  ]);
});
