import type { CacheEntry } from '../../entry/cache-entry.js';
import { pause } from '../pause.js';
import { acquire, ask, leaseOf, long, stateOf, takeOver, unwatched } from './leasing.js';
import { entryOf, expectKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

const hour = 3_600_000;
/** How much later than promised an answer may come, for computers that are busy. */
const grace = 500;

/**
 * Entries that are kept longer than they are served, so that they can be where a load fails. Until then they are there
 * like any other; what they may be used for the engine knows. These clauses take real time.
 */
export const keptClauses: readonly StorageClause[] = [
  storageClause({
    id: 'kept-until',
    title: 'until when an entry is kept comes back, a fraction included, or for ever, or that nobody said so',
    async run({ storage }, expect) {
      const { expiresAfter } = entryOf('value');
      for (const keepUntil of [expiresAfter + 0.5, expiresAfter + 365 * 24 * hour, Infinity, expiresAfter]) {
        const entry = entryOf('value', { expiresAfter, keepUntil });
        await keep(storage, 'kept', entry, expect);
        await expectKept(storage, 'kept', entry, expect);
      }
      const entry = await keep(storage, 'kept', entryOf('value', { expiresAfter }), expect);
      await expectKept(storage, 'kept', entry, expect);
    },
  }),
  storageClause({
    id: 'kept-expired',
    title: 'an entry that has expired, or had when it was offered or set, is there as long as it is to be kept',
    async run({ storage, another, resolution }, expect) {
      const clients = [storage, await another()];
      const entries = [-10_000, 0, 200].map((lifetime) => expiredOf(lifetime, { etag: 'etag', failed: true }));
      for (const [at, entry] of entries.entries()) {
        await keep(storage, `offered ${at}`, entry, expect);
        expect((await storage.set?.(`set ${at}`, entry)) ?? 'stored').toBe('stored');
      }
      await pause(300 + resolution);
      for (const client of clients) {
        for (const [at, entry] of entries.entries()) {
          await expectKept(client, `offered ${at}`, entry, expect);
          if (storage.set !== undefined) await expectKept(client, `set ${at}`, entry, expect);
        }
      }
    },
  }),
  storageClause({
    id: 'kept-reclaims',
    title: 'an entry that was kept beyond its expiry is gone at the latest when the resolution has passed after that',
    needs: ['resolution'],
    async run({ storage, resolution }, expect) {
      await keep(storage, 'kept', expiredOf(-1_000, { keepUntil: Date.now() + 100 }), expect);
      const end = Date.now() + 100 + resolution + grace;
      while ((await storage.get('kept')) !== undefined && Date.now() < end) await pause(20);
      expect(await storage.get('kept')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'kept-many',
    title: 'entries that have expired and are kept are found among many',
    needs: ['getMany'],
    async run({ storage, resolution }, expect) {
      const expired = await keep(storage, 'expired', expiredOf(-1_000), expect);
      const live = await keep(storage, 'live', entryOf('live', { keepUntil: Infinity }), expect);
      await pause(resolution);
      const found = await storage.getMany(['live', 'absent', 'expired']);
      expect(found.map((answer) => (answer instanceof Error ? answer : partsOf(answer)))).toStrictEqual([
        partsOf(live),
        undefined,
        partsOf(expired),
      ]);
    },
  }),
  storageClause({
    id: 'kept-seen',
    title: 'who has not seen an expired entry that is kept gets it instead of a lease; who has may load',
    needs: ['lease'],
    async run({ storage, another, resolution }, expect) {
      const client = await another();
      const entry = await keep(storage, 'kept', expiredOf(-1_000), expect);
      await pause(resolution);
      for (const seen of [undefined, entryOf('another')]) {
        const answer = unwatched(await ask(client, 'kept', { seen }));
        expect(answer.state).toBe('present');
        if (answer.state === 'present') expect(partsOf(answer.entry)).toStrictEqual(partsOf(entry));
      }
      await acquire(storage, 'kept', expect, { seen: { ...entry } });
      expect(await stateOf(ask(client, 'kept', { seen: entry }))).toBe('held');
      expect(await stateOf(ask(client, 'kept'))).toBe('present');
    },
  }),
  storageClause({
    id: 'kept-leased',
    title:
      'a lease leaves an expired entry that is kept: held, renewed, run out, taken over, given back, and in a rest',
    needs: ['lease'],
    async run({ storage, another, resolution, leaseResolution }, expect) {
      const client = await another();
      const entry = expiredOf(-1_000, { etag: 'etag', failed: true });
      const ways: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
        held: (key) => acquire(storage, key, expect, { seen: entry }),
        renewed: async (key) => (await acquire(storage, key, expect, { seen: entry })).renew(long),
        'run out': (key) => acquire(storage, key, expect, { seen: 'any', time: 50 }),
        'taken over': async (key) => {
          await acquire(storage, key, expect, { seen: entry, time: 50 });
          await takeOver(client, { key, present: entry }, leaseResolution, expect);
        },
        'given back': async (key) => (await acquire(storage, key, expect, { seen: entry })).giveBack(),
        'in a long rest': async (key) => {
          const lease = await acquire(storage, key, expect, { seen: entry });
          await lease.giveBack({ failures: 1, milliseconds: long });
        },
        'after a short rest': async (key) => {
          const lease = await acquire(storage, key, expect, { seen: 'any' });
          await lease.giveBack({ failures: 1, milliseconds: 50 });
        },
      };
      const left = Object.entries(ways).map(async ([key, lease]) => {
        await keep(storage, key, entry, expect);
        await lease(key);
        await pause(200 + resolution);
        for (const finder of [storage, client]) {
          expect([key, partsOf(await finder.get(key))]).toStrictEqual([key, partsOf(entry)]);
        }
      });
      await Promise.all(left);
      const lease = leaseOf(unwatched(await ask(client, 'given back', { seen: entry })), expect);
      const loaded = entryOf('loaded');
      expect(await client.offer('given back', loaded, lease)).toBe('stored');
      await expectKept(storage, 'given back', loaded, expect);
    },
  }),
  storageClause({
    id: 'kept-change-moments',
    title: 'moments that change say anew until when the entry is kept: as long as it is served, unless they say more',
    needs: ['changeMoments'],
    async run({ storage, another, resolution }, expect) {
      const client = await another();
      const entry = await keep(storage, 'changed', entryOf('value', { keepUntil: Infinity }), expect);
      const change = async (moments: Pick<CacheEntry, 'updateAfter' | 'expiresAfter' | 'keepUntil'>): Promise<void> => {
        expect(await storage.changeMoments('changed', entry, moments, Date.now())).toBe(true);
        const { keepUntil: _, ...others } = entry;
        await expectKept(client, 'changed', { ...others, ...moments }, expect);
      };
      const moments = { updateAfter: Date.now(), expiresAfter: Date.now() + 60_000 };
      await change(moments);
      await change({ ...moments, keepUntil: Date.now() + 120_000.5 });
      await change({ ...moments, keepUntil: Infinity });
      const soon = Date.now() + 300;
      await change({ updateAfter: soon, expiresAfter: soon, keepUntil: Date.now() + hour });
      await pause(400 + resolution);
      const found = await client.get('changed');
      expect([found?.value, found?.expiresAfter]).toStrictEqual(['value', soon]);
      expect(await storage.changeMoments('changed', entry, moments, Date.now())).toBe(false);
      expect((await client.get('changed'))?.expiresAfter).toBe(soon);
    },
  }),
  storageClause({
    id: 'kept-invalidated',
    title: 'an expired entry that is kept is taken away like any other; it is told when it expired',
    needs: ['invalidate'],
    async run({ storage, another }, expect) {
      const client = await another();
      const entry = await keep(storage, 'kept', expiredOf(-1_000), expect);
      expect(await client.invalidate('kept')).toBe(entry.expiresAfter);
      for (const finder of [storage, client]) expect(await finder.get('kept')).toBe(undefined);
    },
  }),
];

/** An entry that expires so many milliseconds from now, or has, and is kept for an hour unless it is said otherwise. */
function expiredOf(lifetime: number, parts: Partial<CacheEntry> = {}): CacheEntry {
  const now = Date.now();
  const expiresAfter = now + lifetime;
  return entryOf(
    { id: 1 },
    { created: now - 60_000, updateAfter: expiresAfter, expiresAfter, keepUntil: now + hour, ...parts },
  );
}
