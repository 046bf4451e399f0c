import { storageOver } from '@memo/core';
import { cacheStorageContract } from '@memo/core/testing';
import { describe } from 'vitest';
import { contractOver, runner } from './contract-over.js';
import { AbleStore, byJson, ListingStore } from './stores.js';

describe('over a Map', () => {
  cacheStorageContract(runner, () => storageOver(new Map()), { sameEntry: true, values: 'any' });
});

describe('over a store that copies by JSON', () => {
  contractOver(ListingStore, byJson, {}, { values: 'json', garbage: '{"memo":2}' });
});

describe('over one that can whatever a store can do', () => {
  contractOver(AbleStore, byJson, {}, { values: 'json', garbage: '{"memo":1,' });
});
