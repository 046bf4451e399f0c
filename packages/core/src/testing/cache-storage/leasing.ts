import type { CacheEntry } from '../../entry/cache-entry.js';
import { newHolder } from '../../loading/holder.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseWatch } from '../../storage/lease.js';
import type { Expect } from '../contract.js';
import { pause, settledWithin } from '../pause.js';
import { entryOf, keep, type StorageWith } from './storage-subject.js';

/** The time of leases that no clause waits for, in milliseconds. */
export const long = 60_000;
/** The time of leases whose end a clause waits for. */
export const short = 400;
/** How much later than promised an answer may come, for computers that are busy. */
export const grace = 1_000;

/** A storage with leases. */
export type LeasingStorage = StorageWith<'lease'>;

/** A key that is to be loaded, and what is there. */
export interface Place {
  readonly key: string;
  readonly present: CacheEntry | undefined;
}

/** A key where nothing is, and one where an entry is that is to be refreshed: what is true of a lease is true at both. */
export async function placesIn(storage: LeasingStorage, expect: Expect, name = 'place'): Promise<readonly Place[]> {
  const present = await keep(storage, `${name}, kept`, earlierEntryOf('before'), expect);
  return [
    { key: `${name}, cold`, present: undefined },
    { key: `${name}, kept`, present },
  ];
}

/** An entry that was created before those of `entryOf`, so that the two are told apart. */
export function earlierEntryOf(value: unknown, parts: Partial<CacheEntry> = {}): CacheEntry {
  return entryOf(value, { created: Date.now() - 60_000, ...parts });
}

/** Asks for a lease once, as a holder of its own that has found nothing, unless it is said otherwise. */
export async function ask(
  storage: LeasingStorage,
  key: string,
  request: Partial<LeaseRequest> = {},
): Promise<LeaseAnswer> {
  return storage.lease(key, { holder: newHolder(), seen: undefined, time: long, ...request });
}

/** What becomes of a request for a lease, in a word. */
export async function stateOf(asked: Promise<LeaseAnswer>): Promise<LeaseAnswer['state']> {
  return unwatched(await asked).state;
}

/** Asks for a lease once and expects that it is granted. */
export async function acquire(
  storage: LeasingStorage,
  key: string,
  expect: Expect,
  request: Partial<LeaseRequest> = {},
): Promise<Lease> {
  return leaseOf(unwatched(await ask(storage, key, request)), expect);
}

/**
 * Asks again and again, as those who wait do, until it is something else than `until`; gives up after `patience`
 * milliseconds. A storage may learn only by being asked that somebody else holds a lease, and for how long he has.
 */
export async function eventually(
  storage: LeasingStorage,
  key: string,
  isIt: (answer: LeaseAnswer) => boolean,
  patience: number,
  request: Partial<LeaseRequest> = {},
): Promise<LeaseAnswer> {
  const holder = newHolder();
  const end = Date.now() + patience;
  for (;;) {
    const answer = unwatched(await ask(storage, key, { holder, ...request }));
    if (isIt(answer) || Date.now() >= end) return answer;
    await pause(20);
  }
}

/** Waits until a lease or a rest that lasts for `short` has ended, and has the lease. */
export async function takeOver(
  storage: LeasingStorage,
  { key, present }: Place,
  leaseResolution: number,
  expect: Expect,
): Promise<Lease> {
  const patience = short + leaseResolution + grace;
  return leaseOf(await eventually(storage, key, isGranted, patience, { seen: present }), expect);
}

export function isGranted({ state }: LeaseAnswer): boolean {
  return state === 'granted';
}

/** The lease that was granted. */
export function leaseOf(answer: LeaseAnswer, expect: Expect): Lease {
  expect(answer.state).toBe('granted');
  return (answer as Extract<LeaseAnswer, { readonly state: 'granted' }>).lease;
}

/** Expects that what remains of a lease or a rest is something, and no more than it was asked for. */
export function expectRemaining(answer: LeaseAnswer, time: number, expect: Expect): void {
  const remaining = 'remaining' in answer ? answer.remaining : undefined;
  // Moments are added up in between: a fraction may be lost.
  expect([remaining, remaining !== undefined && remaining > 0 && remaining < time + 1]).toStrictEqual([
    remaining,
    true,
  ]);
}

/** Lets go of the watch in an answer that is not waited for. */
export function unwatched(answer: LeaseAnswer): LeaseAnswer {
  if (answer.state === 'held') answer.watch?.stop();
  return answer;
}

/**
 * Expects that those who wait for a lease are told when `end` ends it, where the storage tells at all. A watch may miss a
 * change, so that one of three is enough. Nobody minds another who has stopped waiting.
 */
export async function expectWoken(
  storage: LeasingStorage,
  waiter: LeasingStorage,
  name: string,
  expect: Expect,
  end: (key: string, lease: Lease) => unknown,
): Promise<void> {
  let told: unknown;
  for (let round = 0; round < 3 && told !== 'told'; round++) {
    const key = `${name} ${round}`;
    const lease = await acquire(storage, key, expect);
    const left = await watchOf(ask(waiter, key), expect);
    const watch = await watchOf(ask(waiter, key), expect);
    if (watch === undefined) return;
    left?.stop();
    left?.stop();
    await end(key, lease);
    told = await settledWithin(
      grace,
      watch.changed.then(() => 'told'),
    );
    watch.stop();
    watch.stop();
  }
  expect([name, told]).toStrictEqual([name, 'told']);
}

async function watchOf(asked: Promise<LeaseAnswer>, expect: Expect): Promise<LeaseWatch | undefined> {
  const answer = await asked;
  expect(answer.state).toBe('held');
  return answer.state === 'held' ? answer.watch : undefined;
}
