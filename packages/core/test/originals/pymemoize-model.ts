import {
  type CacheStorage,
  type Clock,
  type Duration,
  type Etag,
  type Lock,
  memoKey,
  toMilliseconds,
} from '@memo/core';
import { withAbilities } from './another-process.js';
import { PythonError } from './asyncio-model.js';
import { watched } from './cache-under-test.js';
import type {
  CallOptions,
  FunctionOptions,
  KeyedCache,
  KeyedFunction,
  KeyedLibrary,
  Load,
  Moment,
  RegionOptions,
} from './pymemoize-library.js';

/**
 * A model of PyMemoize 1.0.3 with its defects, written after the rows P1 to P60 that stand beside each part; its threads
 * are promises here, its seconds milliseconds. `expireAfter` is what its users write as `expiry=time.time() + …`. Tests
 * of mended defects run against it to show that they would have failed there.
 */
export const pyMemoize: KeyedLibrary = {
  name: 'PyMemoize',
  // Any dictionary does (P71).
  sees: (storage) => withAbilities(storage, { lock: undefined, ttl: undefined }),
  over: (storage, clock, options = {}) => new ModelledMemoizer(storage, clock, options),
  lifetime: (lifetime) => ({ maxAge: lifetime }) as object,
  storedKey: (key, namespace) => (namespace === undefined ? key : `${namespace}:${key}`),
  ofAnotherVersion: ['2', 0, null, null, 'value'],
};

/** Protocol, creation, expiry, etag, value (P17). */
type Kept = readonly [protocol: string, creation: number, expiry: number | null, etag: Etag | null, value: unknown];

/** The options of a call once all layers have been asked: PyMemoize takes any (P4). */
interface Options {
  readonly region?: string | null;
  readonly parent?: string;
  readonly namespace?: string | null;
  readonly storage: CacheStorage;
  readonly expireAfter?: Duration | null;
  readonly maxAge?: Duration | null | ((...args: unknown[]) => Duration);
  readonly etag?: unknown;
  readonly lock?: ((key: string) => Lock) | null;
  readonly waitLimit?: Duration | null;
  readonly args?: readonly unknown[];
}

