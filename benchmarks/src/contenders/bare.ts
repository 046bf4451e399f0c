import type { Contender } from './contender.js';

/** A `Map`, which is what everything is measured against: no bound, no lifetimes, no loads that are shared. */
export const contender: Contender = {
  cached(load) {
    const map = new Map<string, unknown>();
    const loadAndKeep = async (key: string): Promise<unknown> => {
      const value = await load(key);
      map.set(key, value);
      return value;
    };
    return (key) => {
      const found = map.get(key);
      return found === undefined ? loadAndKeep(key) : Promise.resolve(found);
    };
  },

  atOnce(load) {
    const map = new Map<string, unknown>();
    return (key) => {
      const found = map.get(key);
      if (found !== undefined) return found;
      const value = load(key);
      map.set(key, value);
      return value;
    };
  },
};
