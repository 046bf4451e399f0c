import { getEventListeners, setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { clearAll, type Clock, disposals, memoize, Memoizer, LocalInMemoryCacheStorage, systemClock } from '@memo/core';

/** A clock that knows how many of its timers are still to fire. */
class CountingClock implements Clock {
  pending = 0;

  now(): number {
    return systemClock.now();
  }

  setTimer(callback: () => void, delay: number, options?: { readonly background?: boolean }): () => void {
    this.pending++;
    let isPending = true;
    const end = (): void => {
      if (isPending) this.pending--;
      isPending = false;
    };
    const stop = systemClock.setTimer(
      () => {
        end();
        callback();
      },
      delay,
      options,
    );
    return () => {
      end();
      stop();
    };
  }
}

const clock = new CountingClock();
const rounds = 10;
const callsInRound = 100_000;
const callsAtOnce = 500;
const keys = 1_201;

let [opened, closed, open, calls] = [0, 0, 0, 0];
const { signal } = new AbortController();
setMaxListeners(0, signal);

const connect = memoize(
  async (key: number) => {
    opened++;
    open++;
    return { key, text: `value ${key}`.repeat(10) };
  },
  {
    clock,
    capacity: 300,
    expireAfter: '100 milliseconds',
    updateAfter: '50 milliseconds',
    removeExpiredEvery: '150 milliseconds',
    closeDelay: '5 milliseconds',
    dispose: async () => {
      closed++;
      open--;
    },
  },
);
const failing = memoize(
  async (key: number) => {
    if (key % 3 > 0) throw new Error(`no ${key}`);
    return key;
  },
  { clock, capacity: 500, retry: 1, negative: { expireAfter: '20 milliseconds' }, expireAfter: '10 milliseconds' },
);
const bridged = memoize(
  async (key: number) => {
    if (Math.random() < 0.5) throw new Error(`not now: ${key}`);
    return key;
  },
  {
    clock,
    capacity: 500,
    expireAfter: ({ lastFetched }) => new Date(lastFetched + 15),
    staleIfError: '30 milliseconds',
  },
);
const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), {
  clock,
  capacity: 500,
  expireAfter: '5 milliseconds',
});

/** One call of some kind, which may fail. */
async function call(index: number): Promise<unknown> {
  calls++;
  // Most calls are for few keys; the others let entries go.
  const key = index % 8 === 0 ? (index * 7_919) % keys : (index * 31) % 200;
  switch (index % 40) {
    case 0:
      return failing(key);
    case 1:
      return bridged(key);
    case 2:
      return memo.getMany([`${key}`, `${key + 1}`], (missing) => missing.map((name) => name.length));
    case 3: {
      const held = await connect.lease(key);
      return held[Symbol.asyncDispose]();
    }
    case 4:
      return index % 200 === 4 ? connect.delete([key]) : connect(key);
    case 5:
      return connect.with({ signal })(key);
    default:
      return connect(key);
  }
}

async function round(begin: number): Promise<number> {
  for (let index = begin; index < begin + callsInRound; index += callsAtOnce) {
    await Promise.allSettled(Array.from({ length: callsAtOnce }, (_, offset) => call(index + offset)));
    if (index % 20_000 === 0) await connect.clear();
    // The time that entries need to expire passes.
    if (index % 5_000 === 0) await pause(2);
  }
  await clearAll();
  await disposals('10 seconds');
  globalThis.gc?.();
  await pause(1);
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const heaps: number[] = [];
for (let index = 0; index < rounds; index++) heaps.push(await round(index * callsInRound));
const { hits, evictions, refreshes } = connect.cacheInfo();
// Rests of failed keys end by themselves, after three seconds at most.
for (let waited = 0; clock.pending > 0 && waited < 8_000; waited += 50) await pause(50);
const outcome = {
  calls,
  heaps,
  opened,
  closed,
  open,
  pendingTimers: clock.pending,
  listeners: getEventListeners(signal, 'abort').length,
  happened: {
    hits,
    evictions,
    refreshes,
    retries: failing.cacheInfo().retries,
    bridged: bridged.cacheInfo().staleIfErrors,
  },
};
process.stdout.write(JSON.stringify(outcome));
