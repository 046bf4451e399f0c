import { UnreadableEntryError } from '../../errors.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import { failureOf } from '../contract.js';
import { pause, settledWithin } from '../pause.js';
import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

/** How long a storage may take to work again after its backend came back. */
const recovery = 3_000;
/** How much later than its deadline an answer may come, for computers that are busy. */
const grace = 500;
const defaultDeadline = 500;

/** Several clients, neighbours in the same place, and backends that are damaged or away. */
export const sharingClauses: readonly StorageClause[] = [
  storageClause({
    id: 'shared',
    title: 'what one client offers another finds',
    needs: ['openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const first = await keep(storage, 'shared', entryOf({ id: 1 }, { etag: 'etag' }), expect);
      await expectKept(another, 'shared', first, expect);
      const second = await keep(another, 'shared', entryOf({ id: 2 }), expect);
      await expectKept(storage, 'shared', second, expect);
    },
  }),
  storageClause({
    id: 'change-moments-shared',
    title: 'moments that one client changed are what another finds',
    needs: ['changeMoments', 'openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const entry = await keep(another, 'changed', entryOf('value'), expect);
      await expectKept(another, 'changed', entry, expect);
      const moments = { updateAfter: Date.now() + 60_000, expiresAfter: Date.now() + 120_000 };
      expect(await storage.changeMoments('changed', entry, moments, Date.now())).toBe(true);
      await expectKept(another, 'changed', { ...entry, ...moments }, expect);
    },
  }),
  storageClause({
    id: 'neighbours',
    title: 'neighbours keep different entries under the same key',
    needs: ['openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      const neighbour = await openNeighbour();
      const own = await keep(storage, 'same key', entryOf('own'), expect);
      expect(await neighbour.get('same key')).toBe(undefined);
      const other = await keep(neighbour, 'same key', entryOf("neighbour's"), expect);
      await neighbour.invalidate?.('same key');
      await neighbour.release('same key');
      await keep(neighbour, 'same key', other, expect);
      await expectKept(storage, 'same key', own, expect);
      await expectKept(neighbour, 'same key', other, expect);
    },
  }),
  storageClause({
    id: 'unreadable',
    title: 'bytes that cannot be read are an UnreadableEntryError',
    needs: ['corrupt'],
    async run({ storage, corrupt }, expect) {
      await keep(storage, 'corrupt', entryOf('value'), expect);
      await corrupt('corrupt');
      expect(UnreadableEntryError.isInstance(await failureOf(() => storage.get('corrupt')))).toBe(true);
    },
  }),
  storageClause({
    id: 'unreadable-replaced',
    title: 'bytes that cannot be read can be replaced, invalidated and cleared',
    needs: ['corrupt'],
    async run({ storage, corrupt }, expect) {
      await corrupt('corrupt');
      const entry = await keep(storage, 'corrupt', entryOf('value'), expect);
      await expectKept(storage, 'corrupt', entry, expect);
      for (const letGo of [storage.invalidate?.bind(storage, 'corrupt'), storage.clear?.bind(storage, 'corr')]) {
        if (letGo === undefined) continue;
        await corrupt('corrupt');
        await letGo();
        expect(await storage.get('corrupt')).toBe(undefined);
      }
    },
  }),
  storageClause({
    id: 'interrupted',
    title: 'every operation settles within the deadline while the backend is away',
    needs: ['interrupt'],
    async run({ storage, interrupt }, expect) {
      const entry = await keep(storage, 'interrupted', entryOf('value'), expect);
      const resume = await interrupt();
      try {
        const operations = {
          get: () => storage.get('interrupted'),
          offer: () => storage.offer('interrupted', entry),
          release: () => storage.release('interrupted'),
          invalidate: () => storage.invalidate?.('interrupted'),
          changeMoments: () => storage.changeMoments?.('interrupted', entry, entry, entry.created),
          clear: () => storage.clear?.('interrupted'),
          entries: () => listed(storage),
        };
        const limit = (storage.deadline ?? defaultDeadline) + grace;
        const outcomes = Object.entries(operations).map(async ([name, operation]) => {
          const settled = failureOf(operation).then(() => 'settled' as const);
          expect([name, await settledWithin(limit, settled)]).toStrictEqual([name, 'settled']);
        });
        await Promise.all(outcomes);
      } finally {
        await resume();
      }
    },
  }),
  storageClause({
    id: 'resumed',
    title: 'the storage works again once its backend is back',
    needs: ['interrupt'],
    async run({ storage, interrupt }, expect) {
      const resume = await interrupt();
      await failureOf(() => settledWithin((storage.deadline ?? defaultDeadline) + grace, storage.get('resumed')));
      await resume();
      const end = Date.now() + recovery;
      const works = (): Promise<unknown> => failureOf(() => storage.offer('resumed', entryOf('value')));
      while ((await works()) !== undefined && Date.now() < end) await pause(50);
      const entry = await keep(storage, 'resumed', entryOf('value'), expect);
      await expectKept(storage, 'resumed', entry, expect);
    },
  }),
];

async function listed(storage: CacheStorage): Promise<void> {
  for await (const [key] of storage.entries?.() ?? []) void key;
}
