/**
 * Runtimes for servers have immediates, browsers have not; the core declares nothing of either. It is the one of the platform,
 * whatever stands in its place later: what tests put there may never call.
 */
const { setImmediate: immediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };

/** Calls `callback` in the next turn of the event loop. @returns `false` where nobody can tell when that is: then it does nothing. */
export function inNextTurn(callback: () => void): boolean {
  if (immediate === undefined) return false;
  immediate(callback);
  return true;
}

/** Resolves in the next turn of the event loop; where nobody can tell when that is, at once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (!inNextTurn(resolve)) resolve();
  });
}
