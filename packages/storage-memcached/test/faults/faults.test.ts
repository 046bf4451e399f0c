import { lacks } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { clientFaults } from './client-faults.js';
import type { Fault } from './fault.js';
import { bare, client, storage, type Connect } from './key-value-client.js';
import { storageFaults } from './storage-faults.js';

/*
 * Each of them goes wrong with two clients, in the same way. That memjs as it is does not keep the promise proves that it
 * did go wrong.
 */
const cases: readonly (readonly [string, Fault, Connect])[] = [
  ...clientFaults.map((fault) => [fault.name, fault, client] as const),
  ...storageFaults.map((fault) => [fault.name, fault, storage] as const),
];

describe.each(cases)('%s', (_name, { happens, promised, bare: expected, needs = [] }, ours) => {
  const isLacking = ['memcached', ...needs].some(lacks);

  it.skipIf(isLacking)('does no harm here', async () => {
    expect(await happens(ours)).toEqual(promised);
  });

  it.skipIf(isLacking)('does harm with memjs as it is', async () => {
    const observed = await happens(bare);
    expect(observed).not.toEqual(promised);
    expect(observed).toEqual(expected);
  });
});
