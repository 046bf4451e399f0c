import { LoadAbandonedError } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { LoadInFlight } from '../../src/loading/load-in-flight.js';

function load() {
  let detached = 0;
  const inFlight = new LoadInFlight({ key: 'a', isAttached: () => true }, () => detached++);
  return { inFlight, detached: () => detached };
}

describe('LoadInFlight', () => {
  it('is given up when the last one leaves, once', () => {
    const { inFlight, detached } = load();
    const reasons: unknown[] = [];
    inFlight.onAbandoned((reason) => reasons.push(reason));
    inFlight.enter();
    inFlight.enter();
    inFlight.leave();
    expect([reasons.length, detached()]).toEqual([0, 0]);
    inFlight.leave();
    inFlight.leave();
    expect(reasons.map((reason) => LoadAbandonedError.isInstance(reason))).toEqual([true]);
    expect(detached()).toBe(1);
    expect(() => inFlight.throwIfAbandoned()).toThrow('Nobody waits for the load of key "a" any more');
  });

  it('tells those who listen later at once, and none who have stopped', () => {
    const { inFlight } = load();
    let told = 0;
    inFlight.onAbandoned(() => told++)();
    inFlight.enter();
    inFlight.leave();
    inFlight.onAbandoned(() => (told += 10));
    expect(told).toBe(10);
  });

  it('is not given up once its value is there', () => {
    const { inFlight, detached } = load();
    inFlight.enter();
    inFlight.conclude();
    inFlight.leave();
    expect(detached()).toBe(0);
    expect(() => inFlight.throwIfAbandoned()).not.toThrow();
  });

  it('tells when the first one joins', () => {
    const { inFlight } = load();
    let joins = 0;
    inFlight.onJoined = () => joins++;
    inFlight.enter();
    expect([joins, inFlight.isJoined]).toEqual([0, false]);
    inFlight.enter();
    inFlight.enter();
    expect([joins, inFlight.isJoined]).toEqual([1, true]);
  });
});
