import { pause } from '../pause.js';
import { entryOf, expectKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

const live = { created: 1_000_000, updateAfter: 2_000_000, expiresAfter: Infinity } as const;

/** Hits without waiting, and entries whose moments change in place. */
export const momentsClauses: readonly StorageClause[] = [
  storageClause({
    id: 'peek',
    title: 'what is seen without waiting is what get finds, after each change',
    needs: ['peek'],
    async run({ storage }, expect) {
      const peeked = (): unknown => partsOf(storage.peek('peeked'));
      expect(peeked()).toBe(undefined);
      for (const value of ['first', 'second']) {
        const entry = await keep(storage, 'peeked', entryOf(value), expect);
        expect(peeked() ?? partsOf(entry)).toStrictEqual(partsOf(entry));
        await expectKept(storage, 'peeked', entry, expect);
        expect(peeked() ?? partsOf(entry)).toStrictEqual(partsOf(entry));
      }
    },
  }),
  storageClause({
    id: 'peek-invalidated',
    title: 'what was invalidated or cleared is not seen without waiting either',
    needs: ['peek', 'invalidate', 'clear'],
    async run({ storage }, expect) {
      for (const letGo of [() => storage.invalidate('peeked'), () => storage.clear('peek')]) {
        const entry = await keep(storage, 'peeked', entryOf('value'), expect);
        await expectKept(storage, 'peeked', entry, expect);
        await letGo();
        expect(storage.peek('peeked')).toBe(undefined);
      }
    },
  }),
  storageClause({
    id: 'change-moments',
    title: 'a live entry gets other moments and stays what it is in all else',
    needs: ['changeMoments'],
    async run({ storage }, expect) {
      const entry = await keep(storage, 'changed', entryOf({ id: 1 }, { ...live, etag: 'etag', failed: true }), expect);
      for (const moments of [
        { updateAfter: 3_000_000.5, expiresAfter: Date.now() + 60_000 },
        { updateAfter: Infinity, expiresAfter: Infinity },
      ]) {
        expect(await storage.changeMoments('changed', entry, moments, 1_500_000)).toBe(true);
        await expectKept(storage, 'changed', { ...entry, ...moments }, expect);
        expect(partsOf(storage.peek?.('changed') ?? { ...entry, ...moments })).toStrictEqual({ ...entry, ...moments });
      }
    },
  }),
  storageClause({
    id: 'change-moments-replaced',
    title: 'an entry that was replaced keeps its moments',
    needs: ['changeMoments'],
    async run({ storage }, expect) {
      const before = await keep(storage, 'changed', entryOf('before', live), expect);
      const after = await keep(storage, 'changed', entryOf('after', { ...live, created: live.created + 1 }), expect);
      const moments = { updateAfter: 3_000_000, expiresAfter: Date.now() + 60_000 };
      expect(await storage.changeMoments('changed', before, moments, 1_500_000)).toBe(false);
      await expectKept(storage, 'changed', after, expect);
    },
  }),
  storageClause({
    id: 'change-moments-expired',
    title: 'an entry that has expired keeps its moments, from the very instant on',
    needs: ['changeMoments'],
    async run({ storage }, expect) {
      const entry = await keep(storage, 'changed', entryOf('value'), expect);
      const moments = { updateAfter: Infinity, expiresAfter: Infinity };
      for (const now of [entry.expiresAfter, entry.expiresAfter + 1]) {
        expect(await storage.changeMoments('changed', entry, moments, now)).toBe(false);
      }
      await expectKept(storage, 'changed', entry, expect);
      expect(await storage.changeMoments('changed', entry, moments, entry.expiresAfter - 1)).toBe(true);
    },
  }),
  storageClause({
    id: 'change-moments-absent',
    title: 'an entry that is gone is not brought back by changing its moments',
    needs: ['changeMoments'],
    async run({ storage }, expect) {
      const moments = { updateAfter: Infinity, expiresAfter: Infinity };
      expect(await storage.changeMoments('never offered', entryOf('value'), moments, Date.now())).toBe(false);
      expect(await storage.get('never offered')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'change-moments-lifetime',
    title: 'an entry whose life was made longer outlives its first lifetime',
    needs: ['changeMoments'],
    async run({ storage, resolution }, expect) {
      const entry = await keep(storage, 'changed', entryOf('value', { expiresAfter: Date.now() + 300 }), expect);
      const moments = { updateAfter: entry.updateAfter, expiresAfter: Date.now() + 3_600_000 };
      expect(await storage.changeMoments('changed', entry, moments, Date.now())).toBe(true);
      await pause(400 + resolution);
      await expectKept(storage, 'changed', { ...entry, ...moments }, expect);
    },
  }),
];
