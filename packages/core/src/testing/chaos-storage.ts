/// <reference lib="esnext.disposable" preserve="true" />
import type { CacheEntry } from '../entry/cache-entry.js';
import { isPromise, type Awaitable } from '../serde.js';
import type { CacheStorage, EntryMoments, OfferResult } from '../storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../storage/lease.js';
import type { Lock } from '../storage/lock.js';
import type { Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';

/** How an operation of a `ChaosStorage` misbehaves. */
export type Misbehaviour =
  /** It rejects; `peek` throws. */
  | 'fail'
  /** It never settles; `peek` finds nothing. */
  | 'hang'
  /** It does nothing and says that it did: nothing is found, what is offered is not kept, what is granted is not held. */
  | 'drop'
  /** It is not carried out and answers what no storage may answer: text where an entry should be, `NaN`. */
  | 'lie'
  /** It rejects with this error; `peek` throws it. */
  | { readonly fail: unknown }
  /** It answers this without being carried out. */
  | { readonly answer: unknown }
  /** It is carried out after this long; `peek` finds nothing. */
  | { readonly delay: Duration };

/**
 * An operation of a storage that can misbehave. `renew` and `giveBack` are those of the leases that it grants, `lock` and
 * `unlock` are `acquire` and `release` of its locks.
 */
export type ChaosOperation =
  | 'get'
  | 'getMany'
  | 'peek'
  | 'offer'
  | 'release'
  | 'invalidate'
  | 'set'
  | 'changeMoments'
  | 'clear'
  | 'entries'
  | 'ttl'
  | 'lease'
  | 'renew'
  | 'giveBack'
  | 'lock'
  | 'unlock';

/** Which operations misbehave, and how; those that are not named work. */
export type ChaosPlan = { readonly [operation in ChaosOperation]?: Misbehaviour };

/**
 * A storage that misbehaves as told, in front of one that works: for tests of what happens when a storage is slow,
 * frozen, gone or wrong.
 *
 * ```ts
 * const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { offer: 'fail' });
 * storage.plan = { get: { delay: '2 seconds' } };   // looked at anew by every operation
 * storage.plan = {};                                // all is well again
 * ```
 * It has the abilities of the storage behind it, its `shared`, its `deadline` and its `keepsResources`. An entry that it only
 * claims to have stored has left at once.
 */
export class ChaosStorage implements CacheStorage {
  /** What goes wrong from now on. Operations that hang or wait already are not woken. */
  plan: ChaosPlan;
  readonly shared?: boolean;
  readonly deadline?: number;
  readonly keepsResources?: boolean;
  readonly now?: () => number;
  readonly getMany?: (keys: readonly string[]) => Promise<Answers>;
  readonly ttl?: (key: string) => Awaitable<number | undefined>;
  readonly peek?: (key: string) => CacheEntry | undefined;
  readonly invalidate?: (key: string) => Promise<number | undefined>;
  readonly set?: (key: string, entry: CacheEntry) => Promise<OfferResult>;
  readonly lease?: (key: string, request: LeaseRequest) => Awaitable<LeaseAnswer>;
  readonly lock?: (key: string) => Lock;
  readonly changeMoments?: (key: string, expected: CacheEntry, moments: EntryMoments, now: number) => Promise<boolean>;
  readonly clear?: (scope: string) => Promise<void>;
  readonly entries?: () => AsyncIterable<readonly [key: string, entry: CacheEntry]>;
  readonly [Symbol.asyncDispose]?: () => Promise<void>;
  readonly #inner: CacheStorage;
  readonly #clock: Clock;
  readonly #calls = new Map<ChaosOperation, number>();
  /** The leases of the storage behind, by those that were handed out for them. */
  readonly #leases = new WeakMap<Lease, Lease>();

  /** @param clock - measures delays. */
  constructor(inner: CacheStorage, plan: ChaosPlan = {}, clock: Clock = systemClock) {
    this.#inner = inner;
    this.plan = plan;
    this.#clock = clock;
    if (inner.shared !== undefined) this.shared = inner.shared;
    if (inner.deadline !== undefined) this.deadline = inner.deadline;
    if (inner.keepsResources !== undefined) this.keepsResources = inner.keepsResources;
    // An ability that the storage lacks is left out, not stubbed.
    if (inner.now) this.now = () => inner.now?.() ?? clock.now();
    if (inner.peek) this.peek = (key) => this.#peek(() => inner.peek?.(key));
    if (inner.invalidate) {
      this.invalidate = (key) => this.#run('invalidate', undefined, async () => inner.invalidate?.(key));
    }
    const able = inner as CacheStorage & Required<Pick<CacheStorage, 'getMany' | 'ttl' | 'set' | 'lease' | 'lock'>>;
    if (inner.getMany) {
      this.getMany = (keys) => {
        const nothing = keys.map(() => undefined);
        return this.#run<Answers>('getMany', nothing, () => able.getMany(keys));
      };
    }
    if (inner.ttl) this.ttl = (key) => this.#run('ttl', undefined, async () => able.ttl(key));
    if (inner.set) this.set = (key, entry) => this.#keep('set', entry, () => able.set(key, entry));
    if (inner.lease) this.lease = (key, request) => this.#lease(request, () => able.lease(key, request));
    if (inner.lock) this.lock = (key) => this.#lockOf(able.lock(key));
    if (inner.changeMoments) {
      this.changeMoments = (...args) =>
        this.#run('changeMoments', true, async () => (await inner.changeMoments?.(...args)) ?? false);
    }
    if (inner.clear) this.clear = (scope) => this.#run('clear', undefined, async () => inner.clear?.(scope));
    if (inner.entries) this.entries = () => this.#entries();
    if (inner[Symbol.asyncDispose]) this[Symbol.asyncDispose] = async () => inner[Symbol.asyncDispose]?.();
  }

  get(key: string): Promise<CacheEntry | undefined> {
    return this.#run('get', undefined, () => this.#inner.get(key));
  }

  offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    const held = lease && (this.#leases.get(lease) ?? lease);
    return this.#keep('offer', entry, () => this.#inner.offer(key, entry, held));
  }

  release(key: string): Promise<void> {
    return this.#run('release', undefined, () => this.#inner.release(key));
  }

  /** How often `operation` was called, whatever became of it. */
  calls(operation: ChaosOperation): number {
    return this.#calls.get(operation) ?? 0;
  }

  #keep(operation: 'offer' | 'set', entry: CacheEntry, carryOut: () => Promise<OfferResult>): Promise<OfferResult> {
    const told = this.plan[operation];
    const keeping = this.#run(operation, 'stored', carryOut);
    const claims = told === 'drop' || (typeof told === 'object' && 'answer' in told && told.answer === 'stored');
    if (claims) entry.resource?.left('released');
    return keeping;
  }

  /** @param done - what the operation answers where it only claims to have been carried out. */
  #run<R>(operation: ChaosOperation, done: R, carryOut: () => Promise<R>): Promise<R> {
    this.#count(operation);
    const told = this.plan[operation];
    if (told === undefined) return carryOut();
    if (told === 'fail') return Promise.reject(toldToFail(operation));
    if (told === 'hang') return new Promise(() => {});
    if (told === 'drop') return Promise.resolve(done);
    if (told === 'lie') return Promise.resolve(lies[operation] as R);
    if ('fail' in told) return Promise.reject(told.fail);
    if ('answer' in told) return Promise.resolve(told.answer as R);
    return this.#pause(told.delay).then(carryOut);
  }

  /** Answers at once where the storage behind does and nothing is to go wrong. */
  #lease({ holder }: LeaseRequest, ask: () => Awaitable<LeaseAnswer>): Awaitable<LeaseAnswer> {
    const handOut = (answer: LeaseAnswer): LeaseAnswer =>
      answer.state === 'granted' ? { state: 'granted', lease: this.#leaseOf(answer.lease) } : answer;
    if (this.plan.lease !== undefined) {
      return this.#run('lease', handOut(grantedTo(holder)), async () => handOut(await ask()));
    }
    this.#count('lease');
    const answer = ask();
    return isPromise(answer) ? answer.then(handOut) : handOut(answer);
  }

  #leaseOf(inner: Lease): Lease {
    const lease: Lease = {
      holder: inner.holder,
      failures: inner.failures,
      renew: (time) => this.#run('renew', true, () => inner.renew(time)),
      giveBack: (rest) => this.#run('giveBack', true, () => inner.giveBack(rest)),
    };
    this.#leases.set(lease, inner);
    return lease;
  }

  #lockOf(inner: Lock): Lock {
    return {
      acquire: (timeout) => this.#run('lock', true, () => inner.acquire(timeout)),
      release: () => this.#run('unlock', undefined, () => inner.release()),
    };
  }

  #peek(carryOut: () => CacheEntry | undefined): CacheEntry | undefined {
    this.#count('peek');
    const told = this.plan.peek;
    if (told === undefined) return carryOut();
    if (told === 'fail') throw toldToFail('peek');
    if (told === 'lie') return lies.peek as CacheEntry;
    if (typeof told === 'string') return undefined;
    if ('fail' in told) throw told.fail;
    return 'answer' in told ? (told.answer as CacheEntry) : undefined;
  }

  async *#entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    const nothing: readonly (readonly [string, CacheEntry])[] = [];
    yield* await this.#run<Listing>('entries', nothing, async () => this.#inner.entries?.() ?? nothing);
  }

  #count(operation: ChaosOperation): void {
    this.#calls.set(operation, this.calls(operation) + 1);
  }

  #pause(delay: Duration): Promise<void> {
    const milliseconds = toMilliseconds(delay, { call: 'ChaosStorage', option: 'delay' });
    return new Promise((resolve) => void this.#clock.setTimer(resolve, milliseconds));
  }
}

type Answers = readonly (CacheEntry | Error | undefined)[];

type Listing = AsyncIterable<readonly [string, CacheEntry]> | Iterable<readonly [string, CacheEntry]>;

const lies: Readonly<Record<ChaosOperation, unknown>> = {
  get: 'a lie',
  getMany: 'a lie',
  peek: 'a lie',
  offer: 'a lie',
  release: 'a lie',
  invalidate: NaN,
  set: 'a lie',
  changeMoments: 'a lie',
  clear: 'a lie',
  entries: [['a lie', 'a lie']],
  ttl: NaN,
  lease: 'a lie',
  renew: 'a lie',
  giveBack: 'a lie',
  lock: 'a lie',
  unlock: 'a lie',
};

/** What a storage says that grants a lease and forgets it: nobody holds it. */
function grantedTo(holder: string): LeaseAnswer {
  const isHeld = (): Promise<boolean> => Promise.resolve(false);
  return { state: 'granted', lease: { holder, failures: 0, renew: isHeld, giveBack: isHeld } };
}

function toldToFail(operation: ChaosOperation): Error {
  return new Error(`ChaosStorage was told to fail at ${operation}.`);
}
