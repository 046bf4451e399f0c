import { createRequire } from 'node:module';
import { lifetime, type Contender } from './contender.js';

/** What is used of moize, which is a CommonJS module with types of another kind. */
type Moize = <Wrapped extends (...args: never[]) => unknown>(wrapped: Wrapped, options: object) => Wrapped;

const require = createRequire(import.meta.url);
const moize = (require('moize') as { readonly default: Moize }).default;

/** moize, which keeps promises as they are, and compares arguments one by one: the more entries, the longer it takes. */
export const contender: Contender = {
  cached: (load, { capacity }) => moize(load, { isPromise: true, maxAge: lifetime, maxSize: capacity }),
  byPrimitives: (load, { capacity }) => moize(load, { isPromise: true, maxAge: lifetime, maxSize: capacity }),
  byObject: (load, { capacity }) =>
    moize(load, { isPromise: true, isShallowEqual: true, maxAge: lifetime, maxSize: capacity }),
  atOnce: (load, { capacity }) => moize(load, { maxAge: lifetime, maxSize: capacity }),
};
