import type { LeaseAnswer } from '../../storage/lease.js';
import { pause } from '../pause.js';
import {
  acquire,
  ask,
  eventually,
  expectRemaining,
  expectWoken,
  grace,
  leaseOf,
  long,
  placesIn,
  short,
  stateOf,
  takeOver,
  type Place,
} from './leasing.js';
import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

/** For how long a lease is renewed, in milliseconds: thrice within the first time, which is over then. */
const renewed = 1_000;

/** How long a key rests, in milliseconds. */
const rest = 1_000;

/** How leases end: by their time, by being given back, with a rest. These clauses take real time. */
export const leaseEndClauses: readonly StorageClause[] = [
  storageClause({
    id: 'lease-dead-holder',
    title: 'the lease of a holder that is never heard of again is granted to another after its time, not before',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const waiter = await another();
      const takenOver = async ({ key, present: seen }: Place): Promise<void> => {
        const began = Date.now();
        await acquire(storage, key, expect, { seen, time: short });
        const isOver = (answer: LeaseAnswer): boolean => {
          if (answer.state === 'held') expectRemaining(answer, short + leaseResolution, expect);
          return answer.state !== 'held';
        };
        leaseOf(await eventually(waiter, key, isOver, short + leaseResolution + grace, { seen }), expect);
        // Clocks count whole milliseconds, each from its own beginning.
        expect(Date.now() - began >= short - 5).toBe(true);
      };
      await Promise.all((await placesIn(storage, expect)).map(takenOver));
    },
  }),
  storageClause({
    id: 'lease-over',
    title: 'a holder whose time is over, but whom nobody has replaced, still holds the lease',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const waiter = await another();
      const outlived = async (place: Place, what: 'publish' | 'renew' | 'give back'): Promise<void> => {
        const { key, present: seen } = place;
        const lease = await acquire(storage, key, expect, { seen, time: short / 2 });
        await pause(short + leaseResolution);
        if (what === 'give back') {
          expect(await lease.giveBack()).toBe(true);
          await acquire(waiter, key, expect, { seen });
          return;
        }
        if (what === 'renew') {
          expect(await lease.renew(long)).toBe(true);
          expect(await stateOf(ask(waiter, key, { seen }))).toBe('held');
        }
        const loaded = entryOf('loaded');
        expect(await storage.offer(key, loaded, lease)).toBe('stored');
        await expectKept(waiter, key, loaded, expect);
      };
      const all = (['publish', 'renew', 'give back'] as const).map(async (what) => {
        await Promise.all((await placesIn(storage, expect, what)).map((place) => outlived(place, what)));
      });
      await Promise.all(all);
    },
  }),
  storageClause({
    id: 'lease-taken-over',
    title: 'a holder that was replaced can neither keep what it loaded nor disturb the one that replaced it',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const successor = await another();
      const replaced = async (place: Place): Promise<void> => {
        const { key, present: seen } = place;
        const first = await acquire(storage, key, expect, { seen, time: short });
        const second = await takeOver(successor, place, leaseResolution, expect);
        const expectPowerless = async (): Promise<void> => {
          expect(await storage.offer(key, entryOf('late'), first)).toBe('declined');
          expect([await first.renew(long), await first.giveBack()]).toStrictEqual([false, false]);
          expect(await first.giveBack({ failures: 1, milliseconds: long })).toBe(false);
        };
        await expectPowerless();
        await expectKept(storage, key, seen, expect);
        expect(await stateOf(ask(storage, key, { seen }))).toBe('held');
        expect(await second.giveBack()).toBe(true);
        await expectPowerless();
        const third = await acquire(successor, key, expect, { seen });
        await expectPowerless();
        const loaded = entryOf('loaded');
        expect(await successor.offer(key, loaded, third)).toBe('stored');
        await expectPowerless();
        await expectKept(storage, key, loaded, expect);
      };
      await Promise.all((await placesIn(storage, expect)).map(replaced));
    },
  }),
  storageClause({
    id: 'lease-renewed',
    title: 'a lease that is renewed lasts from then on; one that is lost is not brought back by it',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const waiter = await another();
      const keptAlive = async (place: Place): Promise<void> => {
        const { key, present: seen } = place;
        const lease = await acquire(storage, key, expect, { seen, time: renewed });
        for (let round = 0; round < 3; round++) {
          await pause(0.4 * renewed);
          const began = Date.now();
          expect(await lease.renew(renewed)).toBe(true);
          // Only well before its end, so that a busy computer does not take it over.
          if (Date.now() < began + 0.5 * renewed) expect(await stateOf(ask(waiter, key, { seen }))).toBe('held');
        }
        expect(await lease.renew(short)).toBe(true);
        await takeOver(waiter, place, leaseResolution, expect);
        expect(await lease.renew(long)).toBe(false);
        expect(await stateOf(ask(storage, key, { seen }))).toBe('held');
      };
      await Promise.all((await placesIn(storage, expect)).map(keptAlive));
    },
  }),
  storageClause({
    id: 'lease-give-back',
    title:
      'a lease that its holder gives back is granted to the next at once; giving it back again takes it from nobody',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const next = await another();
      for (const { key, present: seen } of await placesIn(storage, expect)) {
        const first = await acquire(storage, key, expect, { seen });
        expect(await stateOf(ask(next, key, { seen }))).toBe('held');
        expect(await first.giveBack()).toBe(true);
        expect(await first.giveBack()).toBe(false);
        expect(await storage.offer(key, entryOf('late'), first)).toBe('declined');
        const second = await acquire(next, key, expect, { seen });
        expect([second.failures, await first.giveBack()]).toStrictEqual([0, false]);
        expect(await stateOf(ask(storage, key, { seen }))).toBe('held');
        const loaded = entryOf('loaded');
        expect(await next.offer(key, loaded, second)).toBe('stored');
        expect(await second.giveBack()).toBe(false);
        await expectKept(storage, key, loaded, expect);
      }
    },
  }),
  storageClause({
    id: 'lease-rest',
    title: 'a lease given back with a rest is granted to nobody for so long, then with the failures before it',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const waiter = await another();
      const rested = async ({ key, present: seen }: Place): Promise<void> => {
        const lease = await acquire(storage, key, expect, { seen });
        const began = Date.now();
        expect(await lease.giveBack({ failures: 3, milliseconds: rest })).toBe(true);
        const isOver = (answer: LeaseAnswer): boolean => {
          if (answer.state !== 'resting') return true;
          expect(answer.failures).toBe(3);
          expectRemaining(answer, rest + leaseResolution, expect);
          return false;
        };
        const next = leaseOf(await eventually(waiter, key, isOver, rest + leaseResolution + grace, { seen }), expect);
        const passed = Date.now() - began;
        expect(passed >= rest - 5).toBe(true);
        // They are remembered for as long again, at least.
        if (passed < 2 * rest) expect(next.failures).toBe(3);
      };
      await Promise.all((await placesIn(storage, expect)).map(rested));
    },
  }),
  storageClause({
    id: 'lease-rest-any',
    title: 'during a rest who wants to load whatever is there is granted the lease, with the failures so far',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const client = await another();
      for (const { key, present: seen } of await placesIn(storage, expect)) {
        const lease = await acquire(storage, key, expect, { seen });
        await lease.giveBack({ failures: 2, milliseconds: long });
        expect(await stateOf(ask(client, key, { seen }))).toBe('resting');
        const forced = await acquire(client, key, expect, { seen: 'any' });
        expect(forced.failures).toBe(2);
        expect(await stateOf(ask(storage, key, { seen: 'any' }))).toBe('held');
        expect(await forced.giveBack({ failures: 255, milliseconds: long })).toBe(true);
        expect((await acquire(storage, key, expect, { seen: 'any' })).failures).toBe(255);
      }
    },
  }),
  storageClause({
    id: 'lease-failures',
    title: 'who takes over from a holder that renewed the lease and died hears of the failures before it, too',
    needs: ['lease'],
    async run({ storage, another, leaseResolution }, expect) {
      const successor = await another();
      const takenOver = async (place: Place): Promise<void> => {
        const { key, present: seen } = place;
        const failed = await acquire(storage, key, expect, { seen });
        await failed.giveBack({ failures: 3, milliseconds: long });
        const died = await acquire(storage, key, expect, { seen: 'any' });
        expect([died.failures, await died.renew(short)]).toStrictEqual([3, true]);
        expect((await takeOver(successor, place, leaseResolution, expect)).failures).toBe(3);
      };
      await Promise.all((await placesIn(storage, expect)).map(takenOver));
    },
  }),
  storageClause({
    id: 'lease-rest-ended',
    title: 'an entry that is offered during a rest ends it, and so does an invalidation',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const client = await another();
      for (const { key, present: seen } of await placesIn(storage, expect)) {
        const first = await acquire(storage, key, expect, { seen });
        await first.giveBack({ failures: 2, milliseconds: long });
        const offered = await keep(client, key, entryOf('offered'), expect);
        const second = await acquire(storage, key, expect, { seen: offered });
        expect(second.failures).toBe(0);
        if (client.invalidate === undefined) continue;
        await second.giveBack({ failures: 2, milliseconds: long });
        await client.invalidate(key);
        expect((await acquire(storage, key, expect)).failures).toBe(0);
      }
    },
  }),
  storageClause({
    id: 'lease-watch',
    title: 'those who wait for a lease are told when it ends, where the storage can tell',
    needs: ['lease'],
    async run({ storage, another }, expect) {
      const waiter = await another();
      const loaded = entryOf('loaded');
      await expectWoken(storage, waiter, 'published', expect, (key, lease) => storage.offer(key, loaded, lease));
      await expectWoken(storage, waiter, 'given back', expect, (_, lease) => lease.giveBack());
      const longRest = { failures: 1, milliseconds: long };
      await expectWoken(storage, waiter, 'resting', expect, (_, lease) => lease.giveBack(longRest));
      await expectWoken(storage, waiter, 'offered', expect, (key) => storage.offer(key, loaded));
      if (storage.invalidate) {
        await expectWoken(storage, waiter, 'invalidated', expect, (key) => storage.invalidate?.(key));
      }
      if (storage.clear) await expectWoken(storage, waiter, 'cleared', expect, (key) => storage.clear?.(key));
    },
  }),
];
