import { parseArgs } from 'node:util';
import { type StorageName, storageNames } from './chosen-storage.js';

/** What the demo was asked for. */
export interface DemoOptions {
  /** Decided by what is there if left out. */
  readonly storage: StorageName | undefined;
  readonly batches: number;
  readonly seconds: number;
}

export const help = `npm run demo -- [options]

Shows memo at work: (a) many callers of one process who ask at once, (b) four processes that share one cache.
Takes about 15 seconds.

  --storage <name>    Where (b) keeps its entries:
                        redis      the one at REDIS_URL, else the one at 127.0.0.1:6379, else one of its own
                                   if the program redis-server is installed
                        memcached  the one at MEMCACHED_URL, else the one at 127.0.0.1:11211, else one of its own
                                   if the program memcached is installed
                        memory     each process keeps its own
                      Left out: redis, or memory if there is none.
  --batches <number>  Batches of requests in (a); 50 if left out.
  --seconds <number>  How long (b) serves requests from the cache; 6 if left out.
  --help              Prints this.
`;

/**
 * Reads the command line.
 *
 * @returns `help` where it is asked for.
 * @throws Error whose message says what is wrong and what to write.
 */
export function readOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      storage: { type: 'string' },
      batches: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '6' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  return {
    storage: storageFrom(values.storage),
    batches: wholeNumberFrom('batches', values.batches),
    seconds: wholeNumberFrom('seconds', values.seconds),
  };
}

function storageFrom(text: string | undefined): StorageName | undefined {
  if (text === undefined) return undefined;
  const storage = storageNames.find((name) => name === text);
  if (storage !== undefined) return storage;
  throw new Error(`--storage ${text}: expected redis, memcached or memory`);
}

function wholeNumberFrom(option: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text}: expected a whole number from 1 to 9999`);
}
