import type { Lock } from '../../storage/lock.js';
import type { Expect } from '../contract.js';
import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

/** Locks that a storage has for its keys; how a lock behaves by itself is what `lockContract` asks. */
export const lockClauses: readonly StorageClause[] = [
  storageClause({
    id: 'lock',
    title: 'while one client has the lock of a key no other gets it, and the locks of other keys are free',
    needs: ['lock'],
    async run({ storage, another }, expect) {
      const client = await another();
      for (const key of ['locked', 'k'.repeat(10_000)]) {
        const own = storage.lock(key);
        const other = client.lock(key);
        expect([await own.acquire(0), await other.acquire(0)]).toStrictEqual([true, false]);
        await expectFree([client.lock(`${key} `), client.lock(key.toUpperCase()), client.lock(`y${key}`)], expect);
        await own.release();
        expect([await other.acquire('10 seconds'), await own.acquire(0)]).toStrictEqual([true, false]);
        await other.release();
      }
    },
  }),
  storageClause({
    id: 'lock-entries',
    title: 'the lock of a key is no entry: it is neither found nor listed, and entries come and go as ever',
    needs: ['lock'],
    async run({ storage, another }, expect) {
      const lock = storage.lock('locked');
      expect(await lock.acquire(0)).toBe(true);
      expect(await storage.get('locked')).toBe(undefined);
      const entry = await keep(await another(), 'locked', entryOf('value'), expect);
      await expectKept(storage, 'locked', entry, expect);
      const listed: string[] = [];
      for await (const [key] of storage.entries?.() ?? []) listed.push(key);
      expect(listed).toStrictEqual(storage.entries === undefined ? [] : ['locked']);
      expect(await storage.lock('locked').acquire(0)).toBe(false);
      await lock.release();
      await expectKept(storage, 'locked', entry, expect);
    },
  }),
  storageClause({
    id: 'lock-neighbours',
    title: 'neighbours have locks of their own',
    needs: ['lock', 'openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      const neighbour = await openNeighbour();
      await expectFree([storage.lock('same key'), neighbour.lock?.('same key')], expect);
    },
  }),
];

/** Expects that all of them can be had at the same time. */
async function expectFree(locks: readonly (Lock | undefined)[], expect: Expect): Promise<void> {
  const had: unknown[] = [];
  for (const lock of locks) had.push(await lock?.acquire(0));
  expect(had).toStrictEqual(locks.map(() => true));
  for (const lock of locks) await lock?.release();
}
