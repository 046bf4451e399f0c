import { memoize, type CacheStorage } from '@memo/core';
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';

/** What a member of a fleet that shares a storage is told to do. */
export interface FleetOrder {
  readonly action: 'read' | 'refresh' | 'delete' | 'clear' | 'expire' | 'ttl' | 'count';
  readonly id?: string;
  /** For `read`: how many ask at once. @defaultValue 1 */
  readonly callers?: number;
  /** For `expire`: milliseconds. */
  readonly after?: number;
}

/**
 * Makes this process a member of a fleet: a service that caches users in the storage and does what it is told by
 * messages. Its clock is off by the CLOCK_OFFSET of the environment, in milliseconds.
 */
export function serveInFleet(open: () => CacheStorage): void {
  const offset = Number(process.env['CLOCK_OFFSET'] ?? 0);
  const trueNow = Date.now;
  Date.now = () => trueNow() + offset;

  const carryOut = memberOver(open());
  process.on('message', ({ number, order }: NumberedOrder<FleetOrder>) => {
    const report = (outcome: Partial<NumberedReport>) => process.send?.({ ...outcome, number });
    carryOut(order).then(
      (result) => report({ result }),
      (error: unknown) => report({ error: String(error) }),
    );
  });
  process.send?.({ number: 0 } satisfies NumberedReport);
}

function memberOver(storage: CacheStorage): (order: FleetOrder) => Promise<unknown> {
  let loads = 0;
  const load = async (id: string) => {
    loads++;
    return { id, loadedBy: process.pid };
  };
  const getUser = memoize(load, { name: 'user', storage, expireAfter: '1 minute', jitter: 0, onEvent: () => {} });
  const actions: { readonly [Action in FleetOrder['action']]: (order: Required<FleetOrder>) => Promise<unknown> } = {
    read: async ({ id, callers }) => {
      const users = await Promise.all(Array.from({ length: callers }, () => getUser(id)));
      return users[0];
    },
    refresh: ({ id }) => getUser.refresh(id),
    delete: ({ id }) => getUser.delete([id]),
    clear: () => getUser.clear(),
    expire: ({ id, after }) => getUser.expire([id], after),
    ttl: ({ id }) => getUser.ttl([id]),
    count: async () => loads,
  };
  return (order) => actions[order.action]({ id: '', callers: 1, after: 0, ...order });
}
