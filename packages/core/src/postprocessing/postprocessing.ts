/** Transforms a value just before it is handed to a caller; the result is not stored (py-memoize M22). */
export interface Postprocessing {
  apply<V>(value: V): V;
}
