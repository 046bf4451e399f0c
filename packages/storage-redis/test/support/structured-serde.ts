import { deserialize, serialize } from 'node:v8';
import type { CacheEntry, SerDe } from '@memo/core';
export const structured: SerDe = {
  serialize: (entry) => serialize(entry),
  deserialize: (data) => deserialize(data) as CacheEntry,
};
