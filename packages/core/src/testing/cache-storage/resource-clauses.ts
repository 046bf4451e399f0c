import type { CacheEntry } from '../../entry/cache-entry.js';
import type { Departure, EntryResource } from '../../entry/entry-resource.js';
import { entryOf, keep, storageClause, type StorageClause } from './storage-subject.js';

/** What entries keep open comes back with them, and hears once that they have left. */
export const resourceClauses: readonly StorageClause[] = [
  storageClause({
    id: 'resource',
    title: 'an entry comes back with what it keeps open, which hears nothing meanwhile',
    needs: ['resources'],
    async run({ storage }, expect) {
      const { entry, heard } = openEntry();
      await keep(storage, 'open', entry, expect);
      expect((await storage.get('open'))?.resource).toBe(entry.resource);
      expect((storage.peek?.('open') ?? entry).resource).toBe(entry.resource);
      expect(heard).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'resource-replaced',
    title: 'what is replaced hears of it, by an offer or an explicit write',
    needs: ['resources'],
    async run({ storage }, expect) {
      const [first, second, third] = [openEntry(), openEntry(), openEntry()];
      await keep(storage, 'open', first.entry, expect);
      await keep(storage, 'open', second.entry, expect);
      expect(await (storage.set?.('open', third.entry) ?? storage.offer('open', third.entry))).toBe('stored');
      expect([first.heard, second.heard, third.heard]).toStrictEqual([['replaced'], ['replaced'], []]);
    },
  }),
  storageClause({
    id: 'resource-kept',
    title: 'what stays open in the entry that takes the place hears nothing of it',
    needs: ['resources'],
    async run({ storage }, expect) {
      const { entry, heard } = openEntry();
      await keep(storage, 'open', entry, expect);
      await keep(storage, 'open', { ...entry, expiresAfter: entry.expiresAfter + 1 }, expect);
      expect(heard).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'resource-moments',
    title: 'an entry that is given other moments has not left, and leaves with what it keeps open',
    needs: ['resources', 'changeMoments'],
    async run({ storage }, expect) {
      const { entry, heard } = openEntry();
      await keep(storage, 'open', entry, expect);
      const { created, updateAfter, expiresAfter } = entry;
      await storage.changeMoments('open', entry, { updateAfter, expiresAfter: expiresAfter + 1_000 }, created);
      expect((await storage.get('open'))?.resource).toBe(entry.resource);
      expect(heard).toStrictEqual([]);
      await storage.release('open');
      expect(heard).toStrictEqual(['released']);
    },
  }),
  storageClause({
    id: 'resource-declined',
    title: 'where an offer is declined, neither what it brings nor what is there hears anything',
    needs: ['resources', 'lease'],
    async run({ storage }, expect) {
      const [kept, late] = [openEntry(), openEntry()];
      const holder = '00112233445566778899';
      const answer = await storage.lease('open', { holder, seen: undefined, time: 60_000 });
      await keep(storage, 'open', kept.entry, expect);
      const lease = answer.state === 'granted' ? answer.lease : undefined;
      expect(await storage.offer('open', late.entry, lease)).toBe('declined');
      expect([kept.heard, late.heard]).toStrictEqual([[], []]);
    },
  }),
  storageClause({
    id: 'resource-released',
    title: 'what is released hears of it, once, and nothing else does',
    needs: ['resources'],
    async run({ storage }, expect) {
      const [released, other] = [openEntry(), openEntry()];
      await keep(storage, 'released', released.entry, expect);
      await keep(storage, 'other', other.entry, expect);
      await storage.release('released');
      await storage.release('released');
      expect([released.heard, other.heard]).toStrictEqual([['released'], []]);
    },
  }),
  storageClause({
    id: 'resource-invalidated',
    title: 'what is invalidated hears of it, once, and nothing else does',
    needs: ['resources', 'invalidate'],
    async run({ storage }, expect) {
      const [invalidated, other] = [openEntry(), openEntry()];
      await keep(storage, 'invalidated', invalidated.entry, expect);
      await keep(storage, 'other', other.entry, expect);
      await storage.invalidate('invalidated');
      await storage.invalidate('invalidated');
      expect([invalidated.heard, other.heard]).toStrictEqual([['invalidated'], []]);
    },
  }),
  storageClause({
    id: 'resource-cleared',
    title: 'everything in a scope that is cleared hears of it, once, and nothing else does',
    needs: ['resources', 'clear'],
    async run({ storage }, expect) {
      const [one, two, other] = [openEntry(), openEntry(), openEntry()];
      await keep(storage, 'user:1', one.entry, expect);
      await keep(storage, 'user:2', two.entry, expect);
      await keep(storage, 'other', other.entry, expect);
      await storage.clear('user:');
      await storage.clear('user:');
      expect([one.heard, two.heard, other.heard]).toStrictEqual([['cleared'], ['cleared'], []]);
    },
  }),
  storageClause({
    id: 'resource-disposed',
    title: 'when the storage is closed everything in it hears of it, once',
    needs: ['resources', 'dispose'],
    async run({ storage }, expect) {
      const [one, two] = [openEntry(), openEntry()];
      await keep(storage, 'one', one.entry, expect);
      await keep(storage, 'two', two.entry, expect);
      await storage[Symbol.asyncDispose]?.();
      await storage[Symbol.asyncDispose]?.();
      expect([one.heard, two.heard]).toStrictEqual([['disposed'], ['disposed']]);
    },
  }),
  storageClause({
    id: 'resource-late',
    title: 'a storage that has been closed keeps nothing that would never leave',
    needs: ['resources', 'dispose'],
    async run({ storage }, expect) {
      await storage[Symbol.asyncDispose]?.();
      const { entry, heard } = openEntry();
      expect(await storage.offer('late', entry)).toBe('declined');
      expect(heard).toStrictEqual([]);
    },
  }),
];

/** An entry that keeps something open, and what that hears. */
interface OpenEntry {
  readonly entry: CacheEntry;
  readonly heard: readonly Departure[];
}

function openEntry(): OpenEntry {
  const heard: Departure[] = [];
  const resource: EntryResource = { left: (why) => void heard.push(why), hold: () => () => {} };
  return { entry: entryOf('value', { resource }), heard };
}
