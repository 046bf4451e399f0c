import { vi } from 'vitest';
import { MemcachedServer } from '../../src/client/memcached-server.js';

/**
 * Does something just before each command of a kind is sent, by whichever storage, so that it comes between two steps of
 * one operation. The command itself goes to the real server. Returns how to leave it at that.
 */
export function beforeEvery(command: 'set' | 'add' | 'delete', strike: () => unknown): () => void {
  const original = MemcachedServer.prototype[command] as (...given: unknown[]) => Promise<unknown>;
  const spy = vi.spyOn(MemcachedServer.prototype, command);
  (spy as unknown as { mockImplementation(send: typeof original): void }).mockImplementation(async function (
    this: MemcachedServer,
    ...given
  ) {
    await strike();
    return original.apply(this, given);
  });
  return () => spy.mockRestore();
}

/** The same before the next one only. */
export function beforeNext(command: 'set' | 'add' | 'delete', strike: () => unknown): void {
  const stop = beforeEvery(command, () => {
    stop();
    return strike();
  });
}
