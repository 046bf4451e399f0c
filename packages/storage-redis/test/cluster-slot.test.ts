import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';

describe('slotOf', () => {
  it.each([
    // Redis Cluster Specification, "Key distribution model", and replies of CLUSTER KEYSLOT.
    ['123456789', 12_739],
    ['foo', 12_182],
    ['', 0],
    ['{user1000}.following', 3_443],
    ['{user1000}.followers', 3_443],
    ['user1000', 3_443],
    ['foo{}{bar}', 8_363],
    ['foo{{bar}}zap', 4_015],
    ['foo{bar}{zap}', 5_061],
  ])('finds the slot of %j', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
    expect(slotOf(Buffer.from(key))).toBe(slot);
  });
});
