import { disposeSymbol } from './dispose-methods.js';

/** A value in use: as long as it is held, what it keeps open is not closed. Let go by `await using`, or `using`. */
export interface HeldValue<V> {
  readonly value: V;
  /** Lets go of it. Resolves without waiting for anything to be closed. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Lets go of it. */
  [Symbol.dispose](): void;
}

/** @param letGo - what `EntryResource.hold` has returned; may be called again in vain. */
export function heldValue<V>(value: V, letGo: () => void): HeldValue<V> {
  // By symbols that are looked up, since not every platform has them.
  const held = { value, [disposeSymbol('asyncDispose')]: async () => letGo(), [disposeSymbol('dispose')]: letGo };
  return held as unknown as HeldValue<V>;
}
