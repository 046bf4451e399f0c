import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/claims/claim.js';
import { lacksServers } from '../../src/servers/servers.js';

/** How a claim is tried here. */
export interface SuiteTraits {
  /** Whether all storages are tried at the same time: where most of the time is spent with waiting. */
  readonly concurrent?: boolean;
}

/** Tries a claim briefly on each storage. */
export function claimSuite(claim: Claim, { concurrent = false }: SuiteTraits = {}): void {
  describe(claim.statement, { concurrent, timeout: 90_000 }, () => {
    for (const storage of claim.storages) {
      it.skipIf(lacksServers(storage))(`${claim.short} ${claim.unit} on ${storage}`, async () => {
        const { violations, rows } = await claim.try({ storage, amount: claim.short, seed: 1 });
        expect(violations, JSON.stringify(rows)).toEqual([]);
      });
    }
  });
}
