/**
 * The main job of memo on real input, with progress while it runs and tables at the end: `npm run demo`.
 * Ends with 1 if a promise of memo did not hold, with 2 if it was called the wrong way.
 */
import { chooseStorage } from './chosen-storage.js';
import { type DemoOptions, help, readOptions } from './demo-options.js';
import { dogPiling } from './dog-piling.js';
import { sharedCache } from './shared-cache.js';

process.exitCode = await main();

async function main(): Promise<number> {
  let options: DemoOptions | 'help';
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${help}`);
    return 2;
  }
  if (options === 'help') {
    console.log(help);
    return 0;
  }
  return demonstrate(options, interruption());
}

async function demonstrate({ storage: wanted, batches, seconds }: DemoOptions, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  try {
    // Chosen first: what cannot be had should be said at once.
    await using storage = await chooseStorage(wanted);
    const broken = [...(await dogPiling(batches, signal)), ...(await sharedCache(storage, seconds, signal))];
    for (const promise of broken) console.error(`A promise was broken: ${promise}`);
    console.log(`\nDone in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
    return broken.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(signal.aborted ? '\nInterrupted.' : messageOf(error));
    return signal.aborted ? 130 : 1;
  }
}

/** Fires when the demo is told to end: what runs then unwinds, stops its processes and takes its keys away. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
