import type { EvictionStrategy } from '../eviction/eviction-strategy.js';

/** The most keys that one write lets go, so that a strategy which never has enough cannot hold a cache up. */
const mostReleasesInARound = 64;

/** Keys a strategy gave up whose release failed; they are tried again first (mends M37). */
const unreleased = new WeakMap<EvictionStrategy, Set<string>>();

/** How a key is let go: `release` resolves to whether the storage let it go. */
export interface EvictionRound {
  readonly strategy: EvictionStrategy;
  release(key: string): Promise<boolean>;
  evicted(key: string): void;
}

/** Tells the strategy of a written entry. */
export function markWritten(strategy: EvictionStrategy, ...written: Parameters<EvictionStrategy['markWritten']>): void {
  unreleased.get(strategy)?.delete(written[0]);
  strategy.markWritten(...written);
}

/**
 * Lets go what the strategy has no room for, after a write.
 *
 * The books are changed before the storage answers: a key that is written again meanwhile must stay on them.
 */
export async function letVictimsGo(round: EvictionRound): Promise<void> {
  const failed = takeUnreleased(round.strategy);
  for (const key of failed) await letGo(round, key);
  for (let count = 0; count < mostReleasesInARound; count++) {
    const victim = round.strategy.nextToRelease();
    if (victim === undefined) return;
    round.strategy.markReleased(victim);
    await letGo(round, victim);
  }
}

async function letGo(round: EvictionRound, key: string): Promise<void> {
  if (await round.release(key)) return round.evicted(key);
  const failed = unreleased.get(round.strategy) ?? new Set();
  unreleased.set(round.strategy, failed.add(key));
}

function takeUnreleased(strategy: EvictionStrategy): readonly string[] {
  const failed = unreleased.get(strategy);
  if (failed === undefined) return [];
  unreleased.delete(strategy);
  return [...failed];
}
