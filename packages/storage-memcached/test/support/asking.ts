import { newHolder, type CacheStorage, type Lease, type LeaseAnswer, type LeaseRequest } from '@memo/core';
import { expect } from 'vitest';

/** The time of leases that nobody waits for, in milliseconds. */
export const long = 60_000;

/** A storage with leases. */
export type LeasingStorage = CacheStorage & Required<Pick<CacheStorage, 'lease'>>;

/** Asks for a lease as a holder of its own that has found nothing, unless it is said otherwise. */
export async function ask(
  storage: LeasingStorage,
  key: string,
  request: Partial<LeaseRequest> = {},
): Promise<LeaseAnswer> {
  return storage.lease(key, { holder: newHolder(), seen: undefined, time: long, ...request });
}

/** What becomes of a request, in a word. */
export async function stateOf(asked: Promise<LeaseAnswer>): Promise<LeaseAnswer['state']> {
  return (await asked).state;
}

/** Asks and expects to be granted the lease. */
export async function acquire(
  storage: LeasingStorage,
  key: string,
  request: Partial<LeaseRequest> = {},
): Promise<Lease> {
  const answer = await ask(storage, key, request);
  expect(answer.state).toBe('granted');
  return (answer as Extract<LeaseAnswer, { readonly state: 'granted' }>).lease;
}
