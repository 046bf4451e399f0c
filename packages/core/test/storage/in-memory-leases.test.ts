import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { newHolder } from '../../src/loading/holder.js';
import { InMemoryLeases } from '../../src/storage/in-memory-leases.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../../src/storage/lease.js';
import { ManualClock } from '../../src/testing/index.js';

const entry: CacheEntry = { value: 'v', created: 1_000, updateAfter: 2_000, expiresAfter: 3_000 };

function opened(): { leases: InMemoryLeases; clock: ManualClock } {
  const clock = new ManualClock(1_000_000);
  return { leases: new InMemoryLeases(clock), clock };
}

function ask(leases: InMemoryLeases, key: string, request: Partial<LeaseRequest> = {}): LeaseAnswer {
  return leases.acquire(key, { holder: newHolder(), seen: undefined, time: 3_000, ...request }, undefined);
}

function acquire(leases: InMemoryLeases, key: string, request: Partial<LeaseRequest> = {}): Lease {
  const answer = ask(leases, key, request);
  if (answer.state !== 'granted') throw new Error(`The lease of ${key} is ${answer.state}.`);
  return answer.lease;
}

/** Whether the watch in an answer has told by now. */
async function hasTold(answer: LeaseAnswer): Promise<boolean> {
  if (answer.state !== 'held' || answer.watch === undefined) throw new Error('There is nothing to watch.');
  return Promise.race([answer.watch.changed.then(() => true), Promise.resolve(false).then((told) => told)]);
}