class ModelledMemoizer implements KeyedCache {
  readonly #regions = new Map<string, RegionOptions>();
  /** P1: a dictionary that anybody may edit, with nothing checked. */
  readonly regions = { set: (name: string, options: RegionOptions) => this.#regions.set(name, options) };
  readonly #clock: Clock;

  constructor(storage: CacheStorage, clock: Clock, options: RegionOptions) {
    this.#clock = clock;
    this.#regions.set('default', { ...options, storage });
  }

  get(key: string, load?: Load, options: CallOptions = {}): Promise<unknown> {
    return watched(this.#get(key, load as Call | undefined, options));
  }

  /** P10: find, judge, lock, compute, release, store, in this order. */
  async #get(key: string, load: Call | undefined, said: CallOptions): Promise<unknown> {
    const options = this.#expand(said);
    const { args = [], storage } = options;
    const name: unknown = namespaced(key, options);
    // A falsy etag is dropped (P31), one that is computed is not.
    const etag = callOrPass(options.etag === 0 || options.etag === '' ? undefined : options.etag, args);
    // Only here, and only if no namespace has made text of it (P7).
    if (typeof name !== 'string') throw new PythonError('TypeError', 'non-string key');
    const found = await read(storage, name);
    if (found !== undefined && !this.#hasExpired(found, { ...options, etag })) return found[4];
    if (load === undefined) return undefined;
    const value = await behindLock(name, options, () => load(...args));
    // The next holder may have looked by now (P14).
    await write(storage, name, ['1', this.#now(), this.#expiryOf(options, args), (etag ?? null) as Etag | null, value]);
    return value;
  }

  async exists(key: string, said: CallOptions = {}): Promise<boolean> {
    const options = this.#expand(said);
    const found = await read(options.storage, namespaced(key, options));
    // An etag that is a function is compared as it is (P32).
    return found !== undefined && !this.#hasExpired(found, options);
  }

  /** P43: says nothing of `max_age`. */
  async ttl(key: string, said: CallOptions = {}): Promise<number | undefined> {
    const options = this.#expand(said);
    const name = namespaced(key, options);
    if (options.storage.ttl !== undefined) return options.storage.ttl(name);
    const expiry = (await read(options.storage, name))?.[2];
    const left = (expiry ?? 0) - this.#now();
    return left > 0 ? left : undefined;
  }

  async etag(key: string, said: CallOptions = {}): Promise<string | undefined> {
    const options = this.#expand(said);
    const found = await read(options.storage, namespaced(key, options));
    return found === undefined || found[3] === null || this.#hasExpired(found, { ...options, etag: undefined })
      ? undefined
      : String(found[3]);
  }

  async delete(key: string, said: CallOptions = {}): Promise<boolean> {
    const options = this.#expand(said);
    const name = namespaced(key, options);
    const found = await read(options.storage, name);
    await (options.storage.invalidate?.(dictionaryKey(name)) ?? options.storage.release(name));
    return found !== undefined;
  }

  /** P42. */
  expire(key: string, after: string | null, said?: CallOptions): Promise<boolean> {
    return this.expireAt(key, after === null ? null : this.#now() + milliseconds(after), said);
  }

  /** P41: whatever is there, expired or not. */
  async expireAt(key: string, moment: Moment, said: CallOptions = {}): Promise<boolean> {
    const options = this.#expand(said);
    const name = namespaced(key, options);
    const found = await read(options.storage, name);
    if (found === undefined) throw new PythonError('KeyError', name);
    const [protocol, creation, , etag, value] = found;
    const expiry = moment === null ? null : Number(moment);
    await write(options.storage, name, [protocol, creation, expiry, etag, value]);
    return true;
  }

  memoize(fn: Load, options: FunctionOptions = {}): KeyedFunction {
    const keyOf = (args: readonly unknown[]): string => pythonKey(fn, options.name, args);
    const call = (...args: unknown[]): Promise<unknown> =>
      this.get(keyOf(args), fn, { ...options, args } as unknown as CallOptions);
    // The options of the function are not passed on (P58).
    return Object.assign(call, {
      exists: (args: unknown[]) => this.exists(keyOf(args)),
      ttl: (args: unknown[]) => this.ttl(keyOf(args)),
      etag: (args: unknown[]) => this.etag(keyOf(args)),
      delete: (args: unknown[]) => this.delete(keyOf(args)),
      expire: (args: unknown[], after: string | null) => this.expire(keyOf(args), after),
      expireAt: (args: unknown[], moment: Moment) => this.expireAt(keyOf(args), moment),
    });
  }

  /** P2, P3: the first that says anything wins; the chain always ends at the default, unless it never ends. */
  #expand(said: object): Options {
    const options: Record<string, unknown> = { ...said };
    let region = (options['region'] ?? 'default') as string;
    for (let step = 0; step < 1_000; step++) {
      const says = this.#regions.get(region);
      if (says === undefined) throw new PythonError('KeyError', region);
      for (const [option, value] of Object.entries(says)) if (!(option in options)) options[option] = value;
      if (region === 'default') return options as unknown as Options;
      region = says.parent ?? 'default';
    }
    throw new PythonError('Hangs');
  }

  /** P20 to P23: still valid at the very instant. */
  #hasExpired([, creation, expiry, stored]: Kept, { etag, expireAfter, maxAge }: Options): boolean {
    const now = this.#now();
    if (expiry !== null && expiry < now) return true;
    if (etag !== undefined && etag !== null && etag !== stored) return true;
    if (isGiven(expireAfter) && now + milliseconds(expireAfter) < now) return true;
    if (!isGiven(maxAge)) return false;
    // Nobody calls the function that says it (P24).
    if (typeof maxAge === 'function') throw new PythonError('TypeError', 'unsupported operand type(s) for +');
    return creation + milliseconds(maxAge) < now;
  }

  /** P16: the earlier of both, from when it was computed. */
  #expiryOf({ expireAfter, maxAge }: Options, args: readonly unknown[]): number | null {
    const given = [expireAfter, callOrPass(maxAge, args) as Duration | null | undefined].filter(isGiven);
    return given.length === 0 ? null : this.#now() + Math.min(...given.map(milliseconds));
  }

  #now(): number {
    return this.#clock.now();
  }
}

type Call = (...args: readonly unknown[]) => unknown;

/** P12: the lock of the call, or that of the store whatever is said; its errors are those of the call. */
async function behindLock(name: string, { lock, storage, waitLimit }: Options, load: () => unknown): Promise<unknown> {
  const held = (lock ?? storage.lock?.bind(storage))?.(name);
  // That it was not had stops nothing (P13), and nobody looks again once it was (P14).
  const had = await held?.acquire(waitLimit ?? '10 seconds');
  try {
    return await load();
  } finally {
    if (had === true) await held?.release();
  }
}

/** P17: another version is no miss, but an error. */
async function read(storage: CacheStorage, name: string): Promise<Kept | undefined> {
  const kept = (await storage.get(dictionaryKey(name)))?.value as Kept | undefined;
  if (kept !== undefined && kept[0] !== '1') throw new PythonError('AssertionError', 'wrong protocol version');
  return kept;
}

/** P26, P72: the store is told of no lifetime. */
async function write(storage: CacheStorage, name: string, value: Kept): Promise<void> {
  await storage.offer(name, { value, created: value[1], updateAfter: Infinity, expiresAfter: Infinity });
}

/** P5; what is no text stays what it is (P7). */
function namespaced(key: string, { namespace }: Options): string {
  return isGiven(namespace) ? `${namespace}:${key}` : key;
}

/** A dictionary takes any key (P7). */
function dictionaryKey(name: unknown): string {
  return String(name);
}

/** P51, P52: functions of one name in one module share their keys. */
function pythonKey(fn: Load, master: string | undefined, args: readonly unknown[]): string {
  const before = master === undefined ? '' : `${JSON.stringify(master)}:`;
  return `${before}module.${fn.name === '' ? '<lambda>' : fn.name}(${args.map(represented).join(', ')})`;
}

function represented(arg: unknown): string {
  const named = Object(arg) as { [memoKey]?: () => unknown };
  return JSON.stringify(named[memoKey]?.() ?? arg);
}

function callOrPass(given: unknown, args: readonly unknown[]): unknown {
  return typeof given === 'function' ? (given as Call)(...args) : given;
}

function isGiven<T>(option: T | null | undefined): option is T {
  return option !== undefined && option !== null;
}

function milliseconds(duration: Duration): number {
  return toMilliseconds(duration, { call: 'PyMemoize', option: 'max_age' });
}
