/**
 * A lifetime for each entry: as long as the response itself says it may be kept.
 *
 * Build once with `npm run build`, then: node examples/dist/granular-lifetimes.js
 */
import {
  type CacheEntry,
  type CacheEntryBuilder,
  DefaultInMemoryCacheConfiguration,
  memoize,
  MutableCacheConfiguration,
} from '@memo/core';

interface Answer {
  readonly body: string;
  readonly cacheControl: string;
}

/** Keeps an answer as long as its `Cache-Control` header says, and serves it a tenth longer while it is refreshed. */
class CacheControlEntryBuilder implements CacheEntryBuilder<Answer> {
  build(_key: string, value: Answer, now: number): CacheEntry<Answer> {
    const seconds = Number(/max-age=(\d+)/.exec(value.cacheControl)?.[1] ?? 0);
    const updateAfter = now + seconds * 1000;
    return { value, created: now, updateAfter, expiresAfter: updateAfter + seconds * 100 };
  }
}

const configuration = MutableCacheConfiguration.initializedWith(
  new DefaultInMemoryCacheConfiguration(),
).setEntryBuilder(new CacheControlEntryBuilder());

const getPage = memoize(
  async (path: string): Promise<Answer> => ({
    body: `the page ${path}`,
    cacheControl: path === '/news' ? 'max-age=60' : 'max-age=3600',
  }),
  { configuration },
);

for (const path of ['/news', '/imprint']) {
  const { body } = await getPage(path);
  const seconds = Math.round(((await getPage.ttl([path])) ?? 0) / 1000);
  console.log(`${body} is kept for ${seconds} seconds`);
}
