import type { Postprocessing } from './postprocessing.js';

/**
 * A postprocessing that gives each caller a copy, made by `structuredClone`: what one does to it, no other sees (M89).
 *
 * Values that hold functions or symbols cannot be copied; instances of classes become plain objects. `apply` throws
 * what `structuredClone` throws.
 */
export class DeepcopyPostprocessing implements Postprocessing {
  apply<V>(value: V): V {
    return structuredClone(value);
  }
}
