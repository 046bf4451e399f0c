import { startFleet, type Fleet, type Member, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FleetOrder } from './fleet-member.js';

const hour = 3_600_000;

/** What a fleet is, and over which server. */
export interface FleetTraits {
  /** The program of a member: it calls `serveInFleet`. */
  readonly program: URL;
  readonly startServer: () => Promise<Server>;
  /** Where a member finds the server. */
  readonly environmentFor: (server: Server) => NodeJS.ProcessEnv;
  /** How well every member knows the server's clock, in milliseconds. */
  readonly exactness: number;
}

/** The promises of a shared storage that only several processes can test: to be called within `describe`. */
export function fleetSuite({ program, startServer, environmentFor, exactness }: FleetTraits): void {
  let server: Server;
  let fleet: Fleet<FleetOrder>;
  let members: readonly Member<FleetOrder>[];

  const startMembers = (clockOffsets: readonly number[]): Promise<Fleet<FleetOrder>> => {
    return startFleet(
      program,
      clockOffsets.map((offset) => ({ ...environmentFor(server), CLOCK_OFFSET: String(offset) })),
    );
  };

  beforeAll(async () => {
    server = await startServer();
    fleet = await startMembers([0, 0, hour, -hour]);
    members = fleet.members;
  }, 30_000);

  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await server.stop();
  });

  const all = (order: FleetOrder) => Promise.all(members.map((member) => member.tell(order)));
  const loads = async () => ((await all({ action: 'count' })) as number[]).reduce((sum, each) => sum + each);
  const first = () => members[0]!;
  /** Expects every one of the lifetimes to be what is left of so many milliseconds. */
  const expectLittleLessThan = (most: number, lifetimes: readonly unknown[]): void => {
    for (const left of lifetimes) {
      expect(left).toBeGreaterThan(most - 5_000 - exactness);
      expect(left).toBeLessThanOrEqual(most + exactness);
    }
  };

  it('find what one of them has loaded', async () => {
    const before = await loads();
    const loaded = await first().tell({ action: 'read', id: 'a' });
    expect(loaded).toEqual({ id: 'a', loadedBy: first().pid });
    expect(await all({ action: 'read', id: 'a' })).toEqual(members.map(() => loaded));
    expect(await loads()).toBe(before + 1);
  });

  it('collapse the callers of each process: a cold key costs at most one load a process', async () => {
    for (let round = 1; round <= 20; round++) {
      const before = await loads();
      await all({ action: 'read', id: `cold ${round}`, callers: 200 });
      const needed = (await loads()) - before;
      expect(needed).toBeGreaterThanOrEqual(1);
      expect(needed).toBeLessThanOrEqual(members.length);
    }
  });

  it('see at once that one of them deleted or cleared', async () => {
    for (const author of members) {
      for (const action of ['delete', 'clear'] as const) {
        await first().tell({ action: 'read', id: 'b' });
        const before = await loads();
        await all({ action: 'read', id: 'b' });
        expect(await loads()).toBe(before);
        expect(await author.tell({ action, id: 'b' })).toBe(action === 'delete' ? true : undefined);
        expect(await all({ action: 'ttl', id: 'b' })).toEqual(members.map(() => undefined));
        for (const member of members) await member.tell({ action: 'read', id: 'b' });
        expect(await loads()).toBe(before + 1);
      }
    }
  });

  it('agree on what is fresh, whatever their own clocks say (I5)', async () => {
    for (const writer of members) {
      await first().tell({ action: 'delete', id: 'c' });
      await writer.tell({ action: 'read', id: 'c' });
      const before = await loads();
      expectLittleLessThan(60_000, await all({ action: 'ttl', id: 'c' }));
      await all({ action: 'read', id: 'c' });
      expect(await loads()).toBe(before);
    }
  });

  it.each([hour, -hour])('agree also about the very first operation of a process that is %i ms off', async (offset) => {
    await using late = await startMembers([offset, offset]);
    const [refreshing, expiring] = late.members;
    await refreshing!.tell({ action: 'refresh', id: 'g' });
    await first().tell({ action: 'read', id: 'h' });
    expect(await expiring!.tell({ action: 'expire', id: 'h', after: 50_000 })).toBe(true);
    expectLittleLessThan(60_000, [await first().tell({ action: 'ttl', id: 'g' })]);
    expectLittleLessThan(50_000, [await first().tell({ action: 'ttl', id: 'h' })]);
  });

  it('see that one of them changed a lifetime', async () => {
    for (const [index, author] of members.entries()) {
      await first().tell({ action: 'read', id: 'd' });
      const after = 600_000 + index * 60_000;
      expect(await author.tell({ action: 'expire', id: 'd', after })).toBe(true);
      expectLittleLessThan(after, await all({ action: 'ttl', id: 'd' }));
    }
  });

  it('see an entry end at about the same time', async () => {
    const lifetime = 500 + exactness;
    await first().tell({ action: 'read', id: 'i' });
    expect(await members[2]!.tell({ action: 'expire', id: 'i', after: lifetime })).toBe(true);
    const howManySeeIt = async () =>
      (await all({ action: 'ttl', id: 'i' })).filter((left) => left !== undefined).length;
    expect(await howManySeeIt()).toBe(members.length);
    await expect.poll(howManySeeIt, { timeout: lifetime + exactness + 1_000, interval: 10 }).not.toBe(members.length);
    await expect.poll(howManySeeIt, { timeout: exactness + 1_000, interval: 10 }).toBe(0);
  });

  it('each go on by themselves when the server is gone, and share again when it is back', async () => {
    await server.kill();
    for (const user of await all({ action: 'read', id: 'e' })) expect(user).toMatchObject({ id: 'e' });
    await expect(first().tell({ action: 'delete', id: 'e' })).rejects.toThrow('StorageFailedError');
    await server.restart();
    const loaders = async (): Promise<number> => {
      const read = (await all({ action: 'read', id: 'f' })) as { loadedBy: number }[];
      return new Set(read.map(({ loadedBy }) => loadedBy)).size;
    };
    await expect.poll(loaders, { timeout: 10_000, interval: 100 }).toBe(1);
  });
}
