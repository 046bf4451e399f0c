import type { CacheEntry } from '../entry/cache-entry.js';
import { slotsOf } from '../entry/entry-slot.js';
import { isEntry } from '../entry/is-entry.js';
import {
  describe,
  InvalidCallError,
  MissingAbilityError,
  StorageFailedError,
  UnreadableEntryError,
  UnstorableValueError,
} from '../errors.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage, OfferResult } from '../storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseRest, LeaseWatch } from '../storage/lease.js';
import { type Clock, steadyNow } from '../time/clock.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { Reports } from './reports.js';

/** What a storage may take of one call where it does not say so itself, in milliseconds. */
const defaultDeadline = 500;

/** How time is told, and what a failure of the storage means for the call. */
export interface StorageFaultPolicy {
  readonly clock: Clock;
  /** `bypass`: only the event tells; `throw`: the call fails, too. */
  readonly onStorageError: 'bypass' | 'throw';
}

/**
 * How much longer than its deadline a look at many keys may take, in milliseconds. The storage ends it in time by itself, with
 * what some of its servers have answered, which would be lost if that were not waited for.
 */
const patienceWithMany = 100;

/** What became of an entry that a call offered. */
export type Offered =
  | { readonly became: 'stored' | 'declined' }
  | {
      readonly became: 'failed';
      /** The write that was given up, and may still be carried out. */
      readonly write?: Promise<OfferResult> | undefined;
    }
  | { readonly became: 'unstorable'; readonly error: Error };

const stored: Offered = { became: 'stored' };
const declined: Offered = { became: 'declined' };

/**
 * One call's way to the storage. It has one deadline for the whole call, and after the first failure it leaves the
 * storage alone: a dead storage costs a call once (DESIGN §3, "failed storage").
 */
export class StorageAccess {
  readonly #storage: CacheStorage;
  readonly #policy: StorageFaultPolicy;
  readonly #reports: Reports;
  /** Milliseconds that this call may still spend on the storage. */
  #left: number;
  #failed = false;
  readonly #background: boolean;
  readonly #reads: Pick<CacheStorage, 'get'>;

  /**
   * @param awaited - whether a caller waits for it; what goes on in the background keeps no process alive.
   * @param reads - where entries are looked for, if not in the storage itself.
   */
  constructor(
    storage: CacheStorage,
    policy: StorageFaultPolicy,
    reports: Reports,
    awaited: 'awaited' | 'background' = 'awaited',
    reads: Pick<CacheStorage, 'get'> = storage,
  ) {
    this.#storage = storage;
    this.#reads = reads;
    this.#background = awaited === 'background';
    this.#policy = policy;
    this.#reports = reports;
    this.#left = deadlineOf(storage);
  }

  /** Whether the storage has failed this call. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /**
   * Goes on after a first look that was taken without it.
   *
   * @param spent - how many milliseconds that took.
   */
  resumeAfter(spent: number): void {
    this.#left = Math.max(0, this.#left - spent);
  }

