import { oneOf } from './check-options.js';
import { InstanceCacheConfiguration } from './configuration/instance-cache-configuration.js';
import { claimBooks, claimKeys } from './configuration/claims.js';
import type { MemoizeOptions } from './configuration/memoize-options.js';
import { checkMemoizeOptions, memoizeRules, type Plan, planFor } from './configuration/plan.js';
import { InvalidCallError, InvalidOptionError } from './errors.js';
import type { ExpirationFunction } from './expiration/expiration.js';
import { identityOf } from './key/identity.js';
import type { CacheableFunction } from './key/key-extractor.js';
import { cachedBy, callable, type Memoized } from './memoize.js';
import type { CacheStorage } from './storage/cache-storage.js';

/** What `@memoized` can be told: the options of `memoize`, and whose entries they are. */
export interface MemoizedOptions<
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
> extends MemoizeOptions<A, V, Text> {
  /**
   * `instance`: each object has entries of its own, which go with it. `class`: all objects share them, so the result
   * must depend on the arguments alone. A shared storage cannot tell objects apart and needs `class`, or a `key`.
   * @defaultValue 'instance'
   */
  readonly per?: 'instance' | 'class';
}

/** The options that speak of the arguments or the result, and so need their types. */
type Addressing<A extends readonly unknown[], V> =
  | Required<Pick<MemoizedOptions<A>, 'key'>>
  | Required<Pick<MemoizedOptions<A>, 'invalidation'>>
  | Required<Pick<MemoizedOptions<A>, 'normalize'>>
  | { readonly etag: FunctionOf<A, MemoizedOptions<A>['etag']> }
  | { readonly maxAge: FunctionOf<A, MemoizedOptions<A>['maxAge']> }
  | { readonly expireAfter: ExpirationFunction<V> };

type FunctionOf<A extends readonly unknown[], Option> = Extract<Option, (...args: A) => unknown>;

/** A method as it may be decorated: what answers with a promise from the cache has to do so without it, too. */
type MethodOfPromise = (...args: never[]) => Promise<unknown>;

type Method = (this: object, ...args: never[]) => unknown;

/** Finds the cached function behind a decorated method, for one object. */
const cachedMethodOf = Symbol('cachedMethodOf');

interface DecoratedMethod {
  [cachedMethodOf](instance: object): unknown;
}

/**
 * A decorator that caches a method, for each object apart or for the whole class; a TC39 decorator, without
 * `experimentalDecorators`.
 *
 * ```ts
 * class Users {
 *   @memoized({ expireAfter: '5 minutes' })
 *   async find(id: string): Promise<User> { … }
 * }
 * ```
 * Keys are made of the arguments, never of `this`. `memoizedMethod(users, 'find')` gives the operations on the entries.
 *
 * @throws InvalidOptionError naming the option that is wrong, when the class is defined.
 */
export function memoized<
  This extends object,
  A extends unknown[],
  R extends Promise<unknown>,
  const Text extends string = string,
>(
  options: MemoizedOptions<A, Awaited<R>, Text> & Addressing<A, Awaited<R>>,
): (method: (this: This, ...args: A) => R, context: ClassMethodDecoratorContext<This>) => (this: This, ...args: A) => R;
export function memoized<const Text extends string = string>(
  options?: Omit<
    MemoizedOptions<readonly unknown[], unknown, Text>,
    'key' | 'invalidation' | 'normalize' | 'etag' | 'maxAge'
  > &
    Pick<MemoizedOptions<never[]>, 'etag' | 'maxAge'>,
): <M extends MethodOfPromise>(method: M, context: ClassMethodDecoratorContext) => M;
export function memoized(
  given: object = {},
): (method: MethodOfPromise, context: ClassMethodDecoratorContext) => MethodOfPromise {
  if (typeof given === 'function') {
    throw new InvalidCallError('@memoized', 'options or nothing', given, `Write @memoized() above the method.`);
  }
  const options = given as MemoizedOptions;
  checkMemoizedOptions(options);
  return (method, context) => {
    if (!isObject(context)) {
      const advice = `Remove 'experimentalDecorators' from tsconfig.json, or wrap the method with memoize().`;
      throw new InvalidCallError('@memoized', 'to be called as a TC39 decorator', context, advice);
    }
    const { kind }: { readonly kind: string } = context;
    if (kind !== 'method') {
      throw new InvalidCallError('@memoized', 'a method to be cached', kind, `Only methods can be cached.`);
    }
    return decorated(method, options) as MethodOfPromise;
  };
}

