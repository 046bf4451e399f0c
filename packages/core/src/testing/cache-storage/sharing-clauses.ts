import { UnreadableEntryError } from '../../errors.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import { failureOf } from '../contract.js';
import { pause, settledWithin } from '../pause.js';
import { expectFailures, limitOf, untilItWorks } from './interruptions.js';
import { acquire, ask, leaseOf, long } from './leasing.js';
import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

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
          ttl: () => storage.ttl?.('interrupted'),
        };
        const limit = limitOf(storage);
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
      await failureOf(() => settledWithin(limitOf(storage), storage.get('resumed')));
      await resume();
      await untilItWorks(() => storage.offer('resumed', entryOf('value')));
      const entry = await keep(storage, 'resumed', entryOf('value'), expect);
      await expectKept(storage, 'resumed', entry, expect);
    },
  }),
  storageClause({
    id: 'lease-interrupted',
    title: 'leases that cannot be asked for, renewed or given back are a StorageFailedError within the deadline',
    needs: ['lease', 'interrupt'],
    async run({ storage, interrupt }, expect) {
      const renewed = await acquire(storage, 'renewed', expect);
      const givenBack = await acquire(storage, 'given back', expect);
      const published = await acquire(storage, 'published', expect);
      const resume = await interrupt();
      try {
        await expectFailures(storage, expect, {
          lease: () => ask(storage, 'asked for'),
          renew: () => renewed.renew(long),
          giveBack: () => givenBack.giveBack(),
          offer: () => storage.offer('published', entryOf('value'), published),
        });
      } finally {
        await resume();
      }
    },
  }),
  storageClause({
    id: 'lease-resumed',
    title: 'leases work again once the backend is back',
    needs: ['lease', 'interrupt'],
    async run({ storage, interrupt }, expect) {
      const before = await acquire(storage, 'before', expect);
      const resume = await interrupt();
      await failureOf(() => before.renew(long));
      await resume();
      await untilItWorks(() => storage.get('resumed'));
      const lease = leaseOf(await ask(storage, 'resumed'), expect);
      expect(await lease.renew(long)).toBe(true);
      expect(await storage.offer('resumed', entryOf('value'), lease)).toBe('stored');
      // The backend may have forgotten it, yet it can be asked.
      const isHeld = await before.renew(long);
      expect(await before.giveBack()).toBe(isHeld);
      await acquire(storage, 'before', expect);
    },
  }),
  storageClause({
    id: 'set-interrupted',
    title: 'what could not be set in time is a StorageFailedError, and does not replace what is set afterwards',
    needs: ['set', 'interrupt'],
    async run({ storage, interrupt }, expect) {
      const resume = await interrupt();
      try {
        await expectFailures(storage, expect, { set: () => storage.set('set', entryOf('given up')) });
      } finally {
        await resume();
      }
      const entry = entryOf('set');
      await untilItWorks(() => storage.set('set', entry));
      await pause(100);
      await expectKept(storage, 'set', entry, expect);
    },
  }),
];

async function listed(storage: CacheStorage): Promise<void> {
  for await (const [key] of storage.entries?.() ?? []) void key;
}
