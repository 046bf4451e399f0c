import { leaveToNobody } from '../answers.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { judge } from '../entry/demand.js';
import {
  CachedMethodFailedError,
  InvalidCallError,
  LockTimeoutError,
  RecentlyFailedError,
  StorageTimeoutError,
  WaitLimitError,
} from '../errors.js';
import { newHolder } from '../loading/holder.js';
import type { LoadInFlight } from '../loading/load-in-flight.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../storage/lease.js';
import type { Lock } from '../storage/lock.js';
import type { StorageAccess } from './storage-access.js';
import { type CancelTimer, steadyNow } from '../time/clock.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { LoadReason } from './cache-event.js';
import type { CacheSettings, Call } from './call.js';
import type { Judgement } from './judgement.js';
import { presentMoment } from './present-moment.js';
import type { Reports } from './reports.js';
import { LeasedRight, letGo, LockedRight, NoRight, type RightToLoad, UnsharedRight } from './right-to-load.js';
import { WaitLimit } from './wait-limit.js';

/** Who loads: this process by a right, or somebody else, whose entry is there by now. */
export type Elected = { readonly right: RightToLoad } | { readonly entry: CacheEntry };

type Held = Extract<LeaseAnswer, { state: 'held' }>;

/** The longest pause before a waiter asks again, in milliseconds: where it is woken or not urgent, and where it is. */
const longestPauseUnhurried = 1_000;
const longestPause = 80;
const firstPause = 10;
/** By how many milliseconds each that waits in this process makes the pauses of all longer, where they are many. */
const shareOfWaiter = 0.5;
/** How much longer than it was told a lock may take, in milliseconds, until it counts as failed. */
const lockLatency = 1_000;
/** Within how many milliseconds a lock is had that nobody else has. */
const promptly = 20;
/** How often an entry may be replaced by another one that will not do, while the lease is asked for. */
const mostReplacements = 8;
/** How long after the end of a lease a waiter asks, at most, in milliseconds: so that not all come at once. */
const spread = 20;

/** One load that is to be begun: for which call, why, and what that call has found. */
export interface Candidacy {
  readonly call: Call;
  readonly load: LoadInFlight;
  readonly reason: LoadReason;
  /** The entry that will not do; `undefined` if there was none. */
  readonly found: CacheEntry | undefined;
}

/** What a candidate asks the storage, again and again. */
interface Inquiry {
  holder: string;
  seen: LeaseRequest['seen'];
  access: StorageAccess;
  /** The turn in which it asked last. */
  sent: number;
}

/**
 * Decides which process loads a key, among all that share the storage. Whoever is not elected waits for the entry of the
 * one that is, and is elected itself when there will be none.
 */
export class Election {
  readonly #settings: CacheSettings;
  readonly #judgement: Judgement;
  readonly #reports: Reports;

  constructor(settings: CacheSettings, judgement: Judgement, reports: Reports) {
    this.#settings = settings;
    this.#judgement = judgement;
    this.#reports = reports;
  }

  /** Whether the storage is asked before a load, so that its clock is known by then. */
  asks(storage: CacheStorage): boolean {
    return this.#settings.coordination.coordination === 'lease' && storage.lease !== undefined;
  }

  /**
   * At once where there is nothing to wait for.
   *
   * @throws, or rejects with, `CachedMethodFailedError` where the key rests after failures, or where the wait was too long for
   * a caller who does not want to compute; with `LoadAbandonedError` when nobody needs the load any more.
   */
  elect(candidacy: Candidacy): Awaitable<Elected> {
    const lock = this.#lockOf(candidacy.call);
    return lock === undefined ? this.#electByLease(candidacy) : this.#electByLock(candidacy, lock);
  }

