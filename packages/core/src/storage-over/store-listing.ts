import { InvalidCallError } from '../errors.js';
import type { MapLike } from './map-like.js';
import type { Ask } from './store-access.js';

/** What a store lists of one record: its key, and the record where that is listed as well. */
export type Listed = readonly [key: unknown, stored: unknown];

/** How the content of a store is listed. */
export interface StoreListing {
  /** `pairs`: keys with their records. */
  readonly gives: 'pairs' | 'keys';
  /** What it lists; it may be a promise, and anything else. */
  readonly open: () => unknown;
}

const pairs = ['entries', 'iterator', Symbol.asyncIterator, Symbol.iterator] as const;
const keys = ['keys'] as const;

/** How `store` lists what it keeps, rather its keys with their records; `undefined` where it does not. */
export function listingOf(store: MapLike): StoreListing | undefined {
  return listingBy(store, [...pairs, ...keys]);
}

/** How `store` lists its keys, without their records where it can: these may be many, or not to be read. */
export function keyListingOf(store: MapLike): StoreListing | undefined {
  return listingBy(store, [...keys, ...pairs]);
}

type Name = (typeof pairs | typeof keys)[number];

function listingBy(store: MapLike, names: readonly Name[]): StoreListing | undefined {
  const able = store as { readonly [name in Name]?: unknown };
  const name = names.find((candidate) => typeof able[candidate] === 'function');
  if (name === undefined) return undefined;
  return { gives: name === 'keys' ? 'keys' : 'pairs', open: () => (able[name] as () => unknown)() };
}

/** All that is listed. @param asking - how each step is asked for: the store may have to fetch it. */
export async function* listed(
  { gives, open }: StoreListing,
  asking: () => Ask,
): AsyncGenerator<Listed, void, undefined> {
  const iterator = (await asking()(async () => iteratorOf(await open()))) as Iterator<unknown>;
  try {
    for (;;) {
      const step = (await asking()(() => iterator.next())) as IteratorResult<unknown, unknown>;
      if (step.done === true) return;
      yield gives === 'pairs' ? (step.value as Listed) : [step.value, undefined];
    }
  } finally {
    // Nobody waits for it: a store that hangs hangs here, too.
    new Promise((settle) => settle(iterator.return?.())).catch(() => undefined);
  }
}

/** What goes through a list, asynchronously or not. @throws InvalidCallError where it is none. */
function iteratorOf(list: unknown): AsyncIterator<unknown> | Iterator<unknown> {
  const able = Object(list) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = able[Symbol.asyncIterator]?.() ?? able[Symbol.iterator]?.();
  if (iterator !== undefined) return iterator;
  throw new InvalidCallError('MapLike.entries', 'a list that can be gone through', list);
}
