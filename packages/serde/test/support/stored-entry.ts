import type { CacheEntry } from '@memo/core';

/** An entry that lives for an hour, unless it is said otherwise. */
export function entryOf(value: unknown, parts: Partial<CacheEntry> = {}): CacheEntry {
  const created = Date.now();
  return { value, created, updateAfter: created + 1_800_000, expiresAfter: created + 3_600_000, ...parts };
}

/** What `attempt` is rejected with. */
export async function failureOf(attempt: Promise<unknown>): Promise<Error & { readonly cause?: unknown }> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It did not fail');
}
