/** What a program for the browser may write with @memo/core alone. */
import { ServerTime } from '@memo/core/remote';
import { DefaultInMemoryCacheConfiguration, LocalInMemoryCacheStorage, memoize, type CacheStorage } from '@memo/core';

const length = memoize(async (text: string) => text.length, { expireAfter: '10 minutes', capacity: 100 });
export const answer: Promise<number> = length('four');

export const storage: Pick<CacheStorage, 'get'> = { get: () => Promise.resolve(undefined) };

memoize(async (text: string) => text.length, { name: 'length', storage: new LocalInMemoryCacheStorage() });
memoize(async (text: string) => text.length, { configuration: new DefaultInMemoryCacheConfiguration() });

export const known: boolean = new ServerTime().known;
