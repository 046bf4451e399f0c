/** Names a call by its arguments: calls for which it returns the same may share a result. */
export type KeyFunction<A extends readonly unknown[] = never> = (...args: A) => unknown;

/** Ready-made key functions for the option `key`. */
export const Key = {
  /** All calls share one result, whatever their arguments. */
  single: (): string => 'single',
} as const;
