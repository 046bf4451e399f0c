import { ManualClock } from '@memo/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from '../../src/remote/breaker.js';

describe('Breaker', () => {
  const start = Date.UTC(2026, 0, 1);
  let clock: ManualClock;
  let breaker: Breaker;

  beforeEach(() => {
    clock = new ManualClock(start);
    breaker = new Breaker(clock);
  });

  const fail = (times: number): void => {
    for (let time = 0; time < times; time++) breaker.failed();
  };

  it('lets everything through after four failures in a row, and nothing after five', () => {
    fail(4);
    expect([breaker.admits(), breaker.downSince]).toEqual([true, undefined]);
    breaker.failed();
    expect([breaker.admits(), breaker.downSince]).toEqual([false, start]);
  });

  it('counts failures in a row only', () => {
    fail(4);
    breaker.succeeded();
    fail(4);
    expect(breaker.admits()).toBe(true);
  });

  it('lets one operation a second through as long as they fail', async () => {
    fail(5);
    const admitted: number[] = [];
    for (let tenth = 0; tenth < 40; tenth++) {
      if (breaker.admits()) {
        admitted.push(clock.now() - start);
        breaker.failed();
      }
      await clock.advance('100 ms');
    }
    expect(admitted).toEqual([1_000, 2_000, 3_000]);
    expect(breaker.downSince).toBe(start);
  });

  it('lets everything through again after the first success', async () => {
    fail(5);
    await clock.advance('1 second');
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.admits(), breaker.admits(), breaker.downSince]).toEqual([true, true, undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('sends nothing after a probe that was given up until it ends, or thirty seconds have passed', async () => {
    for (let time = 0; time < 5; time++) breaker.gaveUp();
    await clock.advance('1 second');
    expect(breaker.admits()).toBe(true);
    breaker.gaveUp();
    await clock.advance('29 seconds');
    expect(breaker.admits()).toBe(false);
    await clock.advance('1 second');
    expect(breaker.admits()).toBe(true);
  });

  it('lets the next operation through at once when an answer comes late', async () => {
    for (let time = 0; time < 5; time++) breaker.gaveUp();
    await clock.advance('10 ms');
    expect(breaker.admits()).toBe(false);
    breaker.endedLate('answered');
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
  });

  it('is not asked again for every late answer of a server that is merely slow', async () => {
    for (let time = 0; time < 5; time++) breaker.gaveUp();
    let admitted = 0;
    for (let answer = 0; answer < 100; answer++) {
      await clock.advance('10 ms');
      breaker.endedLate('answered');
      if (breaker.admits()) admitted++;
    }
    expect(admitted).toBeLessThanOrEqual(2);
    await clock.advance('1 second');
    expect(breaker.admits()).toBe(true);
  });

  it('waits a second when the client gives up late', async () => {
    for (let time = 0; time < 5; time++) breaker.gaveUp();
    await clock.advance('1 second');
    expect(breaker.admits()).toBe(true);
    breaker.gaveUp();
    breaker.endedLate('failed');
    await clock.advance('999 ms');
    expect(breaker.admits()).toBe(false);
    await clock.advance('1 ms');
    expect(breaker.admits()).toBe(true);
  });

  it('probes every second also when the clock is set back', async () => {
    fail(5);
    clock.set(start - 3_600_000);
    await clock.advance('1 second');
    expect(breaker.admits()).toBe(true);
  });

  it('keeps no process alive', () => {
    fail(5);
    expect(clock.pendingTimers).toBe(1);
    expect(clock.pendingBackgroundTimers).toBe(1);
  });
});
