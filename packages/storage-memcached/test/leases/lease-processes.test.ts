import { setTimeout as pause } from 'node:timers/promises';
import { lacks, startFleet, startMemcached, startMember, type Fleet, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LeaseOrder } from '../processes/lease-holder.js';

const hour = 3_600_000;
const tenMinutes = 600_000;
const program = new URL('../processes/lease-holder.ts', import.meta.url);
/** How far processes may disagree about the end of a lease, in milliseconds. */
const exactness = 2_000;
/** What a busy computer may take in addition. */
const grace = 1_000;

describe.skipIf(lacks('memcached'))('leases of processes whose clocks differ', { timeout: 30_000 }, () => {
  let server: Server;
  let fleet: Fleet<LeaseOrder>;

  beforeAll(async () => {
    server = await startMemcached();
    const offsets = [0, hour, -hour, 0];
    fleet = await startFleet(program, offsets.map(environmentOf));
  }, 60_000);

  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await server.stop();
  });

  const environmentOf = (offset: number) => ({ MEMCACHED_URL: server.url, CLOCK_OFFSET: String(offset) });
  const all = (order: LeaseOrder) => Promise.all(fleet.members.map((member) => member.tell(order)));
  const others = (holder: number) => fleet.members.filter((_, index) => index !== holder);

  it.concurrent('of all that ask at once one is granted, and what it publishes all others find', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `raced ${round}`;
      const asked = fleet.members.map(async (member) => {
        const states = await Promise.all(
          Array.from({ length: 13 }, () => member.tell({ action: 'ask', key, time: 30_000 })),
        );
        return { member, granted: states.filter((state) => state === 'granted').length };
      });
      const outcomes = await Promise.all(asked);
      expect(outcomes.reduce((sum, { granted }) => sum + granted, 0)).toBe(1);
      const { member } = outcomes.find(({ granted }) => granted === 1)!;
      expect(await member.tell({ action: 'publish', key, value: round })).toBe('stored');
      expect(await all({ action: 'get', key })).toStrictEqual(fleet.members.map(() => round));
    }
  });

  it.concurrent.each([0, 1, 2])(
    'one of the others takes over from a holder that is silent, after its time: %i',
    async (holder) => {
      const time = 1_500;
      const key = `silent ${holder}`;
      expect(await fleet.members[holder]!.tell({ action: 'ask', key, time })).toBe('granted');
      const waiting = others(holder).map(async (member) => ({
        member,
        waited: Number(await member.tell({ action: 'wait', key, time: 60_000 })),
      }));
      const { member, waited } = await Promise.race(waiting);
      expect(waited).toBeGreaterThan(time - 500);
      expect(waited).toBeLessThan(time + exactness + grace);
      expect(await fleet.members[holder]!.tell({ action: 'publish', key, value: 'late' })).toBe('declined');
      expect(await member.tell({ action: 'publish', key, value: 'loaded' })).toBe('stored');
      expect(await fleet.members[holder]!.tell({ action: 'get', key })).toBe('loaded');
    },
  );

  it.concurrent.each([0, 1, 2])(
    'who looks only once finds it held as long as it lasts, and soon after that over: %i',
    async (holder) => {
      const time = 2_000;
      const key = `once ${holder}`;
      expect(await fleet.members[holder]!.tell({ action: 'ask', key, time })).toBe('granted');
      const [first, second] = others(holder);
      await pause(time / 2);
      expect(await first!.tell({ action: 'ask', key, time })).toBe('held');
      await pause(time / 2 + 2 * exactness + 200);
      expect(await second!.tell({ action: 'ask', key, time: 30_000 })).toBe('granted');
    },
  );

  it.concurrent.each([hour, -hour])(
    'so does a process that has only begun, and whose clock is off by %i',
    async (offset) => {
      const key = `new ${offset}`;
      const member = await startMember<LeaseOrder>(program, environmentOf(offset));
      expect(await member.tell({ action: 'ask', key, time: 30_000 })).toBe('granted');
      const fresh = await startMember<LeaseOrder>(program, environmentOf(-offset));
      expect(await fresh.tell({ action: 'ask', key, time: 30_000 })).toBe('held');
      expect(await fleet.members[0]!.tell({ action: 'ask', key, time: 30_000 })).toBe('held');
      await Promise.all([member.end(), fresh.end()]);
    },
  );

  it.concurrent('a rest lasts for all of them, and no longer', async () => {
    const [first, ...rest] = fleet.members;
    expect(await first!.tell({ action: 'ask', key: 'rest', time: 30_000 })).toBe('granted');
    expect(await first!.tell({ action: 'giveBack', key: 'rest', rest: 1_500 })).toBe(true);
    const asked = rest.map((member) => member.tell({ action: 'ask', key: 'rest', time: 30_000 }));
    expect(await Promise.all(asked)).toStrictEqual(rest.map(() => 'resting'));
    const waiting = rest.map((member) => member.tell({ action: 'wait', key: 'rest', time: 30_000 }));
    const waited = Number(await Promise.race(waiting));
    expect(waited).toBeGreaterThan(1_000);
    expect(waited).toBeLessThan(1_500 + exactness + grace);
  });

  describe('clocks that jump by ten minutes', () => {
    let jumping: Fleet<LeaseOrder>;

    beforeAll(async () => {
      jumping = await startFleet(program, [0, 0, 0].map(environmentOf));
    }, 60_000);

    afterAll(() => jumping[Symbol.asyncDispose]());

    it.each([tenMinutes, -tenMinutes])('a lease that is renewed stays held: %i', async (by) => {
      const [holder, ...waiters] = jumping.members;
      const key = `renewed ${by}`;
      expect(await holder!.tell({ action: 'ask', key, time: 900 })).toBe('granted');
      const renewing = holder!.tell({ action: 'renew', key, time: 900, interval: 300, times: 8 });
      const states = new Set<unknown>();
      for (let round = 0; round < 10; round++) {
        await Promise.all(
          jumping.members.map((member, index) => member.tell({ action: 'jump', by: index === 1 ? -by : by })),
        );
        for (const waiter of waiters) states.add(await waiter.tell({ action: 'ask', key, time: 900 }));
        await pause(200);
        await Promise.all(
          jumping.members.map((member, index) => member.tell({ action: 'jump', by: index === 1 ? by : -by })),
        );
      }
      expect(await renewing).toBe(true);
      expect([...states]).toStrictEqual(['held']);
      expect(await holder!.tell({ action: 'publish', key, value: 'loaded' })).toBe('stored');
      expect(await waiters[0]!.tell({ action: 'get', key })).toBe('loaded');
    });

    it.each([tenMinutes, -tenMinutes])('a lease of a silent holder ends after its time: %i', async (by) => {
      const time = 1_500;
      const [holder, waiter] = jumping.members;
      const key = `silent ${by}`;
      expect(await holder!.tell({ action: 'ask', key, time })).toBe('granted');
      const waiting = waiter!.tell({ action: 'wait', key, time });
      await pause(200);
      for (const member of jumping.members) await member.tell({ action: 'jump', by });
      const waited = Number(await waiting);
      expect(waited).toBeGreaterThan(time - 500);
      expect(waited).toBeLessThan(time + exactness + grace);
    });
  });

  it.concurrent('one of the others takes over from a holder that was killed', async () => {
    const mortal = await startMember<LeaseOrder>(program, environmentOf(hour));
    expect(await mortal.tell({ action: 'ask', key: 'killed', time: 1_500 })).toBe('granted');
    await mortal.end();
    const waited = Number(await fleet.members[2]!.tell({ action: 'wait', key: 'killed', time: 1_500 }));
    expect(waited).toBeLessThan(1_500 + exactness + grace);
  });

  it.concurrent('what a holder publishes that was frozen beyond its lease is declined', async () => {
    const frozen = await startMember<LeaseOrder>(program, environmentOf(0));
    expect(await frozen.tell({ action: 'ask', key: 'frozen', time: 500 })).toBe('granted');
    frozen.pause();
    await fleet.members[0]!.tell({ action: 'wait', key: 'frozen', time: 30_000 });
    const published = frozen.tell({ action: 'publish', key: 'frozen', value: 'late' });
    frozen.resume();
    expect(await published).toBe('declined');
    expect(await fleet.members[0]!.tell({ action: 'publish', key: 'frozen', value: 'loaded' })).toBe('stored');
    await frozen.end();
  });
});
