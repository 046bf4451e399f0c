import type { ChosenStorage } from './chosen-storage.js';
import { Fleet } from './fleet.js';
import { brokenPromises, requestsForEachReached, servedTable } from './served-table.js';
import { type Service, startService } from './service.js';

const processes = 4;
/** Milliseconds that the service takes for an answer. */
const answerAfter = 60;

/**
 * Lets four processes serve requests, without a cache and from one that they share, and shows what reached the service.
 * At the end one of them deletes an entry.
 *
 * @returns the promises of memo that did not hold, in words.
 */
export async function sharedCache(
  storage: ChosenStorage,
  seconds: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  console.log(`
(b) One cache for ${processes} processes: 500 products, few of them popular; an answer takes ${answerAfter} ms, is refreshed
    after 2 s and expires after 5 s. In each process 10 callers ask, again and again, for ${seconds} s.
    Storage: ${storage.description}.
`);
  await using service = await startService(answerAfter);
  await using fleet = new Fleet(processes, service, storage, signal);
  await fleet.ready();
  const uncached = await fleet.serve('without a cache', false, 250 * seconds);
  const cached = await fleet.serve('with memo      ', true, 1000 * seconds);
  console.log(`\n${servedTable(uncached, cached)}\n`);
  console.log(`  at the service: requests that reached it, counted by itself; without a cache every one does.`);
  console.log(`  With memo it was 1 of ${requestsForEachReached(cached).toFixed(1)}, background refreshes included.`);
  console.log(`  hits: answered from the cache; all others waited for the service.`);
  const stillOld = await deletedInOne(fleet, service, storage);
  return [...brokenPromises(cached), ...stillOld];
}

/** Changes a product that every process has just read, has one process delete it, and shows what all read then. */
async function deletedInOne(fleet: Fleet, service: Service, { server }: ChosenStorage): Promise<readonly string[]> {
  const id = 'deleted-in-one';
  const read = { type: 'read', id } as const;
  await fleet.orderAll(read);
  service.change(id);
  const before = await fleet.orderAll(read);
  await fleet.workers[0]?.order({ type: 'delete', id });
  const after = await fleet.orderAll(read);
  console.log(`
  A product changed at the service. The revisions that the processes read: ${before.join(' ')};
  after process 1 alone had deleted it from its cache: ${after.join(' ')}.`);
  if (server === undefined) {
    console.log(`  In memory a delete is seen by its own process; with Redis or Memcached all would read 2.`);
    return after[0] === 2 ? [] : [`(b) process 1 read revision ${after[0]} after it had deleted the entry`];
  }
  return after.every((revision) => revision === 2)
    ? []
    : [`(b) after the delete the processes read ${after.join(' ')}`];
}
