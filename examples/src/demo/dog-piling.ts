import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultInMemoryCacheConfiguration, memoize } from '@memo/core';
import { latenciesOf, latencyCells, latencyHeads } from './latencies.js';
import { Progress } from './progress.js';
import { fetchProduct, type Service, startService } from './service.js';
import { count, table } from './table.js';

/** The experiment of py-memoize's README, with its numbers; times are in milliseconds. */
const concurrentRequests = 5;
const batchDelay = 70;
const lifetime = 200;
const answerAfter = 10;

/** One way to answer the same requests. */
interface Variant {
  readonly title: string;
  readonly client: string;
  readonly ask: () => Promise<unknown>;
  readonly durations: number[];
}

/**
 * Runs the experiment: in each batch five callers ask at once for the same product, through each variant in turn.
 *
 * @returns the promises of memo that did not hold, in words.
 */
export async function dogPiling(batches: number, signal: AbortSignal): Promise<readonly string[]> {
  console.log(
    `\n(a) Dog-piling: ${concurrentRequests} concurrent requests x ${batches} batches, ${batchDelay} ms apart;`,
  );
  console.log(`    an answer takes ${answerAfter} ms and is good for ${lifetime} ms. One process, memory.\n`);
  await using service = await startService(answerAfter);
  const variants = variantsOver(service);
  // The first requests of a process load code and connect; no variant shall pay for that.
  const warmUp = { title: '', client: 'nobody', ask: () => fetchProduct(service.url, 'nobody', '42'), durations: [] };
  await askAtOnce(warmUp);
  const loads = (client: string): string => count(service.requestsFrom(client));
  const progress = new Progress('loads');
  const started = performance.now();
  for (let batch = 1; batch <= batches; batch++) {
    for (const variant of variants) await askAtOnce(variant);
    progress.show(batch / batches, variants.map(({ title, client }) => `${loads(client)} ${title}`).join(', '));
    await sleep(batchDelay, undefined, { signal });
  }
  const elapsed = performance.now() - started;
  report(variants, service, batches);
  return brokenPromises(service.requestsFrom('memo'), elapsed);
}

function variantsOver(service: Service): readonly Variant[] {
  const askAs = (client: string) => (): Promise<unknown> => fetchProduct(service.url, client, '42');
  const configuration = new DefaultInMemoryCacheConfiguration({ updateAfter: lifetime });
  return [
    { title: 'with memo', client: 'memo', ask: memoize(askAs('memo'), { configuration }), durations: [] },
    { title: 'with a Map and a lifetime', client: 'map', ask: rememberedByMap(askAs('map')), durations: [] },
    { title: 'without a cache', client: 'none', ask: askAs('none'), durations: [] },
  ];
}

/** What is often written instead of a cache: nobody waits for the request of another, nothing is refreshed ahead. */
function rememberedByMap(load: () => Promise<unknown>): () => Promise<unknown> {
  const remembered = new Map<string, { readonly value: unknown; readonly until: number }>();
  return async () => {
    const found = remembered.get('42');
    if (found !== undefined && Date.now() < found.until) return found.value;
    const value = await load();
    remembered.set('42', { value, until: Date.now() + lifetime });
    return value;
  };
}

async function askAtOnce({ ask, durations }: Variant): Promise<void> {
  await Promise.all(
    Array.from({ length: concurrentRequests }, async () => {
      const asked = performance.now();
      await ask();
      durations.push(performance.now() - asked);
    }),
  );
}

function report(variants: readonly Variant[], service: Service, batches: number): void {
  const rows = variants.map(({ title, client, durations }) => [
    title,
    count(durations.length),
    count(service.requestsFrom(client)),
    ...latencyCells(latenciesOf(Float64Array.from(durations))),
  ]);
  const predicted = Math.floor((batchDelay * batches) / lifetime);
  rows.splice(1, 0, ['  predicted', count(concurrentRequests * batches), count(predicted), '', '', '', '']);
  console.log(`\n${table(['', 'requests', 'loads', ...latencyHeads], rows)}\n`);
  console.log(`  loads: requests counted by the service.`);
  console.log(
    `  predicted, as py-memoize does it: ${batchDelay} ms x ${batches} batches div ${lifetime} ms = ${predicted},`,
  );
  console.log(`  one load for each lifetime that passes, however many ask.`);
}

function brokenPromises(loads: number, elapsed: number): readonly string[] {
  // Whatever the machine's speed: the first load, then never a second one within the lifetime of what was loaded.
  const most = 1 + Math.floor(elapsed / lifetime);
  if (loads >= 1 && loads <= most) return [];
  return [`(a) memo loaded ${loads} times in ${Math.round(elapsed)} ms; expected 1 to ${most}`];
}
