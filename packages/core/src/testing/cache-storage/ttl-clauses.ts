import { pause } from '../pause.js';
import { entryOf, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

/** How long the backend will keep a key: never less than is said. These clauses take real time. */
export const ttlClauses: readonly StorageClause[] = [
  storageClause({
    id: 'ttl',
    title: 'what is kept is there for as long as the storage says that it will be',
    needs: ['ttl'],
    async run({ storage }, expect) {
      const lifetimes = [400, 1_300];
      await Promise.all(
        lifetimes.map(async (lifetime) => {
          const key = `lives ${lifetime} ms`;
          await keep(storage, key, entryOf('before'), expect);
          const entry = await keep(storage, key, entryOf(key, { expiresAfter: Date.now() + lifetime }), expect);
          const asked = Date.now();
          const ttl = (await storage.ttl(key)) ?? 0;
          expect([ttl, ttl >= 0]).toStrictEqual([ttl, true]);
          // What is kept for longer than it lives is not waited for to its end.
          await pause(Math.min(ttl, lifetime + 300) - 80);
          const found = await storage.get(key);
          if (Date.now() - asked < ttl) expect(partsOf(found)).toStrictEqual(partsOf(entry));
        }),
      );
    },
  }),
  storageClause({
    id: 'ttl-for-ever',
    title: 'of an entry that lives for ever it is said that it will be there for some time, or nothing',
    needs: ['ttl'],
    async run({ storage }, expect) {
      await keep(storage, 'kept', entryOf('value', { expiresAfter: Infinity }), expect);
      const ttl = await storage.ttl('kept');
      expect([ttl, ttl === undefined || ttl > 0]).toStrictEqual([ttl, true]);
    },
  }),
  storageClause({
    id: 'ttl-unknown',
    title: 'of a key that is not there it is said that it will be there for 0 ms, or nothing',
    needs: ['ttl'],
    async run({ storage }, expect) {
      const ttl = await storage.ttl('never offered');
      expect([ttl, ttl === undefined || ttl === 0]).toStrictEqual([ttl, true]);
    },
  }),
];
