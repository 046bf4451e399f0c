import type { Postprocessing } from './postprocessing.js';

/** A postprocessing that hands every value over as it is. */
export class NoPostprocessing implements Postprocessing {
  apply<V>(value: V): V {
    return value;
  }
}
