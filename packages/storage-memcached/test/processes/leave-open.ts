/**
 * A process that caches over the Memcached at MEMCACHED_URL, then sends the server (SERVER_PID) the SIGNAL, leaves behind
 * all that a storage may have under way, and closes nothing. It tells what it got and when it was done; from then on it
 * must end by itself, without an unhandled rejection.
 */
import { memoize } from '@memo/core';
import { MemcachedCacheStorage } from '../../src/index.js';

/** What the process tells. */
export interface Leaving {
  readonly values: readonly unknown[];
  /** Epoch milliseconds. */
  readonly done: number;
}

const { MEMCACHED_URL: url = '', SERVER_PID: pid, SIGNAL: signal = '' } = process.env;
const storage = new MemcachedCacheStorage(url, { deadline: 300 });
const options = { storage, expireAfter: '1 hour', onEvent: () => {} } as const;
const fresh = memoize(async (id: string) => `fresh ${id}`, { ...options, name: 'fresh' });
const stale = memoize(async (id: string) => `stale ${id}`, { ...options, name: 'stale', updateAfter: 0 });

const values = [await fresh('a'), await stale('a')];
if (signal !== '') process.kill(Number(pid), signal);
values.push(await fresh('a'), await stale('a'));
void fresh('b');
void stale('a');
const operations = [storage.get('c'), storage.offer('c', entryOf('x'.repeat(900_000))), storage.clear('')];
for (const operation of [...operations, fresh.delete(['a'])]) operation.catch(() => {});
process.send?.({ values, done: Date.now() } satisfies Leaving);

function entryOf(value: unknown) {
  return { value, created: Date.now(), updateAfter: Infinity, expiresAfter: Date.now() + 60_000 };
}