  /** The same way for another look, after a wait that was not the storage's: with the whole deadline again. */
  renewed(): StorageAccess {
    return new StorageAccess(this.#storage, this.#policy, this.#reports, this.#background ? 'background' : 'awaited');
  }

  /** The way that a call goes on by after it has waited for somebody else's load; still none to a storage that failed it. */
  afterWait(): StorageAccess {
    return this.#failed ? this : this.renewed();
  }

  /**
   * The entry under `key`; `undefined` also for what cannot be read, and when the storage fails. Not an `async` function: it is
   * most of what a hit of a shared storage costs here.
   */
  get(key: string): Promise<CacheEntry | undefined> {
    if (this.#failed) return Promise.resolve(undefined);
    const started = this.#started();
    // What is looked for together with others costs their time, too.
    const spend = (): void => (this.#reads === this.#storage ? this.#spend(started) : undefined);
    return this.#look(key).then(
      (answer) => {
        spend();
        return this.entryIn(key, answer);
      },
      (error: unknown) => {
        spend();
        this.noteFailedLook(key, error);
        return undefined;
      },
    );
  }

  /** The entry in what the storage has answered; `undefined` also for what is none, which is an event. */
  entryIn(key: string, answer: unknown): CacheEntry | undefined {
    if (answer === undefined || answer === null) return undefined;
    if (isEntry(answer)) return answer;
    const what = `the storage answered ${describe(answer)}, no entry.`;
    this.noteFailedLook(key, new UnreadableEntryError(key, what));
    return undefined;
  }

  /** Notes that a look has failed. @throws StorageFailedError for those who asked for that. */
  noteFailedLook(key: string, error: unknown): void {
    if (UnreadableEntryError.isInstance(error)) this.#reports.unreadable(key, error);
    else this.#reportFailure('get', key, error);
  }

  /** What the storage says to a request for a lease, at once if it does; `undefined` when it fails. */
  lease(key: string, request: LeaseRequest): Awaitable<LeaseAnswer | undefined> {
    if (this.#failed) return undefined;
    let asking: Awaitable<LeaseAnswer>;
    try {
      asking = this.#storage.lease!(key, request);
      // Nobody but the storage of this process has slots, and its answers are known to be some.
      if (!isPromise(asking)) return slotsOf(this.#storage) === undefined ? verified(asking) : asking;
    } catch (error) {
      this.#reportFailure('lease', key, error);
      return undefined;
    }
    return this.#leaseInTime(key, asking);
  }

  async #leaseInTime(key: string, asking: PromiseLike<LeaseAnswer>): Promise<LeaseAnswer | undefined> {
    try {
      return verified(await this.#inTime('lease', () => asking));
    } catch (error) {
      // What is granted when nobody waits for it any more would keep others from loading.
      asking.then(giveBackLate).then(undefined, () => undefined);
      this.#reportFailure('lease', key, error);
      return undefined;
    }
  }

  /** Resolves to whether the lease is still held; to `true` also where that cannot be known now. */
  async renew(key: string, lease: Lease, time: number): Promise<boolean> {
    try {
      return await this.#inTime('renew', () => lease.renew(time));
    } catch (error) {
      this.#count('renew', key, error);
      return true;
    }
  }

  /** Resolves to whether the lease was held up to now. A failure is an event only: the lease ends by itself. */
  async giveBack(key: string, lease: Lease, rest?: LeaseRest): Promise<boolean> {
    if (this.#failed) return false;
    try {
      return await this.#inTime('giveBack', () => lease.giveBack(rest));
    } catch (error) {
      this.#failed = true;
      this.#count('giveBack', key, error);
      return false;
    }
  }

  /** The same for a call that has had its failure already: what becomes of it is nobody's concern here. */
  giveBackUnheard(lease: Lease): void {
    new Promise((settle) => settle(lease.giveBack())).catch(() => undefined);
  }

  /**
   * At once where the storage answers at once.
   *
   * @param lease - under which it is offered.
   * @param track - is handed the write itself, which may go on after this call has given it up.
   */
  offer(
    key: string,
    entry: CacheEntry,
    lease: Lease | undefined,
    track: <R>(write: Promise<R>) => Promise<R> = untracked,
  ): Awaitable<Offered> {
    if (this.#failed) return { became: 'failed' };
    const slots = slotsOf(this.#storage);
    if (slots === undefined) return this.#offerInTime(key, entry, lease, track);
    return slots.offer(key, entry, lease) === 'declined' ? declined : stored;
  }

  async #offerInTime(
    key: string,
    entry: CacheEntry,
    lease: Lease | undefined,
    track: <R>(write: Promise<R>) => Promise<R>,
  ): Promise<Offered> {
    let write: Promise<OfferResult> | undefined;
    try {
      const result = await this.#inTime('offer', () => (write = track(this.#storage.offer(key, entry, lease))));
      return result === 'declined' ? declined : stored;
    } catch (error) {
      if (UnstorableValueError.isInstance(error)) return { became: 'unstorable', error };
      this.#reportFailure('offer', key, error);
      return { became: 'failed', write };
    }
  }

  /** Resolves to whether the storage let `key` go. A failure never reaches the call that needed the room. */
  async release(key: string): Promise<boolean> {
    try {
      await this.#inTime('release', () => this.#storage.release(key));
      return true;
    } catch (error) {
      this.#count('release', key, error);
      return false;
    }
  }

  #reportFailure(operation: string, key: string, cause: unknown): void {
    this.#failed = true;
    const error = this.#count(operation, key, cause);
    if (this.#policy.onStorageError === 'throw') throw error;
  }

  #count(operation: string, key: string, cause: unknown): Error {
    const error = asStorageFailure(operation, key, cause);
    this.#reports.storageFailed(key, operation, error);
    return error;
  }

  #look(key: string): Promise<unknown> {
    if (this.#reads === this.#storage) return this.#withinDeadline(this.#left, 'get', () => this.#storage.get(key));
    // Of many keys the slowest server has the last: that must not be charged to the keys of the others.
    return this.#withinDeadline(this.#left + patienceWithMany, 'get', () => this.#reads.get(key));
  }

  async #inTime<R>(operation: string, attempt: () => PromiseLike<R>): Promise<R> {
    const started = this.#started();
    try {
      return await this.#withinDeadline(this.#left, operation, attempt);
    } finally {
      this.#spend(started);
    }
  }

  /** When something begins that the deadline is for; where there is none, nothing is measured. */
  #started(): number {
    return this.#left === Infinity ? 0 : steadyNow(this.#policy.clock);
  }

  #spend(started: number): void {
    if (this.#left !== Infinity) this.#left = Math.max(0, this.#left - (steadyNow(this.#policy.clock) - started));
  }

  #withinDeadline<R>(milliseconds: number, operation: string, attempt: () => PromiseLike<R>): Promise<R> {
    const { clock } = this.#policy;
    return withinDeadline({ milliseconds, operation, clock, background: this.#background }, attempt);
  }
}

/** How long an operation may take, if not as long as the storage says, and whether somebody waits for it. */
interface Insistence {
  readonly milliseconds?: number;
  readonly by?: 'awaited' | 'background';
}

/**
 * Runs an operation that was asked for by name, such as `delete`: it has the storage's deadline, and says so when it
 * could not be carried out.
 *
 * @throws StorageFailedError
 */
export async function insist<R>(
  storage: CacheStorage,
  clock: Clock,
  operation: string,
  key: string | undefined,
  attempt: () => Promise<R>,
  { milliseconds = deadlineOf(storage), by = 'awaited' }: Insistence = {},
): Promise<R> {
  try {
    return await withinDeadline({ milliseconds, operation, clock, background: by === 'background' }, attempt);
  } catch (error) {
    throw asStorageFailure(operation, key, error);
  }
}

/** The entry of `key`; none where what is there cannot be read, which is no reason to leave it there. */
export async function readableEntry(storage: CacheStorage, key: string): Promise<CacheEntry | undefined> {
  try {
    const answer: unknown = await storage.get(key);
    return isEntry(answer) ? answer : undefined;
  } catch (error) {
    if (UnreadableEntryError.isInstance(error)) return undefined;
    throw error;
  }
}

/** What a storage may take of one call, in milliseconds: one that states no sensible deadline has the usual one. */
export function deadlineOf({ deadline }: CacheStorage): number {
  return typeof deadline === 'number' && deadline >= 0 ? deadline : defaultDeadline;
}

/** Anybody may write a storage: what is no answer to a request for a lease is a fault of it. */
function verified(answer: LeaseAnswer): LeaseAnswer {
  if (isLeaseAnswer(answer)) return answer;
  throw new InvalidCallError('CacheStorage.lease', 'an answer with a state of a lease, and its parts', answer);
}

function isLeaseAnswer(answer: unknown): boolean {
  const { state, ...parts } = Object(answer) as Readonly<Record<string, unknown>>;
  const { entry, lease, remaining, failures, watch } = parts;
  switch (state) {
    case 'granted':
      return hasMethods(lease, 'renew', 'giveBack');
    case 'present':
      return isEntry(entry);
    case 'held':
      return Number.isFinite(remaining) && (watch === undefined || isWatch(watch));
    default:
      return state === 'resting' && Number.isFinite(remaining) && Number.isFinite(failures);
  }
}

function isWatch(watch: unknown): boolean {
  return hasMethods(watch, 'stop') && isPromise((watch as Partial<LeaseWatch>).changed);
}

function hasMethods(value: unknown, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof (Object(value) as Readonly<Record<string, unknown>>)[method] === 'function');
}

function untracked<R>(write: Promise<R>): Promise<R> {
  return write;
}

async function giveBackLate(answer: LeaseAnswer): Promise<void> {
  if (answer.state === 'granted') await answer.lease.giveBack();
  if (answer.state === 'held') answer.watch?.stop();
}

function asStorageFailure(operation: string, key: string | undefined, cause: unknown): Error {
  // What a storage cannot do at all, or with no such value, is no failure of it.
  if (StorageFailedError.isInstance(cause) || MissingAbilityError.isInstance(cause)) return cause;
  if (UnstorableValueError.isInstance(cause)) return cause;
  return new StorageFailedError(operation, key, cause);
}
