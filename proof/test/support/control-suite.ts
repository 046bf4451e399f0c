import { describe, expect, it } from 'vitest';
import type { Claim, Finding, Trial } from '../../src/claims/claim.js';
import { lacksServers } from '../../src/servers/servers.js';

/** A trial of something that is wrong on purpose. */
export interface Control {
  readonly name: string;
  readonly try: (trial: Trial) => Promise<Finding>;
  /** What violations have to be found, by their first word. */
  readonly finds: string;
}

/** Tries what is wrong on purpose as the claim is tried, but on one storage and for one unit: it has to be found. */
export function controlSuite(claim: Claim, controls: readonly Control[]): void {
  const storage = 'redis';
  describe.skipIf(lacksServers(storage))(
    `${claim.name}, wrong on purpose`,
    { concurrent: true, timeout: 90_000 },
    () => {
      for (const control of controls) {
        it(`${control.name}: ${control.finds} is found`, async () => {
          const { violations } = await control.try({ storage, amount: 1, seed: 1 });
          expect(violations.filter((violation) => violation.startsWith(`${control.finds} `))).not.toEqual([]);
        });
      }
    },
  );
}
