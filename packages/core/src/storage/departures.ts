import type { CacheEntry } from '../entry/cache-entry.js';
import type { Departure } from '../entry/entry-resource.js';

/** Says that an entry is not kept any more, if there was one. */
export function tellLeft(entry: CacheEntry | undefined, why: Departure): void {
  entry?.resource?.left(why);
}

/** Says that `before` is not kept any more, unless `after`, which stands in its place, keeps the same open. */
export function tellReplaced(before: CacheEntry | undefined, after: CacheEntry): void {
  if (before?.resource !== after.resource) tellLeft(before, 'replaced');
}
