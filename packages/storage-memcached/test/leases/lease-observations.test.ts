import { Buffer } from 'node:buffer';
import { systemClock } from '@memo/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WriteNumber } from '../../src/client/memcached-server.js';
import { leaseAt } from '../../src/leases/lease-frame.js';
import { LeaseObservations } from '../../src/leases/lease-observations.js';

const time = 3_000;

describe('observations of leases', () => {
  /** What the steady clock shows. */
  let steady: number;
  let observations: LeaseObservations;

  beforeEach(() => {
    steady = 7_000;
    observations = new LeaseObservations({ ...systemClock, steady: () => steady });
  });

  const write = (number: number, connection = 1): WriteNumber => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return { bytes, connection };
  };
  /** A lease whose end nobody could tell. */
  const lease = leaseAt(undefined, { holder: '01'.repeat(10), time, failures: 0 });
  const remaining = (seen: WriteNumber, now?: number): number => observations.remaining('name', seen, lease, now);

  it('a lease lasts as long as the very same write has not been seen for its time', () => {
    expect(remaining(write(1))).toBe(time);
    steady += 1_000;
    expect(remaining(write(1))).toBe(2_000);
    steady += 2_000;
    expect(remaining(write(1))).toBe(0);
    steady += 1;
    expect(remaining(write(1))).toBe(-1);
  });

  it('a lease that was renewed lasts anew', () => {
    remaining(write(1));
    steady += 2_900;
    expect(remaining(write(2))).toBe(time);
    steady += 2_900;
    expect(remaining(write(2))).toBe(100);
  });

  it('the same number over another connection is another write: the server may have been started anew', () => {
    remaining(write(1));
    steady += 2_900;
    expect(remaining(write(1, 2))).toBe(time);
  });

  it('a lease that was written here counts from then on', () => {
    observations.begin('name', write(1));
    steady += 2_500;
    expect(remaining(write(1))).toBe(500);
  });

  it('each name is seen for itself, and forgotten when it is told so', () => {
    remaining(write(1));
    steady += 1_000;
    expect(observations.remaining('other', write(1), lease, undefined)).toBe(time);
    observations.end('name');
    expect(observations.size).toBe(1);
    expect(remaining(write(1))).toBe(time);
  });

  it('a lease is over two seconds after its end by the time of the server, for those who look only once', () => {
    const ending = leaseAt(1_000_000, { holder: '01'.repeat(10), time, failures: 0 });
    const left = (now: number): number => observations.remaining('name', write(1), ending, now);
    expect(left(1_000_000)).toBe(time);
    expect(left(1_000_000 + time)).toBe(2_000);
    expect(left(1_000_000 + time + 2_001)).toBe(-1);
  });

  it('a lease that ends later than it can is damaged, and over', () => {
    const ending = leaseAt(1_000_000, { holder: '01'.repeat(10), time, failures: 0 });
    const left = (now: number): number => observations.remaining('name', write(1), ending, now);
    expect(left(1_000_000 - 10_000)).toBe(time);
    expect(left(1_000_000 - 10_001)).toBe(0);
  });

  it('does not remember more than ten thousand', () => {
    for (let number = 0; number < 10_001; number++) observations.begin(`name ${number}`, write(number));
    expect(observations.size).toBe(10_000);
    steady += 1_000;
    expect(observations.remaining('name 0', write(0), lease, undefined)).toBe(time);
    expect(observations.remaining('name 5000', write(5_000), lease, undefined)).toBe(2_000);
  });
});
