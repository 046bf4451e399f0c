import {
  type CacheEvent,
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  EncodedMethodNameAndArgsKeyExtractor,
  InMemoryUpdateStatuses,
  InvalidationSupport,
  LeastRecentlyUpdatedEvictionStrategy,
  memoize,
  type Memoized,
  type MemoizeOptions,
  MutableCacheConfiguration,
} from '@memo/core';
import { deferred } from '../support/deferred.js';
import { CancelledError } from './asyncio-model.js';
import type {
  AskedFunction,
  CacheUnderTest,
  CallUnderTest,
  WrapOptions,
  WrappedUnderTest,
} from './cache-under-test.js';
import { errorText, watched } from './cache-under-test.js';

/** memo itself, as scenarios see it. */
export const memo: CacheUnderTest = {
  name: 'memo',
  wrap: (fn, options) => new Wrapped(fn, options),
  evictionStrategy: (capacity) => new LeastRecentlyUpdatedEvictionStrategy(capacity),
  invalidation: () => new InvalidationSupport<string[]>(),
};

class Wrapped implements WrappedUnderTest {
  readonly #configuration: MutableCacheConfiguration;
  readonly #memoized: Memoized<AskedFunction>;

  constructor(fn: AskedFunction, options: WrapOptions | undefined) {
    this.#configuration = configurationOf(options ?? {});
    this.#memoized =
      options === undefined ? memoize(fn) : memoize(fn, { configuration: this.#configuration, ...settingsOf(options) });
  }

  call(...args: string[]): Promise<unknown> {
    return watched(this.#memoized(...args));
  }

  /** A caller that gives up stops listening: that is all a promise lets it do, and all it needs. */
  start(...args: string[]): CallUnderTest {
    const givenUp = deferred<never>();
    return {
      outcome: watched(Promise.race([this.call(...args), givenUp.promise])),
      cancel: () => givenUp.reject(new CancelledError()),
    };
  }

  refresh(...args: string[]): Promise<unknown> {
    return watched(this.#memoized.refresh(...args));
  }

  replaceStorage(storage: CacheStorage): void {
    this.#configuration.setStorage(storage);
  }
}

function configurationOf(options: WrapOptions): MutableCacheConfiguration {
  const { updateAfter, expireAfter, timeout, storage, evictionStrategy, entryBuilder, keys } = options;
  const configuration = MutableCacheConfiguration.initializedWith(
    new DefaultInMemoryCacheConfiguration({
      ...(updateAfter !== undefined && { updateAfter }),
      ...(expireAfter !== undefined && { expireAfter }),
      ...(timeout !== undefined && { methodTimeout: timeout }),
    }),
  );
  if (storage !== undefined) configuration.setStorage(storage);
  if (evictionStrategy !== undefined) configuration.setEvictionStrategy(evictionStrategy);
  if (entryBuilder !== undefined) configuration.setEntryBuilder(entryBuilder);
  if (keys === 'by name') configuration.setKeyExtractor(new EncodedMethodNameAndArgsKeyExtractor());
  return configuration;
}

function settingsOf({ clock, lockTimeout, invalidation, onFault }: WrapOptions): MemoizeOptions<string[]> {
  return {
    onEvent: (event) => tellFault(event, onFault),
    ...(clock !== undefined && { clock }),
    ...(invalidation !== undefined && { invalidation }),
    ...(lockTimeout !== undefined && {
      updateStatuses: new InMemoryUpdateStatuses({ lockTimeout, ...(clock !== undefined && { clock }) }),
    }),
  };
}

function tellFault(event: CacheEvent, onFault: WrapOptions['onFault']): void {
  if (event.type === 'storage-failed') onFault?.(`${event.operation} failed: ${errorText(event.error.cause)}`);
  if (event.type === 'refresh-failed') onFault?.(`refresh failed: ${errorText(event.error.cause)}`);
  if (event.type === 'policy-failed') onFault?.(`${event.policy} failed: ${errorText(event.error)}`);
}
