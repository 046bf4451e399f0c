import {
  CachedMethodFailedError,
  DefaultInMemoryCacheConfiguration,
  type KeyExtractor,
  LeastRecentlyUpdatedEvictionStrategy,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  type MemoizeOptions,
  MutableCacheConfiguration,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

/** The keyword arguments of the originals are a last argument here. */
type GetValue = (arg: string, options: { readonly kwarg: string }) => Promise<string>;
type Options = MemoizeOptions<Parameters<GetValue>>;

/** py-memoize decorates functions; in JavaScript only methods can be. */
function decorated(getValue: GetValue, options: Options = {}): GetValue {
  class Service {
    @memoized({ per: 'class', ...options })
    async getValue(...args: Parameters<GetValue>): Promise<string> {
      return getValue(...args);
    }
  }
  const service = new Service();
  return (...args) => service.getValue(...args);
}

function manuallyApplied(getValue: GetValue, options: Options = {}): GetValue {
  return memoize(getValue, options);
}

function three<R>(call: () => Promise<R>): Promise<readonly R[]> {
  return Promise.all([call(), call(), call()]);
}

function changed(change: (configuration: MutableCacheConfiguration) => unknown): MutableCacheConfiguration {
  const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
  change(configuration);
  return configuration;
}

describe.each([
  ['test_wrapper', decorated],
  ['test_wrapper_manually_applied', manuallyApplied],
])('py-memoize %s', (_, wrap) => {
  it('should_return_cached_value_on_expiration_time_not_reached: three parallel calls get the old value', async () => {
    const clock = new ManualClock();
    const cached = wrap(counter().call, { updateAfter: '1 minute', expireAfter: '2 minutes', clock });
    expect(await cached('test', { kwarg: 'args' })).toBe('value 1');
    await clock.advance('59 seconds');
    expect(await three(() => cached('test', { kwarg: 'args' }))).toEqual(['value 1', 'value 1', 'value 1']);
  });

  it('should_return_updated_value_on_expiration_time_reached: three parallel calls get the new value', async () => {
    const clock = new ManualClock();
    const cached = wrap(counter().call, { updateAfter: 50, expireAfter: 100, clock });
    expect(await cached('test', { kwarg: 'args' })).toBe('value 1');
    await clock.advance(100);
    expect(await three(() => cached('test', { kwarg: 'args' }))).toEqual(['value 2', 'value 2', 'value 2']);
  });

  it('should_return_current_value_on_first_call_after_update_time_reached_but_not_expiration_time', async () => {
    const clock = new ManualClock();
    const source = counter();
    const cached = wrap(source.call, { updateAfter: 100, expireAfter: '5 minutes', clock });
    expect(await cached('test', { kwarg: 'args' })).toBe('value 1');
    await clock.advance(100);
    expect(await three(() => cached('test', { kwarg: 'args' }))).toEqual(['value 1', 'value 1', 'value 1']);
    expect(source.count).toBe(2);
  });

  it('should_return_current_value_on_second_call_after_update_time_reached_but_not_expiration_time', async () => {
    const clock = new ManualClock();
    const cached = wrap(counter().call, { updateAfter: 100, expireAfter: '5 minutes', clock });
    await cached('test', { kwarg: 'args' });
    await clock.advance(100);
    expect(await cached('test', { kwarg: 'args' })).toBe('value 1');
    await turn();
    expect(await three(() => cached('test', { kwarg: 'args' }))).toEqual(['value 2', 'value 2', 'value 2']);
  });

  it('should_return_different_values_on_different_args_with_default_key', async () => {
    const cached = wrap(counter().call);
    expect(await cached('test1', { kwarg: 'args' })).toBe('value 1');
    expect(await cached('test2', { kwarg: 'args' })).toBe('value 2');
    expect(await cached('test1', { kwarg: 'args' })).toBe('value 1');
  });

  it('should_return_different_values_on_different_kwargs_with_default_key', async () => {
    const cached = wrap(counter().call);
    expect(await cached('test', { kwarg: 'args1' })).toBe('value 1');
    expect(await cached('test', { kwarg: 'args2' })).toBe('value 2');
    expect(await cached('test', { kwarg: 'args1' })).toBe('value 1');
  });

  it('should_return_exception_for_all_concurrent_callers: truly parallel, and the function is called once', async () => {
    const source = slowSource();
    const cached = wrap(source.call);
    const calls = Promise.allSettled([1, 2, 3].map(() => cached('test', { kwarg: 'args1' })));
    await turn();
    const cause = new Error('stub0');
    source.fail(cause);
    for (const outcome of await calls) expect(outcome).toMatchObject({ status: 'rejected', reason: { cause } });
    expect(source.calls.length).toBe(1);
  });

  it('should_return_cancelled_exception_for_all_concurrent_callers: truly parallel, and the key is free again', async () => {
    const source = slowSource();
    const cached = wrap(source.call);
    const calls = Promise.allSettled([1, 2, 3].map(() => cached('test', { kwarg: 'args1' })));
    await turn();
    // What a function throws that was cancelled from within, by a signal of its own.
    const cause = new DOMException('This operation was aborted', 'AbortError');
    source.fail(cause);
    for (const outcome of await calls) expect(outcome).toMatchObject({ status: 'rejected', reason: { cause } });
    const next = cached('test', { kwarg: 'args1' });
    await turn();
    source.answer('value');
    expect(await next).toBe('value');
  });

  it('should_return_timeout_for_all_concurrent_callers: truly parallel', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = wrap(source.call, { timeout: 1, clock });
    const calls = Promise.allSettled([1, 2, 3].map(() => cached('test', { kwarg: 'args1' })));
    await clock.advance(1);
    for (const outcome of await calls) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { cause: { code: 'LOAD_TIMEOUT' } } });
    }
    expect(source.calls.length).toBe(1);
  });

  it('should_return_same_value_on_constant_key_function', async () => {
    const cached = wrap(counter().call, {
      configuration: changed((configuration) => configuration.setKeyExtractor({ formatKey: () => 'lol' })),
    });
    expect(await cached('test1', { kwarg: 'args1' })).toBe('value 1');
    expect(await cached('test2', { kwarg: 'args2' })).toBe('value 1');
  });

  it('should_release_keys_on_caching_multiple_elements: the first two go, the last two stay', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const keyExtractor: KeyExtractor = { formatKey: (_fn, args) => JSON.stringify(args) };
    const cached = wrap(counter().call, {
      configuration: changed((configuration) =>
        configuration
          .setEvictionStrategy(new LeastRecentlyUpdatedEvictionStrategy(2))
          .setKeyExtractor(keyExtractor)
          .setStorage(storage),
      ),
    });
    for (const number of [1, 2, 3, 4]) await cached(`test${number}`, { kwarg: `args${number}` });
    await turn();
    const kept = [1, 2, 3, 4].map((number) => storage.get(`["test${number}",{"kwarg":"args${number}"}]`));
    expect((await Promise.all(kept)).map((entry) => entry?.value)).toEqual([
      undefined,
      undefined,
      'value 3',
      'value 4',
    ]);
  });

  it('should_throw_exception_on_configuration_not_ready: the function is not called', async () => {
    const source = counter();
    const cached = wrap(source.call, { configuration: changed((configuration) => configuration.setConfigured(false)) });
    await expect(cached('test1', { kwarg: 'args1' })).rejects.toThrow(
      /^The cached function ".+" was called while its configuration says configured = false\. /,
    );
    expect(source.count).toBe(0);
  });

  it('should_throw_exception_on_wrapped_method_failure: with key, cause and message', async () => {
    const cause = new Error('Get lost');
    const cached = wrap(() => Promise.reject(cause), {
      configuration: changed((configuration) => configuration.setKeyExtractor({ formatKey: () => 'key' })),
    });
    const error: unknown = await cached('test1', { kwarg: 'args1' }).catch((thrown: unknown) => thrown);
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ key: 'key', cause, message: 'The cached function failed for key "key": Get lost' });
  });

  it('should_throw_exception_on_refresh_timeout: with what timed out as its cause', async () => {
    const clock = new ManualClock();
    const cached = wrap(slowSource().call, { timeout: 100, clock });
    const call = cached('test1', { kwarg: 'args1' }).catch((thrown: unknown) => thrown);
    await clock.advance(100);
    const error = await call;
    expect(CachedMethodFailedError.isInstance(error) && LoadTimeoutError.isInstance(error.cause)).toBe(true);
  });
});
