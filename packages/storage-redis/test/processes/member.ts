/**
 * One process of a fleet: a service that caches in Redis and does what it is told by messages. Its clock is off by
 * CLOCK_OFFSET milliseconds.
 */
import { memoize } from '@memo/core';
import { EncodingSerDe, JsonSerDe, RedisCacheStorage } from '@memo/storage-redis';
import type { Order, Report } from './fleet.js';

const offset = Number(process.env['CLOCK_OFFSET'] ?? 0);
const trueNow = Date.now;
Date.now = () => trueNow() + offset;

const storage = new RedisCacheStorage(String(process.env['REDIS_URL']), {
  serde: new EncodingSerDe(new JsonSerDe(), 'gzip'),
  namespace: 'fleet',
});
let loads = 0;
const getUser = memoize(
  async (id: string) => {
    loads++;
    return { id, loadedBy: process.pid };
  },
  { name: 'user', storage, expireAfter: '1 minute', onEvent: () => {} },
);

const actions: { readonly [Action in Order['action']]: (order: Order) => Promise<unknown> } = {
  read: async ({ id, callers = 1 }) => {
    const users = await Promise.all(Array.from({ length: callers }, () => getUser(id)));
    return users[0];
  },
  refresh: ({ id }) => getUser.refresh(id),
  delete: ({ id }) => getUser.delete([id]),
  clear: () => getUser.clear(),
  expire: ({ id, after = 0 }) => getUser.expire([id], after),
  ttl: ({ id }) => getUser.ttl([id]),
  count: async () => loads,
};

process.on('message', (order: Order) => {
  void actions[order.action](order).then(
    (result) => process.send?.({ number: order.number, result } satisfies Report),
    (error: unknown) => process.send?.({ number: order.number, error: String(error) } satisfies Report),
  );
});
process.send?.({ number: 0, result: 'ready' } satisfies Report);
