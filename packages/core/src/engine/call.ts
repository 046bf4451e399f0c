import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import type { Demand } from '../entry/demand.js';
import type { Demands } from '../entry/demands.js';
import type { EarlyRefresh } from '../entry/early-refresh.js';
import type { ExpirationPolicy } from '../expiration/expiration.js';
import type { LoadInFlight } from '../loading/load-in-flight.js';
import type { LoadsInFlight } from '../loading/loads-in-flight.js';
import type { RetryPolicy } from '../loading/retry.js';
import type { RetryPause } from '../loading/retry-pause.js';
import type { UpdateStatuses } from '../loading/update-statuses.js';
import type { ResourcePolicy } from '../resources/resource-policy.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Lock } from '../storage/lock.js';
import type { Clock } from '../time/clock.js';
import type { CacheEventListener } from './cache-event.js';
import type { StorageAccess } from './storage-access.js';

/** How processes that share a storage decide who loads. Durations are in milliseconds. */
export interface CoordinationSettings {
  /** `none`: every process loads for itself, and nothing keeps a late write out. */
  readonly coordination: 'lease' | 'none';
  /** For how long a lease is asked for; it is renewed at a third of that. */
  readonly leaseTime: number;
  /** How long a call waits for another process's load; `undefined`: as long as a load may take. */
  readonly waitLimit: number | undefined;
  readonly onWaitLimit: 'compute' | 'throw' | 'stale';
  /** Decides who loads instead of the lease, which then is the fence only; `null`: not even the storage's own lock. */
  readonly lock: ((key: string) => Lock) | null | undefined;
}

/** What becomes of a load that fails. */
export interface FailureSettings {
  /** Whether and when it is tried again; `undefined`: it is not. */
  readonly retry: RetryPolicy | undefined;
  /** How failures are remembered; `undefined`: they are not. */
  readonly negative: NegativeSettings | undefined;
  /** For how many milliseconds beyond its expiry an entry is served where the load fails. */
  readonly staleIfError: number;
}

/** How failures are remembered. */
export interface NegativeSettings {
  readonly expiration: ExpirationPolicy;
  /** Whether a failure is worth being remembered. */
  readonly when: (error: unknown) => boolean;
  /** Whether callers get it thrown, or as the value. */
  readonly as: 'throw' | 'value';
}

/** What a cache is made of beside its configuration; settled when wrapping. */
export interface CacheSettings {
  /** Name of the function, for events and messages. */
  readonly name: string;
  readonly clock: Clock;
  /** Whether the storage was made for this function alone. */
  readonly ownStorage: boolean;
  /** Whether callers get a failure wrapped in `CachedMethodFailedError`, or what the function threw. */
  readonly errors: 'wrapped' | 'original';
  readonly onStorageError: 'bypass' | 'throw';
  readonly coordination: CoordinationSettings;
  readonly failure: FailureSettings;
  /** Asked at each call whether the cache is used at all; `undefined`: always. */
  readonly enabled: (() => boolean) | undefined;
  /** After how many milliseconds expired entries are looked for again, to be removed; `undefined`: never. */
  readonly removeExpiredEvery: number | undefined;
  /** Makes what takes charge of what values keep open, and reports its failures; `undefined`: nobody does. */
  readonly resources: ((report: (key: string, error: unknown) => void) => ResourcePolicy) | undefined;
  readonly earlyRefresh: EarlyRefresh | undefined;
  /** What calls demand of entries where they do not say so themselves; `undefined`: nothing. */
  readonly demands: Demands | undefined;
  readonly onEvent?: CacheEventListener | undefined;
  readonly updateStatuses?: UpdateStatuses | undefined;
}

/** What the loads of many keys wait in together: those that somebody waits for, and those that nobody does. */
interface RetryPauses {
  readonly awaited: RetryPause;
  readonly background: RetryPause;
}

/** What a caller asks for, whichever door it came through. */
export interface Question {
  readonly key: string;
  /** What is called if it has to be loaded. */
  readonly load: () => unknown;
  readonly demand: Demand | undefined;
  /** Whether the cache is off for it: it is answered by a load of its own, and nothing is read or kept. */
  readonly isUncached?: boolean | undefined;
  /** Where it is looked for, instead of the storage itself. */
  readonly reads?: Pick<CacheStorage, 'get'> | undefined;
  /** What its load waits in before it is tried again, together with others; left out: alone. */
  readonly pauses?: RetryPauses | undefined;
  /** Called when it begins to wait for a load that is not its own. */
  readonly onWait?: (() => void) | undefined;
}

/** One call on its slow way, and all it needs: its configuration is the one that stood when it came. */
export interface Call extends Question {
  readonly configuration: CacheConfiguration;
  readonly inFlight: LoadsInFlight;
  access: StorageAccess;
  /** When it came, by the clock that the storage's entries are judged by. */
  readonly askedAt: number;
  /** The turn in which it came, or looked for what it is to be answered with (`LoadsInFlight.turn`). */
  asked: number;
  /** What it has found and will not do, unless the load fails. */
  found: CacheEntry | undefined;
  /** Ends the caller's wait. */
  readonly signal: AbortSignal | undefined;
  /** Whether it has been counted as a hit, a miss or a join: each call is one of them once. */
  counted: boolean;
  /** Whether it has joined a load that was in flight when it came. */
  hasJoined: boolean;
  /** The load that it waits for. */
  waitsFor: LoadInFlight | undefined;
}
