import type { Postprocessing } from './postprocessing.js';

/**
 * A postprocessing that hands every caller a copy of its own, so that changing it leaves the cached value as it was
 * (py-memoize M89). Copied is what `structuredClone` can copy: plain data, Date, Map, Set, typed arrays, errors and
 * cycles; functions are refused, class instances lose their class.
 */
export class DeepcopyPostprocessing implements Postprocessing {
  /** @throws DataCloneError when the value holds what cannot be copied. */
  apply<V>(value: V): V {
    return structuredClone(value);
  }
}
