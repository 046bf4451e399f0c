/** Any function that can be wrapped: what the caller passes to `memoize`. */
export type CacheableFunction = (...args: never[]) => unknown;

/** The arguments of a function as a list; unlike `Parameters`, also where its rest parameter is read-only. */
export type ArgumentsOf<F> = F extends (...args: infer A extends readonly unknown[]) => unknown ? A : never;

/**
 * Names a call: makes the key of a function and its arguments.
 *
 * Two calls that may share a result get the same key, all others different ones. Called on every call, so it is
 * synchronous and quick. An error it throws reaches the caller as it is: the call itself is at fault (M13).
 */
export interface KeyExtractor {
  formatKey(fn: CacheableFunction, args: readonly unknown[]): string;
  /**
   * The key of a call with this single argument: what `formatKey(fn, [argument])` returns, without a list. Where it is
   * there, such calls are named by it.
   */
  formatKeyOfOne?(fn: CacheableFunction, argument: unknown): string;
  /**
   * The text that all keys of `fn` begin with, and no keys of another function in the same storage.
   * With it `clear()` of one function finds its keys; without it `clear()` needs a storage of its own.
   */
  scope?(fn: CacheableFunction): string;
}
