import { Socket } from 'node:net';
import { vi } from 'vitest';

/** Counts the writes of sockets to the operating system that are asked for from here on by those who ask servers. */
export function watchWrites(): { count: () => number; stop: () => void } {
  const prototype = Socket.prototype as unknown as Record<'_write' | '_writev', (...given: unknown[]) => void>;
  // Several buffers that are written at once come as an array.
  const isRequest = (data: unknown): boolean =>
    Buffer.isBuffer(data) ? data[0] === 0x80 : Array.isArray(data) && isRequest(data[0]);
  const spies = [vi.spyOn(prototype, '_write'), vi.spyOn(prototype, '_writev')];
  return {
    count: () => spies.flatMap((spy) => spy.mock.calls).filter(([data]) => isRequest(data)).length,
    stop: () => spies.forEach((spy) => spy.mockRestore()),
  };
}