describe('InMemoryLeases', () => {
  it('counts down what remains, and grants the lease to another at the very instant of its end', async () => {
    const { leases, clock } = opened();
    const first = acquire(leases, 'key');
    expect(ask(leases, 'key')).toMatchObject({ state: 'held', remaining: 3_000 });
    await clock.advance(2_999);
    expect(ask(leases, 'key')).toMatchObject({ state: 'held', remaining: 1 });
    await clock.advance(1);
    const second = acquire(leases, 'key');
    expect([leases.holds('key', first), leases.holds('key', second)]).toEqual([false, true]);
  });

  it('lets a renewed lease last from then on', async () => {
    const { leases, clock } = opened();
    const lease = acquire(leases, 'key');
    await clock.advance(2_000);
    expect(await lease.renew(5_000)).toBe(true);
    expect(ask(leases, 'key')).toMatchObject({ state: 'held', remaining: 5_000 });
  });

  it('answers with the entry that is there before it looks at the lease', () => {
    const { leases } = opened();
    acquire(leases, 'key');
    const request = { holder: newHolder(), seen: undefined, time: 1 };
    expect(leases.acquire('key', request, entry)).toEqual({ state: 'present', entry });
    expect(leases.acquire('key', { ...request, seen: { ...entry } }, entry)).toMatchObject({ state: 'held' });
  });

  it('remembers a lease that is over for half a minute, also while others come and go', async () => {
    const { leases, clock } = opened();
    const late = acquire(leases, 'late');
    const later = acquire(leases, 'later');
    await clock.advance(32_999);
    for (let index = 0; index < 10; index++) acquire(leases, `other ${index}`);
    expect(leases.holds('late', late)).toBe(true);
    expect(await later.renew(3_000)).toBe(true);
    await clock.advance(1);
    for (let index = 0; index < 20; index++) acquire(leases, `other ${index + 10}`);
    expect(leases.holds('late', late)).toBe(false);
    expect(leases.holds('later', later)).toBe(true);
  });

  it('takes no more room than what was asked for of late, whatever became of the holders', async () => {
    const { leases, clock } = opened();
    for (let index = 0; index < 500; index++) {
      acquire(leases, `dead ${index}`);
      await acquire(leases, `failed ${index}`).giveBack({ failures: 1, milliseconds: 1_000 });
    }
    expect(leases.size).toBe(1_000);
    await clock.advance(33_000);
    // Half as many, as two are looked at for each.
    for (let index = 0; index < 500; index++) acquire(leases, 'living', { holder: 'living' });
    expect(leases.size).toBe(1);
  });

  it('remembers failures for as long again as the rest took, and not for longer', async () => {
    for (const [passed, failures] of [
      [1_999, 3],
      [2_000, 0],
    ] as const) {
      const { leases, clock } = opened();
      await acquire(leases, 'key').giveBack({ failures: 3, milliseconds: 1_000 });
      expect(ask(leases, 'key')).toEqual({ state: 'resting', failures: 3, remaining: 1_000 });
      await clock.advance(passed);
      expect(acquire(leases, 'key').failures).toBe(failures);
    }
  });

  it('hands on the failures that a dead holder began with', async () => {
    const { leases, clock } = opened();
    await acquire(leases, 'key').giveBack({ failures: 3, milliseconds: 1_000 });
    await clock.advance(1_000);
    expect(acquire(leases, 'key').failures).toBe(3);
    await clock.advance(3_000);
    expect(acquire(leases, 'key').failures).toBe(3);
  });

  it('measures the time that passes, whatever the clock is set to meanwhile', async () => {
    const { leases, clock } = opened();
    acquire(leases, 'key');
    for (const moment of [1_000, 1_000_000_000_000]) {
      clock.set(moment);
      expect(ask(leases, 'key')).toMatchObject({ state: 'held', remaining: 3_000 });
    }
    clock.set(1_000);
    await clock.advance(3_000);
    expect(ask(leases, 'key')).toMatchObject({ state: 'granted' });
  });

  it('wakes everyone who waits, whatever ends the lease', async () => {
    const ends: Readonly<Record<string, (leases: InMemoryLeases, lease: Lease) => unknown>> = {
      end: (leases) => leases.end('key'),
      endScope: (leases) => leases.endScope('k'),
      giveBack: (_, lease) => lease.giveBack(),
      rest: (_, lease) => lease.giveBack({ failures: 1, milliseconds: 1_000 }),
    };
    for (const [name, end] of Object.entries(ends)) {
      const { leases } = opened();
      const lease = acquire(leases, 'key');
      const waiting = [ask(leases, 'key'), ask(leases, 'key')];
      expect([name, ...(await Promise.all(waiting.map(hasTold)))]).toEqual([name, false, false]);
      await end(leases, lease);
      expect([name, ...(await Promise.all(waiting.map(hasTold)))]).toEqual([name, true, true]);
    }
  });

  it('wakes those who wait for a lease that was taken over, when that ends', async () => {
    const { leases, clock } = opened();
    acquire(leases, 'key');
    const waiting = ask(leases, 'key');
    await clock.advance(3_000);
    const second = acquire(leases, 'key');
    expect(await hasTold(waiting)).toBe(false);
    await second.giveBack();
    expect(await hasTold(waiting)).toBe(true);
  });

  it('wakes those who still wait for a lease that is forgotten', async () => {
    const { leases, clock } = opened();
    acquire(leases, 'key');
    const waiting = ask(leases, 'key');
    await clock.advance(33_000);
    acquire(leases, 'other');
    expect(await hasTold(waiting)).toBe(true);
  });

  it('does not wake who has stopped, nor those who wait for another key', async () => {
    const { leases } = opened();
    acquire(leases, 'key');
    acquire(leases, 'other');
    const [left, stays, elsewhere] = [ask(leases, 'key'), ask(leases, 'key'), ask(leases, 'other')];
    if (left.state === 'held') {
      left.watch?.stop();
      left.watch?.stop();
    }
    leases.end('key');
    expect(await Promise.all([left, stays, elsewhere].map(hasTold))).toEqual([false, true, false]);
    if (left.state === 'held') left.watch?.stop();
    expect(await hasTold(elsewhere)).toBe(false);
  });

  it('sets no timers: nothing here keeps a process alive', async () => {
    const { leases, clock } = opened();
    const lease = acquire(leases, 'key');
    await lease.renew(1_000);
    await lease.giveBack({ failures: 1, milliseconds: 1_000 });
    expect(clock.pendingTimers).toBe(0);
  });
});
