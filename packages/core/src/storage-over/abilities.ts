import type { Awaitable } from '../serde.js';
import type { Lock } from '../storage/lock.js';

/** The locks of a store, if it has any. */
export function pickedUpLock(store: object): ((key: string) => Lock) | undefined {
  const { lock } = store as { readonly lock?: unknown };
  return typeof lock === 'function' ? (key) => Reflect.apply(lock, store, [key]) as Lock : undefined;
}

/** How long a store will keep a key, if it says so: what is no number of milliseconds counts as nothing said. */
export function pickedUpTtl(
  store: object,
  ask: (key: string, send: () => unknown) => Awaitable<unknown> = (_, send) => send(),
): ((key: string) => Promise<number | undefined>) | undefined {
  const { ttl } = store as { readonly ttl?: unknown };
  if (typeof ttl !== 'function') return undefined;
  return async (key) => {
    const milliseconds = await ask(key, () => Reflect.apply(ttl, store, [key]) as unknown);
    return typeof milliseconds === 'number' && milliseconds >= 0 ? milliseconds : undefined;
  };
}
