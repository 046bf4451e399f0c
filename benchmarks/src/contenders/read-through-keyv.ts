import type { Keyv } from 'keyv';
import type { CachedLoad, Load } from './contender.js';

/** What many write around Keyv by hand. Who asks at the same time loads again. */
export function readThroughKeyv(cache: Keyv, load: Load): CachedLoad {
  return async (key) => {
    const found: unknown = await cache.get(key);
    if (found !== undefined) return found;
    const value = await load(key);
    await cache.set(key, value);
    return value;
  };
}
