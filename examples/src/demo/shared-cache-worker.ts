/** One of the processes that share a cache. The demo starts it, gives it orders, and ends it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { memoize } from '@memo/core';
import { fetchProduct } from './service.js';
import { sharedStorage } from './shared-storage.js';
import type { News, Order, Outcomes, Served, WorkerSetup } from './worker-orders.js';
import { Zipf } from './zipf.js';

const callers = 10;
const products = new Zipf(500);

const { client, serviceUrl, server, namespace } = JSON.parse(process.argv[2] ?? '') as WorkerSetup;
const getProduct = memoize((id: string) => fetchProduct(serviceUrl, client, id), {
  name: 'product',
  updateAfter: '2 seconds',
  expireAfter: '5 seconds',
  ...(server && { storage: sharedStorage(server, namespace) }),
});

async function carryOut(order: Order): Promise<Outcomes[Order['type']]> {
  if (order.type === 'read') return (await getProduct(order.id)).revision;
  if (order.type === 'delete') return getProduct.delete([order.id]);
  return serve(order.milliseconds, order.cached ? getProduct : getProduct.wrapped);
}

/** Lets several callers ask for products, each again and again with a short rest, until the time is over. */
async function serve(milliseconds: number, ask: (id: string) => Promise<unknown>): Promise<Served> {
  const durations: number[] = [];
  let failures = 0;
  const end = performance.now() + milliseconds;
  const tellProgress = (): void => tell({ type: 'served', count: durations.length });
  const progress = setInterval(tellProgress, 100);
  const askAgainAndAgain = async (): Promise<void> => {
    while (performance.now() < end) {
      const asked = performance.now();
      await ask(String(products.draw())).catch(() => failures++);
      durations.push(performance.now() - asked);
      await sleep(1 + Math.random() * 8);
    }
  };
  await Promise.all(Array.from({ length: callers }, askAgainAndAgain));
  clearInterval(progress);
  tellProgress();
  return { durations: Float64Array.from(durations), failures, info: getProduct.cacheInfo() };
}

function tell(news: News): void {
  process.send?.(news);
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    (outcome) => tell({ type: 'done', outcome }),
    (error: unknown) => tell({ type: 'failed', message: String(error) }),
  );
});
// Ctrl-C reaches every process of the group; the demo is the one to say when this one ends.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
tell({ type: 'ready' });
