/** Runtimes for servers have immediates, browsers have not; the core declares nothing of either. */
const platform = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };

/** Calls `callback` in the next turn of the event loop. @returns `false` where nobody can tell when that is: then it does nothing. */
export function inNextTurn(callback: () => void): boolean {
  if (platform.setImmediate === undefined) return false;
  platform.setImmediate(callback);
  return true;
}
