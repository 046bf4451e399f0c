/** Transforms a value just before it is handed to a caller; the result is not stored (py-memoize M22). */
export interface Postprocessing {
  apply<V>(value: V): V;
  /** Whether it hands values over as they are, and notices nothing: then callers may share what they get. @defaultValue `false` */
  readonly changesNothing?: boolean;
}
