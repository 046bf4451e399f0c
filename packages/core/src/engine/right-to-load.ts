import type { CacheEntry } from '../entry/cache-entry.js';
import type { LoadInFlight } from '../loading/load-in-flight.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { Lease } from '../storage/lease.js';
import type { Lock } from '../storage/lock.js';
import { type CancelTimer, type Clock, steadyNow } from '../time/clock.js';
import type { Call } from './call.js';
import type { Reports } from './reports.js';
import type { Offered } from './storage-access.js';

/** What became of a loaded entry. */
export type Published = Offered | { readonly became: 'lost' | 'unled' };

/**
 * What a process loads a key by. It decides whether the entry may be kept, and which of those who joined the load may be
 * answered with it (`LoadInFlight.answersUpTo`). Exactly one of its two methods is called, once.
 */
export interface RightToLoad {
  /** How many loads of the key have failed in a row before this one. */
  readonly failures: number;
  /** Offers the entry to the storage. */
  publish(entry: CacheEntry): Awaitable<Published>;
  /**
   * There is no entry to be kept. Resolves to whether nothing has invalidated the key since the load began.
   * @param rest - milliseconds for which the key is to be left alone.
   */
  giveUp(rest?: number): Promise<boolean>;
}

/** A right among no others: the storage grants no leases, or is not to be asked for them. */
export class UnsharedRight implements RightToLoad {
  readonly failures = 0;
  readonly #call: Call;
  readonly #load: LoadInFlight;
  readonly #clock: Clock;

  constructor(call: Call, load: LoadInFlight, clock: Clock) {
    this.#call = call;
    this.#load = load;
    this.#clock = clock;
  }

  publish(entry: CacheEntry): Awaitable<Published> {
    const { key, access } = this.#call;
    this.#load.answersUpTo = Infinity;
    // Nothing fences such a write.
    return access.offer(key, entry, undefined, tracked(this.#call, this.#clock));
  }

  giveUp(): Promise<boolean> {
    this.#load.answersUpTo = Infinity;
    return Promise.resolve(true);
  }
}

/** No right, only the duty to answer: nobody could say who loads. The value is handed over and not kept. */
export class NoRight implements RightToLoad {
  readonly failures = 0;
  readonly #load: LoadInFlight;

  constructor(load: LoadInFlight) {
    this.#load = load;
  }

  publish(): Published {
    this.#load.answersUpTo = this.#load.began!;
    return { became: 'unled' };
  }

  giveUp(): Promise<boolean> {
    this.#load.answersUpTo = this.#load.began ?? -Infinity;
    return Promise.resolve(false);
  }
}

/** A lease, renewed while the load goes on. */
export class LeasedRight implements RightToLoad {
  readonly #lease: Lease;
  readonly #time: number;
  readonly #call: Call;
  readonly #load: LoadInFlight;
  readonly #clock: Clock;
  #stopTimer: CancelTimer;
  #renewing: Promise<unknown> | undefined;
  #ended = false;

  /** @param time - milliseconds for which the lease was asked. */
  constructor(lease: Lease, time: number, call: Call, load: LoadInFlight, clock: Clock) {
    this.#lease = lease;
    this.#time = time;
    this.#call = call;
    this.#load = load;
    this.#clock = clock;
    this.#stopTimer = this.#renewLater();
    load.onSuperseded = () => {
      this.#ended = true;
      this.#stopTimer();
      call.access.giveBackUnheard(lease);
    };
  }

  get failures(): number {
    return this.#lease.failures;
  }

  publish(entry: CacheEntry): Awaitable<Published> {
    const stopping = this.#stopRenewing();
    return stopping === undefined ? this.#publish(entry) : stopping.then(() => this.#publish(entry));
  }

  #publish(entry: CacheEntry): Awaitable<Published> {
    const { key, access, inFlight, configuration } = this.#call;
    const sent = inFlight.nextTurn();
    // A server keeps the fence; what people write for a process may inherit leases and not look at them.
    const track = configuration.storage.shared === false ? tracked(this.#call, this.#clock) : undefined;
    const offering = access.offer(key, entry, this.#lease, track);
    if (!isPromise(offering)) return this.#published(offering, sent);
    return offering.then(
      (offered) => this.#published(offered, sent),
      (error: unknown) => {
        access.giveBackUnheard(this.#lease);
        throw error;
      },
    );
  }

  #published(offered: Offered, sent: number): Awaitable<Published> {
    if (offered.became === 'stored') {
      this.#load.answersUpTo = sent;
      return offered;
    }
    if (offered.became === 'failed') {
      this.#load.answersUpTo = this.#load.began!;
      this.#call.access.giveBackUnheard(this.#lease);
      return offered;
    }
    return this.#giveBack().then((held) => (offered.became === 'declined' && !held ? { became: 'lost' } : offered));
  }

  async giveUp(rest?: number): Promise<boolean> {
    await this.#stopRenewing();
    return this.#giveBack(rest);
  }

  /** Whether it was held up to then: then nothing has invalidated the key since the load began. */
  async #giveBack(rest?: number): Promise<boolean> {
    const { key, access, inFlight } = this.#call;
    const sent = inFlight.nextTurn();
    const held = await access.giveBack(
      key,
      this.#lease,
      rest === undefined ? undefined : { failures: this.failures + 1, milliseconds: rest },
    );
    this.#load.answersUpTo = held ? sent : (this.#load.began ?? -Infinity);
    return held;
  }

  #renewLater(): CancelTimer {
    const renew = (): void => void (this.#renewing = this.#renew());
    return this.#clock.setTimer(renew, this.#time / 3, { background: true });
  }

  async #renew(): Promise<void> {
    const { key, access } = this.#call;
    // What nobody may join and what will not be kept must not hold others up.
    if (!this.#load.update.isAttached()) await access.renewed().giveBack(key, this.#lease);
    else if ((await access.renewed().renew(key, this.#lease, this.#time)) && !this.#ended) {
      this.#stopTimer = this.#renewLater();
    }
  }

  /** A renewal and the write that ends the lease must not overtake one another. */
  #stopRenewing(): Promise<unknown> | undefined {
    this.#ended = true;
    this.#stopTimer();
    return this.#renewing;
  }
}

/** A right beside a lock of the user's own, which is let go once all is written (mends P14). */
export class LockedRight implements RightToLoad {
  readonly #right: RightToLoad;
  readonly #lock: Lock;
  readonly #key: string;
  readonly #reports: Reports;

  constructor(right: RightToLoad, lock: Lock, key: string, reports: Reports) {
    this.#right = right;
    this.#lock = lock;
    this.#key = key;
    this.#reports = reports;
  }

  get failures(): number {
    return this.#right.failures;
  }

  async publish(entry: CacheEntry): Promise<Published> {
    try {
      return await this.#right.publish(entry);
    } finally {
      letGo(this.#lock, this.#key, this.#reports);
    }
  }

  async giveUp(rest?: number): Promise<boolean> {
    try {
      return await this.#right.giveUp(rest);
    } finally {
      letGo(this.#lock, this.#key, this.#reports);
    }
  }
}

/** Lets the table know of a write until it has landed: an invalidation that comes meanwhile waits for it. */
function tracked({ key, inFlight }: Call, clock: Clock): <R>(write: Promise<R>) => Promise<R> {
  return (write) => inFlight.writing(key, write, steadyNow(clock));
}

/** Nobody waits for a lock to be let go, and that it cannot be is an event. */
export function letGo(lock: Lock, key: string, reports: Reports): void {
  new Promise((settle) => settle(lock.release())).catch((error: unknown) => reports.policyFailed(key, 'lock', error));
}
