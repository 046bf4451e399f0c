/**
 * A program that leaves everything behind that a cache may have under way. It says `done` and must then end by itself,
 * without an unhandled rejection.
 */
import { InMemoryUpdateStatuses, memoize } from '@memo/core';

let calls = 0;
const failsInTheBackground = memoize(
  () => {
    calls++;
    if (calls > 1) throw new Error('down in the background');
    return 'value';
  },
  { updateAfter: 0, expireAfter: '1 hour' },
);
await failsInTheBackground();
await failsInTheBackground();

const neverEndsInTheBackground = memoize(() => (++calls > 3 ? new Promise<string>(() => {}) : 'value'), {
  updateAfter: 0,
  expireAfter: '1 hour',
  timeout: '2 minutes',
  updateStatuses: new InMemoryUpdateStatuses(),
});
await neverEndsInTheBackground();
await neverEndsInTheBackground();

const fails = memoize(() => Promise.reject(new Error('down')));
await Promise.allSettled([fails(), fails(), fails.refresh()]);

process.stdout.write('done');
