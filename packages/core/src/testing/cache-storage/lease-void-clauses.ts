import type { CacheEntry } from '../../entry/cache-entry.js';
import { acquire, ask, leaseOf, placesIn, stateOf, type LeasingStorage } from './leasing.js';
import type { Expect } from '../contract.js';
import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

/** What voids a lease: whatever takes the entry away or replaces it, so that no late load is ever kept. */
export const leaseVoidClauses: readonly StorageClause[] = [
  storageClause({
    id: 'lease-offered',
    title: 'an entry that is offered without a lease voids the one that somebody holds',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      await expectVoid([storage, await another()], expect, async (client, key) => {
        return keep(client, key, entryOf('offered'), expect);
      });
    },
  }),
  storageClause({
    id: 'lease-invalidated',
    title: 'a load that began before its key was invalidated is not kept after it',
    needs: ['lease', 'invalidate'],
    async run({ storage, another }, expect) {
      await expectVoid([storage, await another()], expect, async (client, key) => {
        await client.invalidate?.(key);
      });
    },
  }),
  storageClause({
    id: 'lease-cleared',
    title: 'clearing voids the leases of the keys it clears, and no others',
    needs: ['lease', 'clear'],
    async run({ storage, another }, expect) {
      const clients = [storage, await another()];
      const outside = await acquire(storage, 'outside', expect);
      await expectVoid(clients, expect, async (client) => client.clear?.('place'));
      expect(await storage.offer('outside', entryOf('outside'), outside)).toBe('stored');
      await storage.clear('');
      await expectVoid(clients, expect, async (client) => client.clear?.(''));
    },
  }),
  storageClause({
    id: 'lease-invalidate-race',
    title: 'of an invalidation and a load that is offered at the same time, nothing is left',
    needs: ['lease', 'invalidate'],
    async run({ storage, another }, expect) {
      const client = await another();
      const held = await holdMany(storage, 'raced', 40, expect);
      const races = held.map(({ key, publish }, at) =>
        Promise.all(at % 4 < 2 ? [publish(), client.invalidate(key)] : [client.invalidate(key), publish()]),
      );
      await Promise.all(races);
      expect(await keptOf(storage, held)).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'lease-clear-race',
    title: 'nothing that many holders offer while their keys are cleared is left; what lies outside the scope is',
    needs: ['lease', 'clear'],
    async run({ storage, another }, expect) {
      const client = await another();
      for (const scope of ['inside', '']) {
        const inside = await holdMany(storage, `inside '${scope}'`, 150, expect);
        const outside = await holdMany(storage, `outside '${scope}'`, 20, expect);
        const before = await publishAll(inside.slice(0, 50));
        expect(before).toStrictEqual(before.map(() => 'stored'));
        const [, , others] = await Promise.all([
          client.clear(scope),
          publishAll(inside.slice(50)),
          publishAll(scope === '' ? [] : outside),
        ]);
        expect(others).toStrictEqual(others.map(() => 'stored'));
        expect(await keptOf(storage, inside)).toStrictEqual([]);
        expect(await keptOf(storage, outside)).toStrictEqual(scope === '' ? [] : outside.map(({ key }) => key));
      }
    },
  }),
];

/**
 * Expects that what `make` does, through whichever client, is the end of a lease: what is offered under it is declined
 * and leaves what is there, it cannot be renewed or given back, and the next one who asks has it.
 *
 * @param make - resolves to the entry that it leaves, or to nothing.
 */
export async function expectVoid(
  clients: readonly LeasingStorage[],
  expect: Expect,
  make: (client: LeasingStorage, key: string) => Promise<CacheEntry | void>,
): Promise<void> {
  const storage = clients[0]!;
  for (const [at, client] of clients.entries()) {
    for (const { key, present } of await placesIn(storage, expect, `place ${at}`)) {
      const lease = await acquire(storage, key, expect, { seen: present });
      const left = (await make(client, key)) ?? undefined;
      expect(await storage.offer(key, entryOf('late'), lease)).toBe('declined');
      await expectKept(storage, key, left, expect);
      expect([await lease.renew(1_000), await lease.giveBack()]).toStrictEqual([false, false]);
      const next = await acquire(client, key, expect, { seen: left });
      expect(await storage.offer(key, entryOf('late'), lease)).toBe('declined');
      expect([await lease.renew(1_000), await lease.giveBack()]).toStrictEqual([false, false]);
      expect(await stateOf(ask(storage, key, { seen: left }))).toBe('held');
      const loaded = entryOf('loaded');
      expect(await client.offer(key, loaded, next)).toBe('stored');
      await expectKept(storage, key, loaded, expect);
    }
  }
}

/** The lease of a key, and how its holder offers what it has loaded. */
interface Held {
  readonly key: string;
  publish(): Promise<unknown>;
}

/** Leases of many keys, every second of them of an entry that is there already. */
export async function holdMany(
  storage: LeasingStorage,
  name: string,
  count: number,
  expect: Expect,
): Promise<readonly Held[]> {
  const keys = Array.from({ length: count }, (_, at) => `${name} ${at}`);
  await Promise.all(keys.filter((_, at) => at % 2 === 0).map((key) => keep(storage, key, entryOf('before'), expect)));
  const answers = await Promise.all(keys.map((key) => ask(storage, key, { seen: 'any' })));
  return keys.map((key, at) => {
    const lease = leaseOf(answers[at]!, expect);
    return { key, publish: () => storage.offer(key, entryOf('late'), lease) };
  });
}

/** Lets all holders publish, a few at a time, so that it takes a while. */
async function publishAll(held: readonly Held[]): Promise<unknown[]> {
  const published: unknown[] = [];
  for (let at = 0; at < held.length; at += 5) {
    published.push(...(await Promise.all(held.slice(at, at + 5).map(({ publish }) => publish()))));
  }
  return published;
}

async function keptOf(storage: LeasingStorage, held: readonly Held[]): Promise<readonly string[]> {
  const found = await Promise.all(held.map(({ key }) => storage.get(key)));
  return held.map(({ key }) => key).filter((_, at) => found[at] !== undefined);
}
