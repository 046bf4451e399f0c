import { memoize } from '@memo/core';
import { lifetime, type Contender, type Filter } from './contender.js';

/** memo, given `JSON.stringify` of an object as its one text. */
export const contender: Contender = {
  cached: (load, { capacity }) => memoize(load, { expireAfter: lifetime, capacity }),
  byObject(load, { capacity }) {
    const byText = memoize(async (text: string) => load(JSON.parse(text) as Filter), {
      expireAfter: lifetime,
      capacity,
    });
    return (filter) => byText(JSON.stringify(filter));
  },
};
