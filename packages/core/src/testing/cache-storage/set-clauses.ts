import { samplesBeyond } from '../value-samples.js';
import { expectWoken, type LeasingStorage } from './leasing.js';
import { expectVoid, holdMany } from './lease-void-clauses.js';
import { entryOf, expectKept, isKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

/** Setting: an entry is put there by somebody who knows better than any load. */
export const setClauses: readonly StorageClause[] = [
  storageClause({
    id: 'set',
    title: 'what one client sets replaces what was there, and is what every client finds',
    needs: ['set'],
    async run({ storage, another }, expect) {
      const client = await another();
      for (const key of ['absent', 'kept', 'k'.repeat(1_000)]) {
        if (key === 'kept') await keep(client, key, entryOf({ id: 1 }, { etag: 'before', failed: true }), expect);
        const entry = entryOf({ id: 2 }, { created: 1_000_000.25, started: 999_999 });
        expect(await storage.set(key, entry)).toBe('stored');
        for (const finder of [storage, client]) {
          await expectKept(finder, key, entry, expect);
          expect((finder.peek?.(key) ?? entry).created).toBe(entry.created);
        }
      }
    },
  }),
  storageClause({
    id: 'set-expired',
    title: 'an entry that has expired when it is set replaces what was there, whether it is kept or not',
    needs: ['set'],
    async run({ storage }, expect) {
      for (const expiresAfter of [0, Date.now() - 1_000]) {
        await keep(storage, 'expired', entryOf('before'), expect);
        const entry = entryOf('expired', { expiresAfter });
        expect(await storage.set('expired', entry)).toBe('stored');
        const found = await storage.get('expired');
        if (found !== undefined) expect(partsOf(found)).toStrictEqual(partsOf(entry));
      }
    },
  }),
  storageClause({
    id: 'set-refused',
    title: 'a value that cannot be set as it is leaves what was there',
    needs: ['set', 'lossless'],
    async run({ storage, values }, expect) {
      for (const [name, value] of samplesBeyond(values)) {
        const before = await keep(storage, name, entryOf('before'), expect);
        const set = await isKept(storage.set(name, entryOf(value)));
        expect([name, (await storage.get(name))?.value]).toStrictEqual([name, set ? value : before.value]);
      }
    },
  }),
  storageClause({
    id: 'set-lease',
    title: 'setting voids the lease that somebody holds',
    needs: ['set', 'lease'],
    async run({ storage, another }, expect) {
      await expectVoid([storage, await another()], expect, async (client, key) => {
        const entry = entryOf('set');
        expect(await (client as SettingStorage).set(key, entry)).toBe('stored');
        return entry;
      });
    },
  }),
  storageClause({
    id: 'set-watch',
    title: 'those who wait for a lease are told when an entry is set, where the storage can tell',
    needs: ['set', 'lease'],
    async run({ storage, another }, expect) {
      await expectWoken(storage, await another(), 'set', expect, (key) => storage.set(key, entryOf('set')));
    },
  }),
  storageClause({
    id: 'set-race',
    title: 'of an entry that is set and a load that is offered at the same time, the one that was set is left',
    needs: ['set', 'lease'],
    async run({ storage, another }, expect) {
      const client = await another();
      const held = await holdMany(storage, 'raced', 40, expect);
      const races = held.map(({ key, publish }, at) => {
        const set = (): Promise<unknown> => client.set(key, entryOf('set'));
        return Promise.all(at % 4 < 2 ? [publish(), set()] : [set(), publish()]);
      });
      await Promise.all(races);
      const found = await Promise.all(held.map(async ({ key }) => (await storage.get(key))?.value));
      expect(found).toStrictEqual(held.map(() => 'set'));
    },
  }),
];

type SettingStorage = LeasingStorage & Required<Pick<LeasingStorage, 'set'>>;