/**
 * The cached function behind a decorated method of one object, with the operations on its entries:
 * `await memoizedMethod(users, 'find').delete(['42'])`.
 *
 * @throws InvalidCallError when the method is not decorated with `@memoized`.
 */
export function memoizedMethod<T extends object, K extends keyof T>(
  instance: T,
  method: K,
): T[K] extends CacheableFunction ? Memoized<T[K]> : never {
  const found = (instance as T | null | undefined)?.[method] as Partial<DecoratedMethod> | undefined;
  const cached = found?.[cachedMethodOf];
  if (cached === undefined) {
    throw new InvalidCallError('memoizedMethod', 'the name of a method decorated with @memoized', method);
  }
  return cached(instance) as T[K] extends CacheableFunction ? Memoized<T[K]> : never;
}

function decorated(method: Method, { per, ...options }: MemoizedOptions): Method & DecoratedMethod {
  const plan = planFor('@memoized', method, options);
  const cachedFor = isPerClass(per, options, plan)
    ? cachedForClass(method, plan)
    : cachedForEach(method, options, plan);
  const replacement = function (this: object, ...args: never[]): unknown {
    if (!isObject(this)) return Promise.reject(withoutObject(method.name, this));
    return Reflect.apply(cachedFor(this), this, args);
  };
  Object.defineProperties(replacement, {
    name: { value: method.name, configurable: true },
    length: { value: method.length, configurable: true },
  });
  return Object.assign(replacement, { [cachedMethodOf]: cachedFor });
}

function isPerClass(per: MemoizedOptions['per'], options: MemoizeOptions, { configuration }: Plan): boolean {
  if (per === 'class') return true;
  if (configuration.storage.shared === false) return false;
  // Whoever names the key of a method in a shared storage has said what its result depends on.
  if (per === undefined && options.key !== undefined) return true;
  throw sharedBetweenObjects(configuration.storage);
}

/** Finds the cached function for one object. */
type CachedFor = (instance: object) => CacheableFunction;

/** One cache for all objects; each load is called with the object that asked. */
function cachedForClass(method: Method, plan: Plan): CachedFor {
  claimKeys('@memoized', method, plan);
  claimBooks('@memoized', plan);
  const cached = cachedBy(plan, method);
  return heldWeakly((instance) => callable(cached, instance));
}

/** A cache for each object. */
function cachedForEach(method: Method, options: MemoizeOptions, plan: Plan): CachedFor {
  claimKeys('@memoized', method, plan);
  claimBooks('@memoized', plan);
  return heldWeakly((instance) =>
    callable(cachedBy(planForInstance(method, options, plan, instance), method), instance),
  );
}

/** What belongs to an object goes when the object goes. */
function heldWeakly(make: CachedFor): CachedFor {
  const cachedByInstance = new WeakMap<object, CacheableFunction>();
  return (instance) => {
    let cached = cachedByInstance.get(instance);
    if (cached === undefined) {
      cached = make(instance);
      cachedByInstance.set(instance, cached);
    }
    return cached;
  };
}

/** Each object has a storage of its own, or keys of its own in the storage or on the books that it shares. */
function planForInstance(method: Method, options: MemoizeOptions, plan: Plan, instance: object): Plan {
  if (plan.settings.ownStorage && options.evictionStrategy === undefined) return planFor('@memoized', method, options);
  return { ...plan, configuration: new InstanceCacheConfiguration(plan.configuration, `${identityOf(instance)}:`) };
}

function checkMemoizedOptions(options: MemoizedOptions): void {
  checkMemoizeOptions('@memoized', options, { ...memoizeRules, per: oneOf('instance', 'class') });
  if (options.invalidation === undefined || options.per === 'class') return;
  throw new InvalidOptionError({
    call: '@memoized',
    option: 'invalidation',
    expected: `left out unless per is 'class', because arguments alone do not say whose entry is meant`,
    received: options.invalidation,
    advice: `Use memoizedMethod(object, name).delete(args) for the entries of one object.`,
  });
}

function sharedBetweenObjects(storage: CacheStorage): InvalidOptionError {
  return new InvalidOptionError({
    call: '@memoized',
    option: 'storage',
    expected: `one of this process where each object has entries of its own`,
    received: storage,
    advice: `Say per: 'class' if the result depends on the arguments alone, or give a 'key'.`,
  });
}

function withoutObject(name: string, received: unknown): InvalidCallError {
  return new InvalidCallError(name, `to be called on its object`, received, `Write object.${name}(…).`);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
