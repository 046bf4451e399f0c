import { newHolder, type CacheStorage, type Lease, type LeaseAnswer, type LeaseRequest } from '@memo/core';
import { expect } from 'vitest';

type Leasing = Required<Pick<CacheStorage, 'lease'>>;

/** Asks for the lease of `key`, by a new holder for a minute, unless it is said otherwise. */
export async function ask(storage: Leasing, key: string, request: Partial<LeaseRequest> = {}): Promise<LeaseAnswer> {
  return storage.lease(key, { holder: newHolder(), seen: undefined, time: 60_000, ...request });
}

/** The lease of `key`, which must be granted. */
export async function acquire(storage: Leasing, key: string, request: Partial<LeaseRequest> = {}): Promise<Lease> {
  const answer = await ask(storage, key, request);
  expect(answer.state).toBe('granted');
  return (answer as Extract<LeaseAnswer, { state: 'granted' }>).lease;
}

/** The answer to one who has to wait. */
export async function held(
  storage: Leasing,
  key: string,
  request: Partial<LeaseRequest> = {},
): Promise<Extract<LeaseAnswer, { state: 'held' }>> {
  const answer = await ask(storage, key, request);
  expect(answer.state).toBe('held');
  return answer as Extract<LeaseAnswer, { state: 'held' }>;
}
