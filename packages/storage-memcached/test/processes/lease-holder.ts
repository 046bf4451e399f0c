/**
 * A process of a fleet that asks for leases over the Memcached at MEMCACHED_URL and holds those that it is granted. Its
 * clock is off by CLOCK_OFFSET milliseconds, and jumps when it is told so.
 */
import { newHolder, type Lease, type LeaseAnswer } from '@memo/core';
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';
import { MemcachedCacheStorage } from '../../src/index.js';

/** What such a process is told to do. */
export type LeaseOrder =
  /** Asks once. Resolves to the state of the answer. */
  | { readonly action: 'ask'; readonly key: string; readonly time: number }
  /** Asks until it is granted. Resolves to how many milliseconds that took. */
  | { readonly action: 'wait'; readonly key: string; readonly time: number }
  /** Renews the lease of the key every `interval` milliseconds, so many times. Resolves to whether it was held throughout. */
  | {
      readonly action: 'renew';
      readonly key: string;
      readonly time: number;
      readonly interval: number;
      readonly times: number;
    }
  | { readonly action: 'giveBack'; readonly key: string; readonly rest?: number }
  | { readonly action: 'publish'; readonly key: string; readonly value: unknown }
  | { readonly action: 'get'; readonly key: string }
  /** Sets the clock of the process forward, or back. */
  | { readonly action: 'jump'; readonly by: number };

let offset = Number(process.env['CLOCK_OFFSET'] ?? 0);
const trueNow = Date.now;
Date.now = () => trueNow() + offset;

const storage = new MemcachedCacheStorage(String(process.env['MEMCACHED_URL']), { deadline: '5 seconds' });
const leases = new Map<string, Lease>();

process.on('message', ({ number, order }: NumberedOrder<LeaseOrder>) => {
  const report = (outcome: Partial<NumberedReport>) => process.send?.({ ...outcome, number });
  carryOut(order).then(
    (result) => report({ result }),
    (error: unknown) => report({ error: String(error) }),
  );
});
process.send?.({ number: 0 } satisfies NumberedReport);

async function carryOut(order: LeaseOrder): Promise<unknown> {
  switch (order.action) {
    case 'ask':
      return (await ask(order.key, order.time)).state;
    case 'wait':
      return waitFor(order.key, order.time);
    case 'renew':
      return renewOften(order.key, order.time, order.interval, order.times);
    case 'giveBack':
      return leases
        .get(order.key)
        ?.giveBack(order.rest === undefined ? undefined : { failures: 1, milliseconds: order.rest });
    case 'publish':
      return storage.offer(order.key, entryOf(order.value), leases.get(order.key));
    case 'get':
      return (await storage.get(order.key))?.value;
    case 'jump':
      offset += order.by;
      return undefined;
  }
}

async function ask(key: string, time: number): Promise<LeaseAnswer> {
  const answer = await storage.lease(key, { holder: newHolder(), seen: undefined, time });
  if (answer.state === 'granted') leases.set(key, answer.lease);
  return answer;
}

async function waitFor(key: string, time: number): Promise<number> {
  const began = performance.now();
  while ((await ask(key, time)).state !== 'granted') await pause(20);
  return performance.now() - began;
}

async function renewOften(key: string, time: number, interval: number, times: number): Promise<boolean> {
  for (let round = 0; round < times; round++) {
    await pause(interval);
    if (!(await leases.get(key)?.renew(time))) return false;
  }
  return true;
}

function entryOf(value: unknown) {
  const created = storage.now();
  return { value, created, updateAfter: created + 60_000, expiresAfter: created + 600_000 };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
