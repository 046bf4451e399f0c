import type { CacheStorage } from '@memo/core';

/**
 * The data of `storage` as another process would see it: a storage of its own, with a table of loads of its own, over the
 * same entries and leases.
 */
export function asAnotherProcess(storage: CacheStorage): CacheStorage {
  return withAbilities(storage, {});
}

/** The same data behind a storage of its own with other abilities; `undefined`: without. */
export function withAbilities(
  storage: CacheStorage,
  abilities: { readonly [name in keyof CacheStorage]?: CacheStorage[name] | undefined },
): CacheStorage {
  return new Proxy(storage, {
    get(target, name) {
      if (Object.hasOwn(abilities, name)) return Reflect.get(abilities, name) as unknown;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
