import type { CacheStorage } from '../../storage/cache-storage.js';
import { entryOf, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

/** Clearing and listing: all of this storage, and nothing else. */
export const clearClauses: readonly StorageClause[] = [
  storageClause({
    id: 'clear-all',
    title: 'clearing with an empty scope takes away every entry, a thousand of them, too',
    needs: ['clear'],
    async run({ storage }, expect) {
      const keys = Array.from({ length: 1_000 }, (_, index) => `cleared ${index}`);
      await Promise.all([...keys, '*', ' ', 'k'.repeat(300)].map((key) => keep(storage, key, entryOf(1), expect)));
      await storage.clear('');
      expect(await keptOf(storage, [...keys, '*', ' ', 'k'.repeat(300)])).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'clear-scope',
    title: 'clearing a scope takes away the keys that begin with it, long ones included, and no others',
    needs: ['clear'],
    async run({ storage }, expect) {
      const inside = ['user:', 'user:1', 'user:1:name', 'user:*', `user:${'1'.repeat(1_000)}`];
      const outside = ['user', 'User:1', 'users:1', 'a user:1', 'use', `usex${'1'.repeat(1_000)}`];
      await Promise.all([...inside, ...outside].map((key) => keep(storage, key, entryOf(1), expect)));
      await storage.clear('user:');
      expect(await keptOf(storage, [...inside, ...outside])).toStrictEqual(outside);
    },
  }),
  storageClause({
    id: 'clear-literal',
    title: 'a scope is text, not a pattern',
    needs: ['clear'],
    async run({ storage }, expect) {
      const keys = ['a*1', 'ab1', 'a?2', 'ab2', 'a[b]3', 'ab3', 'a\\4', 'a4', '^a5', 'a5'];
      await Promise.all(keys.map((key) => keep(storage, key, entryOf(1), expect)));
      for (const scope of ['a*', 'a?', 'a[b]', 'a\\', '^a']) await storage.clear(scope);
      expect(await keptOf(storage, keys)).toStrictEqual(['ab1', 'ab2', 'ab3', 'a4', 'a5']);
    },
  }),
  storageClause({
    id: 'clear-neighbour',
    title: "clearing leaves a neighbour's entries alone",
    needs: ['clear', 'openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      const neighbour = await openNeighbour();
      await keep(storage, 'key', entryOf('own'), expect);
      await keep(neighbour, 'key', entryOf("neighbour's"), expect);
      await storage.clear('');
      await storage.clear('key');
      expect((await neighbour.get('key'))?.value).toBe("neighbour's");
      expect(await storage.get('key')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'clear-shared',
    title: 'what one client clears no other finds once that is confirmed',
    needs: ['clear', 'openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const keys = ['cleared 1', 'cleared 2'];
      for (const key of keys) await keep(another, key, entryOf(key), expect);
      await storage.clear('cleared');
      expect(await keptOf(another, keys)).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'entries',
    title: 'all entries are listed under the keys they were offered under, once each',
    needs: ['entries'],
    async run({ storage }, expect) {
      const keys = [...Array.from({ length: 300 }, (_, index) => `listed ${index}`), '*', 'a b\n', 'k'.repeat(1_000)];
      const offered = new Map(keys.map((key, index) => [key, entryOf(key, { created: index })]));
      await Promise.all([...offered].map(([key, entry]) => keep(storage, key, entry, expect)));
      await storage.release('never offered');
      const listed = await listedBy(storage);
      // Sorted, since they come in no particular order.
      const sorted = (all: Iterable<readonly [string, unknown]>): unknown =>
        [...all].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(listed)).toStrictEqual(sorted([...offered].map(([key, entry]) => [key, partsOf(entry)] as const)));
    },
  }),
  storageClause({
    id: 'entries-neighbour',
    title: "a neighbour's entries are not listed",
    needs: ['entries', 'openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      await keep(await openNeighbour(), "neighbour's", entryOf(1), expect);
      await keep(storage, 'own', entryOf(1), expect);
      expect((await listedBy(storage)).map(([key]) => key)).toStrictEqual(['own']);
    },
  }),
];

async function keptOf(storage: CacheStorage, keys: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(keys.map((key) => storage.get(key)));
  return keys.filter((_, index) => found[index] !== undefined);
}

async function listedBy(storage: Required<Pick<CacheStorage, 'entries'>>): Promise<(readonly [string, unknown])[]> {
  const listed: (readonly [string, unknown])[] = [];
  for await (const [key, entry] of storage.entries()) listed.push([key, partsOf(entry)]);
  return listed;
}
