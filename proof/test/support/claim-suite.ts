import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/claims/claim.js';
import { lacksServers } from '../../src/servers/servers.js';

/** Tries a claim briefly on each storage. */
export function claimSuite(claim: Claim, timeout = 60_000): void {
  describe(claim.statement, () => {
    for (const storage of claim.storages) {
      it.skipIf(lacksServers(storage))(`${claim.short} ${claim.unit} on ${storage}`, { timeout }, async () => {
        const { violations, rows } = await claim.try({ storage, amount: claim.short, seed: 1 });
        expect(violations, JSON.stringify(rows)).toEqual([]);
      });
    }
  });
}
