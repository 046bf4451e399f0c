import { describe, expect, it } from 'vitest';
import { noStaleRead, tryWithoutFence } from '../../src/claims/no-stale-read.js';
import { lacksServers } from '../../src/servers/servers.js';
import { claimSuite } from '../support/claim-suite.js';

claimSuite(noStaleRead, { concurrent: true });

describe('with the fence switched off', () => {
  it.concurrent.each(noStaleRead.storages)('the same trial finds stale reads on %s', async (storage) => {
    if (lacksServers(storage)) return;
    const { violations } = await tryWithoutFence({ storage, amount: 2_000, seed: 1 });
    expect(violations.filter((violation) => violation.startsWith('STALE ')).length).toBeGreaterThan(0);
  });
});
