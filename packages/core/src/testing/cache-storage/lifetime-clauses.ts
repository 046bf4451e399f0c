import { entryOf, expectKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';
import { pause } from '../pause.js';

const day = 86_400_000;
/** How much later than promised an answer may come, for computers that are busy. */
const grace = 500;

/** Lifetimes: never shorter than asked, whatever units the backend counts in. These clauses take real time. */
export const lifetimeClauses: readonly StorageClause[] = [
  storageClause({
    id: 'not-early',
    title: 'an entry is there until it expires, also when its lifetime is no whole number of seconds',
    async run({ storage }, expect) {
      const lifetimes = [250, 700, 1_300];
      await Promise.all(
        lifetimes.map(async (lifetime) => {
          const key = `lives ${lifetime} ms`;
          const entry = await keep(storage, key, entryOf(key, { expiresAfter: Date.now() + lifetime }), expect);
          await pause(lifetime - 80);
          const found = await storage.get(key);
          if (Date.now() < entry.expiresAfter) expect(partsOf(found)).toStrictEqual(partsOf(entry));
        }),
      );
    },
  }),
  storageClause({
    id: 'far-lifetimes',
    title: 'an entry may live for a month, for a century, for ever',
    async run({ storage }, expect) {
      for (const lifetime of [30 * day, 31 * day, 100 * 365 * day, Infinity]) {
        const key = `lives ${lifetime} ms`;
        const entry = await keep(storage, key, entryOf(key, { expiresAfter: Date.now() + lifetime }), expect);
        await expectKept(storage, key, entry, expect);
      }
    },
  }),
  storageClause({
    id: 'offered-expired',
    title: 'an entry that has expired may be kept or not; it is no error, and replaces what was there',
    async run({ storage }, expect) {
      for (const expiresAfter of [0, Date.now() - 1_000, Date.now()]) {
        await keep(storage, 'expired', entryOf('before'), expect);
        const entry = entryOf('expired', { expiresAfter });
        const result = await storage.offer('expired', entry);
        expect(['stored', 'declined'].includes(result)).toBe(true);
        const found = await storage.get('expired');
        if (result === 'stored' && found !== undefined) expect(partsOf(found)).toStrictEqual(partsOf(entry));
      }
    },
  }),
  storageClause({
    id: 'reclaims',
    title: 'what has expired is gone at the latest when the resolution has passed',
    needs: ['resolution'],
    async run({ storage, resolution }, expect) {
      await keep(storage, 'reclaimed', entryOf('value', { expiresAfter: Date.now() + 50 }), expect);
      const end = Date.now() + 50 + resolution + grace;
      while ((await storage.get('reclaimed')) !== undefined && Date.now() < end) await pause(20);
      expect(await storage.get('reclaimed')).toBe(undefined);
    },
  }),
];
