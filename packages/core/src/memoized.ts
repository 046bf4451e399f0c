import { checkOptions, oneOf } from './check-options.js';
import { InstanceCacheConfiguration } from './configuration/instance-cache-configuration.js';
import { claimKeys } from './configuration/key-claims.js';
import type { MemoizeOptions } from './configuration/memoize-options.js';
import { checkMemoizeOptions, type Plan, planFor } from './configuration/plan.js';
import { InvalidCallError, InvalidOptionError } from './errors.js';
import { identityOf } from './key/identity.js';
import type { CacheableFunction } from './key/key-extractor.js';
import { type Memoized, wrap } from './memoize.js';
import type { CacheStorage } from './storage/cache-storage.js';

/** What `@memoized` can be told: the options of `memoize`, and whose entries they are. */
export interface MemoizedOptions<A extends readonly unknown[] = readonly unknown[]> extends MemoizeOptions<A> {
  /**
   * `instance`: each object has entries of its own, which go with it. `class`: all objects share them, so the result
   * must depend on the arguments alone. A shared storage cannot tell objects apart and needs `class`, or a `key`.
   * @defaultValue 'instance'
   */
  readonly per?: 'instance' | 'class';
}

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
export function memoized<This extends object, A extends unknown[], R extends Promise<unknown>>(
  options: MemoizedOptions<A> = {},
): (
  method: (this: This, ...args: A) => R,
  context: ClassMethodDecoratorContext<This>,
) => (this: This, ...args: A) => R {
  if (typeof options === 'function') {
    throw new InvalidCallError('@memoized', 'options or nothing', options, `Write @memoized() above the method.`);
  }
  checkMemoizedOptions(options as MemoizedOptions);
  return (method, context) => {
    const { kind }: { readonly kind: string } = context;
    if (kind !== 'method') {
      throw new InvalidCallError('@memoized', 'a method to be cached', kind, `Only methods can be cached.`);
    }
    return decorated(method as unknown as Method, options as MemoizedOptions) as unknown as typeof method;
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
  const found = instance[method] as Partial<DecoratedMethod> | undefined;
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

function cachedForClass(method: Method, plan: Plan): CachedFor {
  claimKeys('@memoized', method, plan);
  const cached = wrap(method, plan);
  return () => cached;
}

/** A cached function for each object, held weakly: it goes when the object goes. */
function cachedForEach(method: Method, options: MemoizeOptions, plan: Plan): CachedFor {
  claimKeys('@memoized', method, plan);
  const cachedByInstance = new WeakMap<object, CacheableFunction>();
  return (instance) => {
    if (!isObject(instance)) throw withoutObject(method.name, instance);
    let cached = cachedByInstance.get(instance);
    if (cached === undefined) {
      cached = wrap(method, planForInstance(method, options, plan, instance), instance);
      cachedByInstance.set(instance, cached);
    }
    return cached;
  };
}

/** Each object has a storage of its own, or keys of its own in the storage it was given. */
function planForInstance(method: Method, options: MemoizeOptions, plan: Plan, instance: object): Plan {
  if (plan.settings.ownStorage) return planFor('@memoized', method, options);
  return { ...plan, configuration: new InstanceCacheConfiguration(plan.configuration, `${identityOf(instance)}:`) };
}

function checkMemoizedOptions(options: MemoizedOptions): void {
  const { per, ...memoizeOptions } = options;
  checkOptions('@memoized', { per }, { per: oneOf('instance', 'class') });
  checkMemoizeOptions('@memoized', memoizeOptions);
  if (options.invalidation === undefined || per === 'class') return;
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
