import type { Claim } from './claim.js';
import { commandBudget } from './command-budget.js';
import { failingSource } from './failing-source.js';
import { holderKilled } from './holder-killed.js';
import { holderPaused } from './holder-paused.js';
import { hotKey } from './hot-key.js';
import { manyOnce } from './many-once.js';
import { noStaleRead } from './no-stale-read.js';
import { oneLoad } from './one-load.js';
import { rightRevision } from './right-revision.js';
import { serverFaults } from './server-faults.js';
import { wakeUp } from './wake-up.js';

/** Everything that is claimed, in the order in which it is proved. */
export const allClaims: readonly Claim[] = [
  oneLoad,
  noStaleRead,
  holderKilled,
  holderPaused,
  wakeUp,
  commandBudget,
  hotKey,
  failingSource,
  serverFaults,
  rightRevision,
  manyOnce,
];
