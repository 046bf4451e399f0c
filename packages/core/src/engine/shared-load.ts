import type { CacheEntry } from '../entry/cache-entry.js';
import { hasEtag } from '../entry/demand.js';
import { CachedMethodFailedError, StorageFailedError } from '../errors.js';
import type { EndedLoad } from '../loading/load-in-flight.js';
import type { UpdateOutcome } from '../loading/update-statuses.js';
import type { CacheSettings, Call } from './call.js';

/**
 * What a load that several calls share answers one of them; `undefined` if nothing: that call has to look again.
 *
 * @param settings - those of the cache of this call.
 * @throws CachedMethodFailedError, or StorageFailedError for those who asked for that: what made the load fail.
 */
export function answerOf(ended: EndedLoad, call: Call, settings: CacheSettings): CacheEntry | undefined {
  if (isAnothersMatter(ended, call, settings)) return undefined;
  const entry = entryOrThrow(call.key, ended.outcome);
  return hasEtag(entry, call.demand) ? entry : undefined;
}

/** Whether a load ended so because of what its own call had been told, and the call that shares it was told otherwise. */
function isAnothersMatter(
  { load, outcome }: EndedLoad,
  { demand, configuration }: Call,
  settings: CacheSettings,
): boolean {
  const hasFailed = outcome instanceof Error;
  if (hasFailed && StorageFailedError.isInstance(outcome)) return settings.onStorageError !== 'throw';
  if (load === undefined) return false;
  const { onWaitLimit, waitLimit = configuration.methodTimeout } = settings.coordination;
  if (load.waitedInVainFor !== undefined) {
    return load.waitedInVainFor < waitLimit || onWaitLimit !== (hasFailed ? 'throw' : 'stale');
  }
  if (!hasFailed) return false;
  if (load.timedOutAfter !== undefined && load.timedOutAfter < configuration.methodTimeout) return true;
  return demand?.etag !== undefined && load.etag !== demand.etag;
}

function entryOrThrow(key: string, outcome: UpdateOutcome): CacheEntry {
  if (!(outcome instanceof Error)) return outcome;
  // The table has failures of its own, such as its lock timeout; they reach those who waited like any failed load (M63).
  throw CachedMethodFailedError.isInstance(outcome) || StorageFailedError.isInstance(outcome)
    ? outcome
    : new CachedMethodFailedError(key, outcome);
}
