import type { Contender } from './contender.js';

/** One promise for all who ask, and nothing else: what any cache has to do at least. Keeps the last key only. */
export const contender: Contender = {
  cached(load) {
    let last: { readonly key: string; readonly promise: Promise<unknown> } | undefined;
    return (key) => {
      if (last?.key !== key) last = { key, promise: load(key) };
      return last.promise;
    };
  },
};
