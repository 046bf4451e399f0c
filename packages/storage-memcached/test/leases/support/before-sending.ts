import { vi } from 'vitest';
import { MemcachedServer } from '../../../src/client/memcached-server.js';

/**
 * Does something just before the next command of a kind is sent, by whichever storage, so that a fault can strike between
 * two steps of one operation. The command itself goes to the real server.
 */
export function beforeNext(command: 'set' | 'add' | 'delete', strike: () => unknown): void {
  const original = MemcachedServer.prototype[command] as (...given: unknown[]) => Promise<unknown>;
  const spy = vi.spyOn(MemcachedServer.prototype, command);
  (spy as unknown as { mockImplementation(send: typeof original): void }).mockImplementation(async function (
    this: MemcachedServer,
    ...given
  ) {
    spy.mockRestore();
    await strike();
    return original.apply(this, given);
  });
}
