import { StorageFailedError } from '../../errors.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import { failureOf, type Expect } from '../contract.js';
import { pause, settledWithin } from '../pause.js';

/** How long a storage may take to work again after its backend came back. */
const recovery = 3_000;
/** How much later than its deadline an answer may come, for computers that are busy. */
const grace = 1_000;
const defaultDeadline = 500;

/** For how many milliseconds an operation of `storage` is waited for while its backend is away. */
export function limitOf({ deadline = defaultDeadline }: CacheStorage): number {
  return deadline + grace;
}

/** Expects of each operation that it rejects in time with an error of memo that names it a fault of the storage. */
export async function expectFailures(
  storage: CacheStorage,
  expect: Expect,
  operations: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  const outcomes = Object.entries(operations).map(async ([name, operation]) => {
    const failure = await settledWithin(limitOf(storage), failureOf(operation));
    expect([name, StorageFailedError.isInstance(failure) || failure]).toStrictEqual([name, true]);
  });
  await Promise.all(outcomes);
}

/** Tries again and again, while the storage recovers. */
export async function untilItWorks(operation: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + recovery;
  while ((await failureOf(operation)) !== undefined && Date.now() < end) await pause(50);
}
