import { StorageFailedError } from '@memo/core';
import { expect } from 'vitest';
import type { MemcachedCacheStorage } from '../../src/index.js';
import { entryOf, failureOf } from '../../../serde/test/support/stored-entry.js';

/** How much later than the deadline an answer may come on a computer that is busy, in milliseconds. */
export const grace = 300;

/** Every operation of a storage that asks a server, each about the key `key`. */
function operationsOn(storage: MemcachedCacheStorage): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    get: () => storage.get('key'),
    offer: () => storage.offer('key', entryOf('value')),
    invalidate: () => storage.invalidate('key'),
    changeMoments: () => storage.changeMoments('key', entryOf(1), { updateAfter: 0, expiresAfter: 1 }, 0),
    clear: () => storage.clear(''),
  };
}

/** Expects every operation, one after the other, to fail within the deadline, and tells what caused the failures. */
export async function failuresOf(storage: MemcachedCacheStorage): Promise<readonly Error[]> {
  const causes: Error[] = [];
  for (const [name, operation] of Object.entries(operationsOn(storage))) {
    const started = performance.now();
    const error = await failureOf(operation());
    expect(performance.now() - started).toBeLessThan(storage.deadline + grace);
    expect(StorageFailedError.isInstance(error)).toBe(true);
    const about = name === 'clear' ? '' : ' of key "key"';
    const cause = error.cause as Error;
    expect(error.message).toBe(`The storage failed at ${name}${about}: ${cause.message}`);
    causes.push(cause);
  }
  return causes;
}

/** Expects a storage to keep entries again within a while. */
export function worksAgain(storage: MemcachedCacheStorage, timeout: number): Promise<void> {
  const works = async (): Promise<unknown> => {
    await storage.offer('key', entryOf('works again'));
    return (await storage.get('key'))?.value;
  };
  return expect.poll(() => works().catch(() => undefined), { timeout, interval: 20 }).toBe('works again');
}
