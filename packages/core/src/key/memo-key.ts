/**
 * The name of the method by which an object says what it is called in a key, so that instances of a class may be
 * arguments. Made by `Symbol.for('@memo/key')`: a class needs not import anything to have it.
 */
export const memoKey: unique symbol = Symbol.for('@memo/key') as typeof memoKey;

/** An object that names itself in keys. Two objects that may share a result return the same, all others do not. */
export interface NamedInKeys {
  /**
   * Anything that can be part of a key but `undefined`, which names nothing; of a class with subclasses or siblings, the
   * class's name belongs to it.
   */
  [memoKey](): unknown;
}

/** Whether `value` names itself in keys. */
export function isNamedInKeys(value: object): value is NamedInKeys {
  return typeof (value as { readonly [memoKey]?: unknown })[memoKey] === 'function';
}
