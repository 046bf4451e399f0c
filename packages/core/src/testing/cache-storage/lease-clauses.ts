import { newHolder } from '../../loading/holder.js';
import { pause } from '../pause.js';
import { samplesBeyond } from '../value-samples.js';
import {
  acquire,
  ask,
  earlierEntryOf,
  expectRemaining,
  isGranted,
  leaseOf,
  long,
  placesIn,
  stateOf,
  unwatched,
  type LeasingStorage,
} from './leasing.js';
import { entryOf, expectKept, isKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

/** Leases: who is granted one, and what is seen of it. */
export const leaseClauses: readonly StorageClause[] = [
  storageClause({
    id: 'lease-publish',
    title: 'an entry offered under a lease is kept, and ends it',
    needs: ['lease'],
    async run({ storage }, expect) {
      for (const { key, present } of await placesIn(storage, expect)) {
        const holder = newHolder();
        const lease = await acquire(storage, key, expect, { holder, seen: present });
        expect([lease.holder, lease.failures]).toStrictEqual([holder, 0]);
        const loaded = entryOf('loaded');
        expect(await storage.offer(key, loaded, lease)).toBe('stored');
        await expectKept(storage, key, loaded, expect);
        expect(await storage.offer(key, entryOf('loaded again'), lease)).toBe('declined');
        await expectKept(storage, key, loaded, expect);
        expect(await stateOf(ask(storage, key, { seen: loaded }))).toBe('granted');
      }
    },
  }),
  storageClause({
    id: 'lease-publish-expired',
    title: 'an entry that has expired may be kept under a lease or not; who gives the lease back leaves nothing of it',
    needs: ['lease'],
    async run({ storage }, expect) {
      for (const { key, present } of await placesIn(storage, expect)) {
        const lease = await acquire(storage, key, expect, { seen: present });
        const expired = entryOf('expired', { expiresAfter: Date.now() - 1_000 });
        const result = await storage.offer(key, expired, lease);
        expect(['stored', 'declined'].includes(result)).toBe(true);
        const found = await storage.get(key);
        if (result === 'stored' && found !== undefined) expect(partsOf(found)).toStrictEqual(partsOf(expired));
        expect(await lease.giveBack()).toBe(result === 'declined');
        expect(await stateOf(ask(storage, key, { seen: found }))).toBe('granted');
      }
    },
  }),
  storageClause({
    id: 'lease-one-holder',
    title:
      'of many that ask at once, through several clients, one is granted the lease; the others hear how long it lasts',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const clients = [storage, await another(), await another()];
      for (const { key, present } of await placesIn(storage, expect)) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => clients.map((client) => ask(client, key, { seen: present }))).flat(),
        );
        expect(answers.map(unwatched).filter(isGranted).length).toBe(1);
        for (const answer of answers.filter((one) => !isGranted(one))) {
          expect(answer.state).toBe('held');
          expectRemaining(answer, long + leaseResolution, expect);
        }
      }
    },
  }),
  storageClause({
    id: 'lease-again',
    title: 'a holder that asks again, since the answer was lost, is granted what it has',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      for (const { key, present } of await placesIn(storage, expect)) {
        const request = { holder: newHolder(), seen: present };
        await acquire(storage, key, expect, request);
        await acquire(storage, key, expect, request);
        const lease = await acquire(storage, key, expect, request);
        expect(await stateOf(ask(await another(), key, { seen: present }))).toBe('held');
        const loaded = entryOf('loaded');
        expect(await storage.offer(key, loaded, lease)).toBe('stored');
        await expectKept(storage, key, loaded, expect);
      }
    },
  }),
  storageClause({
    id: 'lease-seen',
    title: 'who has not seen the entry that is there gets it instead of a lease, also while somebody else loads',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const present = await keep(storage, 'seen', earlierEntryOf({ id: 1 }, { created: 1_000_000.25 }), expect);
      const unseen = [undefined, entryOf('another'), { ...present, created: 1_000_000 }];
      const expectPresent = async (client: LeasingStorage): Promise<void> => {
        for (const seen of unseen) {
          const answer = await ask(client, 'seen', { seen });
          expect(answer.state).toBe('present');
          if (answer.state === 'present') expect(partsOf(answer.entry)).toStrictEqual(partsOf(present));
        }
      };
      const waiter = await another();
      for (const seen of [{ ...present }, 'any'] as const) {
        await expectPresent(waiter);
        const lease = await acquire(storage, 'seen', expect, { seen });
        await expectPresent(waiter);
        for (const alike of [{ ...present }, 'any'] as const) {
          expect(await stateOf(ask(waiter, 'seen', { seen: alike }))).toBe('held');
        }
        expect(await lease.giveBack()).toBe(true);
      }
    },
  }),
  storageClause({
    id: 'lease-seen-gone',
    title: 'where nothing is any more a lease is granted, whatever was seen',
    needs: ['lease'],
    async run({ storage }, expect) {
      await acquire(storage, 'never offered', expect, { seen: entryOf('gone') });
      await acquire(storage, 'never offered either', expect, { seen: 'any' });
    },
  }),
  storageClause({
    id: 'lease-keys',
    title: 'leases of different keys are independent: long keys, blanks, line breaks, keys that begin alike',
    needs: ['lease'],
    async run({ storage }, expect) {
      const odd = ['leased', 'leased ', 'Leased', 'lease', 'leased:1', ' ', '\n', '\u0000', '*', '🔑', '\ud800'];
      const far = ['k'.repeat(251), `${'k'.repeat(250)}l`, 'k'.repeat(10_000), `${'k'.repeat(9_999)}l`];
      const keys = [...odd, ...far];
      const answers = await Promise.all(keys.map((key) => ask(storage, key)));
      const leases = answers.map((answer) => leaseOf(answer, expect));
      const offered = await Promise.all(keys.map((key, at) => storage.offer(key, entryOf(at), leases[at])));
      expect(offered).toStrictEqual(keys.map(() => 'stored'));
      for (const [at, key] of keys.entries()) expect((await storage.get(key))?.value).toBe(at);
    },
  }),
  storageClause({
    id: 'lease-neighbours',
    title: 'neighbours hold leases of the same key, and clearing the one leaves the lease of the other',
    needs: ['lease', 'openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      const neighbour = await openNeighbour();
      const own = await acquire(storage, 'same key', expect);
      const other = await acquire(neighbour as LeasingStorage, 'same key', expect);
      expect(await storage.offer('same key', entryOf('own'), own)).toBe('stored');
      await storage.clear?.('');
      expect(await neighbour.offer('same key', entryOf("neighbour's"), other)).toBe('stored');
      expect((await neighbour.get('same key'))?.value).toBe("neighbour's");
    },
  }),
  storageClause({
    id: 'lease-unseen',
    title: 'a lease without an entry, or a rest, is nothing that is found, counted, listed, changed or invalidated',
    needs: ['lease'],
    async run({ storage }, expect) {
      const kept = await keep(storage, 'kept', entryOf('kept'), expect);
      await acquire(storage, 'leased', expect);
      const failed = await acquire(storage, 'resting', expect);
      await failed.giveBack({ failures: 1, milliseconds: long });
      expect([1, undefined].includes(storage.size)).toBe(true);
      const listed: string[] = [];
      for await (const [key] of storage.entries?.() ?? []) listed.push(key);
      expect(listed).toStrictEqual(storage.entries === undefined ? [] : ['kept']);
      for (const key of ['leased', 'resting']) {
        expect(await storage.get(key)).toBe(undefined);
        expect(storage.peek?.(key)).toBe(undefined);
        expect((await storage.changeMoments?.(key, kept, kept, kept.created)) ?? false).toBe(false);
        expect(await storage.invalidate?.(key)).toBe(undefined);
      }
    },
  }),
  storageClause({
    id: 'lease-refresh',
    title: 'an entry that is refreshed is found all the while: during the lease, after it was given back or ran out',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const clients = [storage, await another()];
      const seen = await keep(storage, 'refreshed', earlierEntryOf({ id: 1 }), expect);
      const expectFound = async (): Promise<void> => {
        for (const client of clients) {
          await expectKept(client, 'refreshed', seen, expect);
          expect(partsOf(client.peek?.('refreshed') ?? seen)).toStrictEqual(partsOf(seen));
        }
      };
      const first = await acquire(storage, 'refreshed', expect, { seen });
      await expectFound();
      expect(await first.renew(long)).toBe(true);
      await expectFound();
      await first.giveBack();
      await expectFound();
      const second = await acquire(storage, 'refreshed', expect, { seen });
      await second.giveBack({ failures: 1, milliseconds: long });
      await expectFound();
      await acquire(storage, 'refreshed', expect, { seen: 'any', time: 100 });
      await pause(200);
      await expectFound();
    },
  }),
  storageClause({
    id: 'lease-outlives',
    title: 'a lease outlives the entry that it is to replace',
    needs: ['lease'],
    async run({ storage, another, resolution }, expect) {
      const seen = await keep(storage, 'old', earlierEntryOf('old', { expiresAfter: Date.now() + 200 }), expect);
      const lease = await acquire(storage, 'old', expect, { seen });
      await pause(300 + resolution);
      expect(await stateOf(ask(await another(), 'old', { seen: 'any' }))).toBe('held');
      const loaded = entryOf('new');
      expect(await storage.offer('old', loaded, lease)).toBe('stored');
      await expectKept(storage, 'old', loaded, expect);
    },
  }),
  storageClause({
    id: 'lease-change-moments',
    title: 'an entry that gets other moments is still the one that was seen, and its lease is still held',
    needs: ['lease', 'changeMoments'],
    async run({ storage, another }, expect) {
      const client = await another();
      const seen = await keep(storage, 'changed', earlierEntryOf('before'), expect);
      const lease = await acquire(storage, 'changed', expect, { seen });
      const moments = { updateAfter: Date.now() + 60_000, expiresAfter: Date.now() + 120_000 };
      expect(await client.changeMoments('changed', seen, moments, Date.now())).toBe(true);
      await expectKept(storage, 'changed', { ...seen, ...moments }, expect);
      expect(await stateOf(ask(client, 'changed', { seen }))).toBe('held');
      expect(await lease.renew(long)).toBe(true);
      const loaded = entryOf('loaded');
      expect(await storage.offer('changed', loaded, lease)).toBe('stored');
      await expectKept(client, 'changed', loaded, expect);
    },
  }),
  storageClause({
    id: 'lease-release',
    title: 'a key that is released, to make room, leaves the lease to its holder',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      for (const { key, present } of await placesIn(storage, expect)) {
        const lease = await acquire(storage, key, expect, { seen: present });
        for (const client of [storage, await another()]) await client.release(key);
        expect(await stateOf(ask(storage, key, { seen: present }))).toBe('held');
        const loaded = entryOf('loaded');
        expect(await storage.offer(key, loaded, lease)).toBe('stored');
        await expectKept(storage, key, loaded, expect);
      }
    },
  }),
  storageClause({
    id: 'lease-unstorable',
    title: 'a value that is refused leaves the lease to its holder, who gives it back',
    needs: ['lease', 'lossless'],
    async run({ storage, values }, expect) {
      for (const [name, value] of samplesBeyond(values)) {
        const lease = await acquire(storage, name, expect);
        if (await isKept(storage.offer(name, entryOf(value), lease))) continue;
        expect(await storage.get(name)).toBe(undefined);
        expect([name, await lease.giveBack()]).toStrictEqual([name, true]);
        expect(await stateOf(ask(storage, name))).toBe('granted');
      }
    },
  }),
  storageClause({
    id: 'lease-unreadable',
    title: 'bytes that cannot be read do not stand in the way of a lease and of what is loaded under it',
    needs: ['lease', 'corrupt'],
    async run({ storage, corrupt }, expect) {
      for (const seen of [undefined, 'any'] as const) {
        await keep(storage, 'corrupt', earlierEntryOf('before'), expect);
        await corrupt('corrupt');
        const lease = await acquire(storage, 'corrupt', expect, { seen });
        const loaded = entryOf('loaded');
        expect(await storage.offer('corrupt', loaded, lease)).toBe('stored');
        await expectKept(storage, 'corrupt', loaded, expect);
      }
    },
  }),
];
