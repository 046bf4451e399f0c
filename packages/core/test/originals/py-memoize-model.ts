import {
  type CacheEntry,
  type CacheEntryBuilder,
  type CacheStorage,
  type Clock,
  type EvictionStrategy,
  LocalInMemoryCacheStorage,
  ProvidedLifeSpanCacheEntryBuilder,
  systemClock,
  toMilliseconds,
} from '@memo/core';
import { CancelledError, Future, PythonError, Task } from './asyncio-model.js';
import {
  type AskedFunction,
  type CacheUnderTest,
  type CallUnderTest,
  type InvalidationUnderTest,
  watched,
  type WrapOptions,
  type WrappedUnderTest,
} from './cache-under-test.js';
import { ModelledLocks, type ModelledOutcome } from './py-memoize-model-locks.js';

/**
 * A model of py-memoize 3.1.1's wrapper with its defects, written after the rows M2 to M101 that stand beside each part.
 * Tests of mended defects run against it to show that they would have failed there.
 */
export const pyMemoize: CacheUnderTest = {
  name: 'py-memoize',
  wrap: (fn, options) => new ModelledWrapper(fn, options),
  evictionStrategy: (capacity) => new ModelledEvictionStrategy(capacity),
  invalidation: () => new ModelledInvalidation(),
};

/** The parts that a call takes a snapshot of (M11). */
interface Parts {
  storage: CacheStorage;
  readonly evictionStrategy: EvictionStrategy;
  readonly entryBuilder: CacheEntryBuilder;
  readonly methodTimeout: number;
}

class ModelledWrapper implements WrappedUnderTest {
  readonly #fn: AskedFunction;
  readonly #options: WrapOptions;
  /** Bare application leaves it out, and every call fails (M2). */
  readonly #configuration: Parts | undefined;
  readonly #locks: ModelledLocks;
  readonly #clock: Clock;

  constructor(fn: AskedFunction, options: WrapOptions | undefined) {
    this.#fn = fn;
    this.#options = options ?? {};
    this.#configuration = options === undefined ? undefined : partsOf(options);
    this.#clock = this.#options.clock ?? systemClock;
    this.#locks = new ModelledLocks(this.#clock, milliseconds(this.#options.lockTimeout ?? '5 minutes'));
    const storageAtDecoration = this.#configuration?.storage;
    // Only the storage is told, and only the one that stood here at first (M91, M93, M94).
    this.#options.invalidation?.bind(async (args) => storageAtDecoration?.release(this.#keyOf(args as string[])));
  }

  call(...args: string[]): Promise<unknown> {
    return this.start(...args).outcome;
  }

