import { newHolder } from '@memo/core';
import { describe, expect, it } from 'vitest';

describe('newHolder', () => {
  it('names holders by 20 hexadecimal digits, each by others', () => {
    const holders = Array.from({ length: 1_000 }, newHolder);
    expect(new Set(holders).size).toBe(1_000);
    expect(holders.every((holder) => /^[0-9a-f]{20}$/.test(holder))).toBe(true);
  });
});
