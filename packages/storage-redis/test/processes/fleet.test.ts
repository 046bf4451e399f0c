import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet, type Member } from './fleet.js';

const hour = 3_600_000;

describe.skipIf(lacks('redis-server'))('processes that share a Redis', { timeout: 20_000 }, () => {
  let redis: Server;
  let fleet: Fleet;
  let members: readonly Member[];

  beforeAll(async () => {
    redis = await startRedis();
    fleet = await startFleet(redis.url, [0, 0, hour, -hour]);
    members = fleet.members;
  }, 30_000);

  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await redis.stop();
  });

  const all = (tell: (member: Member) => Promise<unknown>) => Promise.all(members.map(tell));
  const loads = async () => ((await all((member) => member.tell('count', ''))) as number[]).reduce((a, b) => a + b);
  const first = () => members[0]!;

  it('find what one of them has loaded', async () => {
    const before = await loads();
    const loaded = await first().tell('read', 'a');
    expect(loaded).toEqual({ id: 'a', loadedBy: first().pid });
    expect(await all((member) => member.tell('read', 'a'))).toEqual(members.map(() => loaded));
    expect(await loads()).toBe(before + 1);
  });

  it('collapse the callers of each process: a cold key costs at most one load a process', async () => {
    for (let round = 1; round <= 20; round++) {
      const before = await loads();
      await all((member) => member.tell('read', `cold ${round}`, { callers: 200 }));
      const needed = (await loads()) - before;
      expect(needed).toBeGreaterThanOrEqual(1);
      expect(needed).toBeLessThanOrEqual(members.length);
    }
  });

  it('see that one of them deleted or cleared', async () => {
    await first().tell('read', 'b');
    const before = await loads();
    expect(await members[1]!.tell('delete', 'b')).toBe(true);
    expect(await first().tell('read', 'b')).toMatchObject({ id: 'b' });
    expect(await loads()).toBe(before + 1);
    await members[2]!.tell('clear', '');
    await first().tell('read', 'b');
    expect(await loads()).toBe(before + 2);
  });

  it('agree on what is fresh, whatever their own clocks say (I5)', async () => {
    for (const writer of members) {
      await first().tell('delete', 'c');
      await writer.tell('read', 'c');
      const before = await loads();
      const lifetimes = (await all((member) => member.tell('ttl', 'c'))) as number[];
      for (const left of lifetimes) {
        expect(left).toBeGreaterThan(55_000);
        // Each knows the server's clock as exactly as an answer is quick.
        expect(left).toBeLessThanOrEqual(60_100);
      }
      await all((member) => member.tell('read', 'c'));
      expect(await loads()).toBe(before);
    }
  });

  it.each([hour, -hour])('agree also about the very first operation of a process that is %i ms off', async (offset) => {
    await using late = await startFleet(redis.url, [offset, offset]);
    const [refreshing, expiring] = late.members;
    await refreshing!.tell('refresh', 'g');
    await first().tell('read', 'h');
    expect(await expiring!.tell('expire', 'h', { after: 50_000 })).toBe(true);
    for (const [id, most] of [
      ['g', 60_000],
      ['h', 50_000],
    ] as const) {
      const left = (await first().tell('ttl', id)) as number;
      expect(left).toBeGreaterThan(most - 5_000);
      expect(left).toBeLessThanOrEqual(most + 100);
    }
  });

  it('see that one of them changed a lifetime', async () => {
    await first().tell('read', 'd');
    expect(await members[2]!.tell('expire', 'd', { after: 600_000 })).toBe(true);
    for (const left of (await all((member) => member.tell('ttl', 'd'))) as number[]) {
      expect(left).toBeGreaterThan(590_000);
      expect(left).toBeLessThanOrEqual(600_100);
    }
  });

  it('each go on by themselves when the server is gone, and share again when it is back', async () => {
    await redis.kill();
    for (const user of await all((member) => member.tell('read', 'e'))) expect(user).toMatchObject({ id: 'e' });
    await expect(first().tell('delete', 'e')).rejects.toThrow('StorageFailedError');
    await redis.restart();
    await expect
      .poll(
        async () => {
          const read = await all((member) => member.tell('read', 'f'));
          return new Set(read.map((user) => (user as { loadedBy: number }).loadedBy)).size;
        },
        { timeout: 10_000, interval: 100 },
      )
      .toBe(1);
  });
});