  start(...args: string[]): CallUnderTest {
    return new Task<unknown>((task) => watched(this.#call(task, args, false)));
  }

  refresh(...args: string[]): Promise<unknown> {
    return new Task<unknown>((task) => watched(this.#call(task, args, true))).outcome;
  }

  replaceStorage(storage: CacheStorage): void {
    if (this.#configuration !== undefined) this.#configuration.storage = storage;
  }

  /** M10 to M22. */
  async #call(task: Task<unknown>, args: string[], forced: boolean): Promise<unknown> {
    if (this.#configuration === undefined) throw new PythonError('NotConfiguredCacheCalledException');
    const parts = { ...this.#configuration };
    const key = this.#keyOf(args);
    const current = await parts.storage.get(key);
    if (current !== undefined) parts.evictionStrategy.markRead(key);
    const now = this.#clock.now();
    if (current === undefined) return valueOf(await this.#refresh(task, parts, key, args, undefined));
    // Asked before the time is looked at, and answered with the current entry, expired or not (M32).
    if (forced) return valueOf(await this.#refresh(task, parts, key, args, current));
    if (current.expiresAfter <= now) return valueOf(await this.#refresh(task, parts, key, args, undefined));
    if (current.updateAfter <= now) this.#refreshInBackground(parts, key, args, current);
    return valueOf(current);
  }

  #refreshInBackground(parts: Parts, key: string, args: string[], current: CacheEntry): void {
    callSoon(() => {
      new Task((task) => this.#refresh(task, parts, key, args, current)).outcome.catch((error: unknown) =>
        this.#options.onFault?.(`Task exception was never retrieved: ${String(error)}`),
      );
    });
  }

  /** M30 to M44. */
  async #refresh(
    task: Task<unknown>,
    parts: Parts,
    key: string,
    args: string[],
    current: CacheEntry | undefined,
  ): Promise<ModelledOutcome> {
    if (this.#locks.isBeingUpdated(key)) return current ?? (await this.#follow(task, key));
    this.#locks.markBeingUpdated(key);
    try {
      const value = await task.wait(this.#method(args, parts.methodTimeout));
      const entry = parts.entryBuilder.build(key, value, this.#clock.now());
      await parts.storage.offer(key, entry);
      this.#locks.markUpdated(key, entry);
      // Whatever fails from here on aborts an update that has ended already (M44).
      parts.evictionStrategy.markWritten(key, entry);
      const victim = parts.evictionStrategy.nextToRelease();
      if (victim !== undefined) callSoon(() => void this.#tryRelease(parts, victim));
      return entry;
    } catch (thrown) {
      if (!isHandled(thrown)) throw thrown;
      this.#locks.markUpdateAborted(key, thrown);
      throw methodFailed(isTimeout(thrown) ? 'Refresh timed out' : 'Refresh failed to complete', thrown);
    }
  }

  async #follow(task: Task<unknown>, key: string): Promise<ModelledOutcome> {
    const outcome = await task.wait(this.#locks.awaitUpdated(key));
    // Only exceptions count as failures: a CancelledError passes for an entry (M51).
    if (outcome !== undefined && 'thrown' in outcome && outcome.thrown instanceof Error) {
      throw methodFailed('Concurrent refresh failed to complete', outcome.thrown);
    }
    return outcome;
  }

  #method(args: string[], timeout: number): Future<unknown> {
    const result = Future.of(this.#started(args));
    const stopTimer = this.#clock.setTimer(() => {
      if (!result.done) result.setException(new PythonError('TimeoutError'));
    }, timeout);
    result.promise.then(stopTimer, stopTimer);
    return result;
  }

  async #started(args: string[]): Promise<unknown> {
    return this.#fn(...args);
  }

  /** The strategy has forgotten the key already: if this does not work out nobody tries again (M36, M37). */
  async #tryRelease(parts: Parts, key: string): Promise<boolean> {
    if (this.#locks.isBeingUpdated(key)) return false;
    try {
      await parts.storage.release(key);
      parts.evictionStrategy.markReleased(key);
      return true;
    } catch (error) {
      this.#options.onFault?.(logged('Failed to release %s', key, error));
      return false;
    }
  }

  /** By reference (M100), or by the bare name of the function (M101). */
  #keyOf(args: string[]): string {
    const { name } = this.#fn;
    return `${this.#options.keys === 'by name' ? name : `<function ${name}>`}(${args.join(', ')})`;
  }
}

/** M84, M37: the key that should go is forgotten in the moment it is named. */
class ModelledEvictionStrategy implements EvictionStrategy {
  readonly #capacity: number;
  readonly #keys = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  markRead(): void {}

  markWritten(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
  }

  markReleased(key: string): void {
    this.#keys.delete(key);
  }

  nextToRelease(): string | undefined {
    if (this.#keys.size <= this.#capacity) return undefined;
    const oldest = this.#keys.values().next().value;
    if (oldest !== undefined) this.#keys.delete(oldest);
    return oldest;
  }
}

/** M90 to M92: it belongs to the first function that it is passed to. */
class ModelledInvalidation implements InvalidationUnderTest {
  #invalidate: ((args: string[]) => Promise<unknown>) | undefined;

  bind(invalidate: (args: string[]) => Promise<unknown>): void {
    this.#invalidate ??= invalidate;
  }

  async invalidateForArguments(args: string[]): Promise<void> {
    if (this.#invalidate === undefined) {
      const advice = 'InvalidationSupport should be passed to @memoize to have it initialized';
      throw new PythonError('RuntimeError', `Uninitialized: ${advice}`);
    }
    await this.#invalidate(args);
  }
}

function partsOf(options: WrapOptions): Parts {
  const { storage, evictionStrategy, entryBuilder, timeout, updateAfter, expireAfter } = options;
  const lifeSpan = {
    ...(updateAfter !== undefined && { updateAfter }),
    ...(expireAfter !== undefined && { expireAfter }),
  };
  return {
    storage: storage ?? new LocalInMemoryCacheStorage(),
    evictionStrategy: evictionStrategy ?? new ModelledEvictionStrategy(4096),
    entryBuilder: entryBuilder ?? new ProvidedLifeSpanCacheEntryBuilder(lifeSpan),
    methodTimeout: milliseconds(timeout ?? '2 minutes'),
  };
}

/** `entry.value` as Python reads it: what has no such attribute is an error, not `undefined`. */
function valueOf(outcome: ModelledOutcome): unknown {
  if (outcome !== undefined && 'value' in outcome) return outcome.value;
  const type = outcome === undefined ? 'NoneType' : String(outcome.thrown);
  throw new PythonError('AttributeError', `'${type}' object has no attribute 'value'`);
}

/** What the handlers of 3.1.1 catch: exceptions and cancellation, no other BaseException (M50, M53). */
function isHandled(thrown: unknown): boolean {
  return thrown instanceof Error || thrown instanceof CancelledError;
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'TimeoutError';
}

function methodFailed(message: string, cause: unknown): PythonError {
  return new PythonError('CachedMethodFailedException', message, { cause });
}

/** What Python's logging says of a text and its arguments; more arguments than places are an error of its own (M36). */
function logged(text: string, ...args: readonly unknown[]): string {
  if (text.split('%s').length - 1 !== args.length)
    return 'TypeError: not all arguments converted during string formatting';
  return args.reduce<string>((said, argument) => said.replace('%s', String(argument)), text);
}

/** The next turn of asyncio's loop. */
function callSoon(callback: () => void): void {
  void Promise.resolve().then(callback);
}

function milliseconds(duration: NonNullable<WrapOptions['timeout']>): number {
  return toMilliseconds(duration, { call: 'py-memoize', option: 'duration' });
}