  #lockOf({ key, configuration: { storage } }: Call): Lock | undefined {
    const { lock, coordination } = this.#settings.coordination;
    if (lock === null) return undefined;
    try {
      if (lock !== undefined) return lockIn(lock(key));
      return coordination === 'lease' && storage.lease === undefined ? storage.lock?.(key) : undefined;
    } catch (error) {
      this.#reports.policyFailed(key, 'lock', error);
      return undefined;
    }
  }

  /** The lock decides; what it cannot do, keep a late write out, the lease does beside it. */
  async #electByLock(candidacy: Candidacy, lock: Lock): Promise<Elected> {
    const { key } = candidacy.call;
    const acquired = await this.#acquire(candidacy, lock);
    if (acquired === 'failed') return this.#electByLease(candidacy);
    if (acquired === 'too late') return this.#afterTheLimit(candidacy);
    try {
      const elected = (await this.#lookAgain(candidacy)) ?? (await this.#electByLease(candidacy));
      if ('right' in elected) return { right: new LockedRight(elected.right, lock, key, this.#reports) };
      letGo(lock, key, this.#reports);
      return elected;
    } catch (error) {
      letGo(lock, key, this.#reports);
      throw error;
    }
  }

  async #acquire({ call, load, reason }: Candidacy, lock: Lock): Promise<'acquired' | 'too late' | 'failed'> {
    const { key } = call;
    const limit = this.#waitLimitOf(call);
    const { clock } = this.#settings;
    const stopWatching = this.#tellWhenItTakesLong(call);
    const acquiring = new Promise<boolean>((settle) => settle(lock.acquire(limit)));
    const letGoWhenLate = (): void =>
      void acquiring.then((acquired) => acquired && letGo(lock, key, this.#reports)).catch(() => undefined);
    try {
      const deadline = {
        milliseconds: limit + lockLatency,
        operation: 'acquire',
        clock,
        background: reason === 'stale',
      };
      const acquired = await Promise.race([withinDeadline(deadline, () => acquiring), abandonment(load)]);
      return acquired ? 'acquired' : 'too late';
    } catch (error) {
      letGoWhenLate();
      load.throwIfAbandoned();
      this.#reports.policyFailed(
        key,
        'lock',
        StorageTimeoutError.isInstance(error) ? new LockTimeoutError(limit) : error,
      );
      return 'failed';
    } finally {
      stopWatching();
    }
  }

  /** Whether a lock is held by somebody else does not show; that it is not had at once does. */
  #tellWhenItTakesLong({ onWait }: Call): CancelTimer {
    if (onWait === undefined) return doNothing;
    return this.#settings.clock.setTimer(onWait, promptly, { background: true });
  }

  /** What has been stored while the lock was waited for (mends P14). */
  async #lookAgain({ call, load, reason }: Candidacy): Promise<Elected | undefined> {
    if (reason === 'forced' || this.#isAbsent(call)) return undefined;
    const sent = call.inFlight.nextTurn();
    const found = await call.access.get(call.key);
    if (found === undefined) return undefined;
    const entry = await this.#judgement.anew(call.key, found, call.configuration);
    if (!this.#serves(entry, call, reason)) return undefined;
    load.answersUpTo = sent;
    return { entry };
  }

  #electByLease(candidacy: Candidacy): Awaitable<Elected> {
    const { call, load, reason, found } = candidacy;
    const { key, inFlight } = call;
    const { clock } = this.#settings;
    const { storage, entryBuilder } = call.configuration;
    if (!this.asks(storage)) return { right: new UnsharedRight(call, load, clock) };
    // What is never served from the cache need not be kept, and nobody has to wait for it.
    if (entryBuilder.expireAfter === 0 && storage.shared !== false && !this.#keepsForFailures) {
      return { right: new NoRight(load) };
    }
    const rest = reason === 'forced' ? undefined : inFlight.rests.of(key);
    if (rest !== undefined) throw recentlyFailed(key, rest.failures, Math.max(0, rest.until - steadyNow(clock)));
    const seen = reason === 'forced' ? 'any' : found;
    const inquiry: Inquiry = { holder: newHolder(), seen, access: call.access, sent: 0 };
    const answer = this.#ask(candidacy, inquiry);
    if (!isPromise(answer) && answer?.state === 'granted') return { right: this.#rightBy(answer.lease, candidacy) };
    return this.#follow(candidacy, inquiry, answer);
  }

  /** Whether something is to be kept that is served only where loads fail. */
  get #keepsForFailures(): boolean {
    const { negative, staleIfError } = this.#settings.failure;
    return negative !== undefined || staleIfError > 0;
  }

  #ask({ call }: Candidacy, inquiry: Inquiry): Awaitable<LeaseAnswer | undefined> {
    // Before it asks: an answer from before an absence ended may be what that hides.
    if (this.#isAbsent(call)) inquiry.seen = 'any';
    const { holder, seen, access } = inquiry;
    inquiry.sent = call.inFlight.nextTurn();
    return access.lease(call.key, { holder, seen, time: this.#settings.coordination.leaseTime });
  }

  #rightBy(lease: Lease, { call, load }: Candidacy): RightToLoad {
    return new LeasedRight(lease, this.#settings.coordination.leaseTime, call, load, this.#settings.clock);
  }

  async #follow(
    candidacy: Candidacy,
    inquiry: Inquiry,
    firstAnswer: Awaitable<LeaseAnswer | undefined>,
  ): Promise<Elected> {
    const { call, reason } = candidacy;
    const limit = new WaitLimit(this.#waitLimitOf(call), this.#settings.clock, reason === 'stale');
    try {
      return await this.#askUntil(limit, candidacy, inquiry, firstAnswer);
    } finally {
      limit.end();
    }
  }

  /** Asks until there is a lease, or an entry, or no hope of either. */
  async #askUntil(
    limit: WaitLimit,
    candidacy: Candidacy,
    inquiry: Inquiry,
    firstAnswer: Awaitable<LeaseAnswer | undefined>,
  ): Promise<Elected> {
    const { call, load, reason } = candidacy;
    const { clock } = this.#settings;
    let heldUntil = -Infinity;
    let answer = await firstAnswer;
    for (let pauses = 0, replaced = 0; ; answer = await this.#ask(candidacy, inquiry)) {
      if (answer === undefined && steadyNow(clock) < heldUntil) {
        // A storage that fails has not said that the other process does not load any more: its lease may go on. What the
        // question may still bring is given back when it comes, so that the next one is another holder's.
        answer = { state: 'held', remaining: heldUntil - steadyNow(clock) };
        inquiry.holder = newHolder();
      }
      if (answer === undefined) return { right: new NoRight(load) };
      if (answer.state === 'granted') return { right: this.#rightBy(answer.lease, candidacy) };
      if (answer.state === 'resting') throw this.#resting(call, answer.failures, answer.remaining);
      if (answer.state === 'present') {
        const entry = await this.#judgement.anew(call.key, answer.entry, call.configuration);
        // After a wait it is what was waited for, and handed over as to anybody else who joined.
        const willDo = limit.hasBegun ? wasAwaited(entry, call) : this.#serves(entry, call, reason);
        if (willDo && !this.#isAbsent(call)) {
          load.answersUpTo = inquiry.sent;
          return { entry };
        }
        if (replaced === mostReplacements) return { right: new NoRight(load) };
        inquiry.seen = answer.entry;
        replaced++;
        continue;
      }
      if (!limit.hasBegun) {
        this.#reports.waiting(call.key, reason, answer.remaining);
        call.onWait?.();
      }
      limit.begin();
      heldUntil = steadyNow(clock) + answer.remaining;
      await this.#pause(candidacy, answer, limit, pauses++);
      if (limit.isReached) return this.#afterTheLimit(candidacy);
      inquiry.access = call.access.renewed();
    }
  }

  #serves(entry: CacheEntry, call: Call, reason: LoadReason): boolean {
    if (this.#isAbsent(call)) return false;
    const judged = judge(entry, presentMoment(this.#settings.clock, call.configuration.storage), call.demand);
    return reason === 'stale' ? judged === 'fresh' : judged !== 'expired';
  }

  #isAbsent({ key, inFlight }: Call): boolean {
    return inFlight.absences.includes(key);
  }

  #resting({ key, inFlight }: Call, failures: number, remaining: number): CachedMethodFailedError {
    const { clock, coordination } = this.#settings;
    // Whatever others have written there: after a lease one may ask again.
    const rest = Math.min(remaining, coordination.leaseTime);
    inFlight.rests.note(key, failures, rest, clock);
    return recentlyFailed(key, failures, rest);
  }

  #waitLimitOf({ configuration }: Call): number {
    return this.#settings.coordination.waitLimit ?? configuration.methodTimeout;
  }

  /** Waits until it is worth asking again: somebody says so, the lease has ended, or the pause or all waiting is over. */
  async #pause(candidacy: Candidacy, { remaining, watch }: Held, limit: WaitLimit, pauses: number): Promise<void> {
    const { call, load, reason } = candidacy;
    let stopListening!: () => void;
    let stopTimer!: () => void;
    call.inFlight.waits++;
    try {
      await new Promise<void>((resolve, reject) => {
        const pause = pauseBefore(candidacy, remaining, watch !== undefined, pauses);
        stopTimer = this.#settings.clock.setTimer(resolve, pause, { background: reason === 'stale' });
        stopListening = load.onAbandoned(reject);
        watch?.changed.then(() => resolve(), doNothing);
        limit.onReached(resolve);
        // What nobody waited for was not urgent.
        load.onJoined = resolve;
        if (limit.isReached) resolve();
      });
    } finally {
      call.inFlight.waits--;
      stopTimer();
      stopListening();
      watch?.stop();
    }
  }

  /** Somebody else still loads, and this call has waited for as long as it may. */
  async #afterTheLimit({ call, load, reason, found }: Candidacy): Promise<Elected> {
    const { onWaitLimit } = this.#settings.coordination;
    // A refresh behind callers' backs is not worth a second load; who has joined it meanwhile looks again.
    if (reason === 'stale') return { entry: found! };
    if (onWaitLimit === 'throw') {
      load.waitedInVainFor = this.#waitLimitOf(call);
      throw new CachedMethodFailedError(call.key, new WaitLimitError(call.key, this.#waitLimitOf(call)));
    }
    if (onWaitLimit === 'stale' && reason === 'miss' && !this.#isAbsent(call)) {
      const sent = call.inFlight.nextTurn();
      const entry = await call.access.renewed().get(call.key);
      if (entry !== undefined && entry.failed !== true && !this.#isAbsent(call)) {
        load.answersUpTo = sent;
        load.waitedInVainFor = this.#waitLimitOf(call);
        return { entry };
      }
    }
    return { right: new NoRight(load) };
  }
}

/** Whether an entry that has come meanwhile may be handed over, though it may have expired again by now. */
function wasAwaited(entry: CacheEntry, { askedAt, demand }: Call): boolean {
  return judge(entry, askedAt, demand) !== 'expired';
}

function lockIn(lock: unknown): Lock {
  const { acquire, release } = Object(lock) as Partial<Lock>;
  if (typeof acquire === 'function' && typeof release === 'function') return lock as Lock;
  leaveToNobody(lock);
  throw new InvalidCallError(`The option 'lock'`, `a Lock with acquire and release for a key`, lock);
}

function recentlyFailed(key: string, failures: number, remaining: number): CachedMethodFailedError {
  return new CachedMethodFailedError(key, new RecentlyFailedError(key, failures, remaining));
}

/** For how many milliseconds a waiter pauses before it asks again, if nobody wakes it. */
function pauseBefore({ call, load, reason }: Candidacy, remaining: number, isWoken: boolean, pauses: number): number {
  // Nobody is kept waiting by a refresh in the background.
  const isUrgent = !isWoken && (reason !== 'stale' || load.isJoined);
  const longest = isUrgent ? Math.max(longestPause, call.inFlight.waits * shareOfWaiter) : longestPauseUnhurried;
  const growing = isUrgent
    ? Math.min(longest, Math.max(firstPause, call.inFlight.waits * shareOfWaiter) * 1.5 ** pauses)
    : longest;
  // A remaining time that is none must not make it ask without a pause.
  const untilItsEnd = remaining > 0 ? remaining + Math.random() * spread : longest;
  return Math.max(1, Math.min(growing * (0.5 + Math.random() / 2), untilItsEnd));
}

/** Rejects when nobody needs the load any more. */
function abandonment(load: LoadInFlight): Promise<never> {
  return new Promise((_resolve, reject) => load.onAbandoned(reject));
}

function doNothing(): void {
  // A watch that fails is one that never tells.
}
