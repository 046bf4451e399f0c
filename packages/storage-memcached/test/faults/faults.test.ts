import { lacks } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { faults } from './faults.js';
import { bare, ours } from './key-value-client.js';

/*
 * Every fault happens to both clients, in the same way. That memjs as it is does not keep the promise proves that the
 * fault did happen.
 */
describe.each(faults)('$name', ({ happens, promised, bare: bareOutcome, needs = [] }) => {
  const isLacking = ['memcached', ...needs].some(lacks);

  it.skipIf(isLacking)('does no harm with the client of this package', async () => {
    expect(await happens(ours)).toEqual(promised);
  });

  it.skipIf(isLacking)('does harm with memjs as it is', async () => {
    const outcome = await happens(bare);
    expect(outcome).not.toEqual(promised);
    expect(outcome).toEqual(bareOutcome);
  });
});
