/** Names a call by its arguments: calls for which it returns the same may share a result. */
export type KeyFunction<A extends readonly unknown[] = never> = (...args: A) => unknown;

/** Ready-made key functions for the option `key`. */
export const Key = {
  /** All calls share one result, whatever their arguments, which need not be such that could be part of a key. */
  // The types of a method's arguments may be inferred from its key function, so this one has to fit all of them.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  single: (..._args: any[]): string => 'single',
} as const;
