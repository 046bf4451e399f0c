import { errorText } from './cache-under-test.js';
import type { CallOptions, KeyedCache } from './pymemoize-library.js';
import type { World } from './pymemoize-world.js';
import type { Defect } from './scenario.js';

/** What PyMemoize does well: memo does the same. */
export interface KeyedScenario {
  /** The rows and tests of the original that it is about, such as `P21, test_static_etag`. */
  readonly row: string;
  readonly title: string;
  readonly expected: unknown;
  observe(world: World): Promise<unknown>;
}

/** Where PyMemoize is wrong, or where memo has settled a thing otherwise. */
export type KeyedDefect = Defect<World>;

/** What an attempt came to: its value, or its error as text. */
export async function outcome(attempt: () => unknown): Promise<unknown> {
  try {
    return await attempt();
  } catch (error) {
    return errorText(error);
  }
}

/** The same; of an error only what it came from in the end. */
export async function origin(attempt: () => unknown): Promise<unknown> {
  const came = await outcome(attempt);
  return typeof came === 'string' ? came.split(' from ').at(-1) : came;
}

/** How many milliseconds an entry has left: PyMemoize has no word for "for ever". */
export async function left(cache: KeyedCache, key: string, options?: CallOptions): Promise<number | string> {
  const ttl = await cache.ttl(key, options);
  if (ttl !== undefined && ttl !== Infinity) return ttl;
  return (await cache.exists(key, options)) ? 'for ever' : 'gone';
}
