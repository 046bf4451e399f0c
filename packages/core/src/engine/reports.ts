import type { CacheEntry } from '../entry/cache-entry.js';
import { plainEntry } from '../entry/in-memory-entry.js';
import { PolicyFailedError } from '../errors.js';
import type { CacheEvent, CacheEventListener, LoadReason, PolicyAtFault } from './cache-event.js';
import { newStatistics } from './statistics.js';
import { warn } from './warning.js';

/** An event as the engine writes it: the name is added when it is told. */
type Unnamed<E> = E extends unknown ? Omit<E, 'name'> : never;

/**
 * Counts what happens and tells the listener, in one step, so that `cacheInfo()` and the events agree.
 *
 * Where nobody listens no event is made, and each kind of fault is said once as a process warning.
 */
export class Reports {
  readonly statistics = newStatistics();
  readonly #name: string;
  readonly #listener: CacheEventListener | undefined;
  readonly #faultsSaid = new Set<string>();

  constructor(name: string, listener: CacheEventListener | undefined) {
    this.#name = name;
    this.#listener = listener;
  }

  /** Whether somebody listens. */
  get isHeard(): boolean {
    return this.#listener !== undefined;
  }

  hit(key: string, entry: CacheEntry): void {
    this.statistics.hits++;
    if (this.#listener !== undefined) this.#tell({ type: 'hit', key, entry: plainEntry(entry) });
  }

  staleServed(key: string, entry: CacheEntry): void {
    this.statistics.hits++;
    this.statistics.staleHits++;
    if (this.#listener !== undefined) this.#tell({ type: 'stale-served', key, entry: plainEntry(entry) });
  }

  miss(key: string): void {
    this.statistics.misses++;
    if (this.#listener !== undefined) this.#tell({ type: 'miss', key });
  }

  join(key: string): void {
    this.statistics.joins++;
    if (this.#listener !== undefined) this.#tell({ type: 'join', key });
  }

  loadStarted(key: string, reason: LoadReason): void {
    this.statistics.loads++;
    if (this.#listener !== undefined) this.#tell({ type: 'load-started', key, reason });
  }

  loadEnded(key: string, reason: LoadReason, duration: number): void {
    if (this.#listener !== undefined) this.#tell({ type: 'load-ended', key, reason, duration });
  }

  loadFailed(key: string, reason: LoadReason, duration: number, error: Error): void {
    this.statistics.failures++;
    if (this.#listener !== undefined) this.#tell({ type: 'load-failed', key, reason, duration, error });
  }

  retry(key: string, attempt: number, delay: number, error: unknown): void {
    this.statistics.retries++;
    if (this.#listener !== undefined) this.#tell({ type: 'retry', key, attempt, delay, error });
  }

  staleIfError(key: string, entry: CacheEntry, error: Error): void {
    this.statistics.staleIfErrors++;
    if (this.#listener !== undefined) this.#tell({ type: 'stale-if-error', key, entry: plainEntry(entry), error });
  }

  /** A load ended well; it counts as a refresh unless it answered a miss. */
  refreshed(key: string, reason: LoadReason, entry: CacheEntry): void {
    if (reason === 'miss') return;
    this.statistics.refreshes++;
    if (this.#listener !== undefined) this.#tell({ type: 'refreshed', key, entry: plainEntry(entry) });
  }

  /** A forced refresh rejects to its caller as well; of one in the background nobody else would hear. */
  refreshFailed(key: string, reason: LoadReason, error: Error): void {
    if (reason === 'miss') return;
    this.statistics.refreshFailures++;
    if (reason === 'stale') this.#tellFault({ type: 'refresh-failed', key, error });
    else this.#tell({ type: 'refresh-failed', key, error });
  }

  evicted(key: string): void {
    this.statistics.evictions++;
    this.#tell({ type: 'evicted', key });
  }

  invalidated(key: string): void {
    this.statistics.invalidations++;
    this.#tell({ type: 'invalidated', key });
  }

  set(key: string, entry: CacheEntry): void {
    this.#tell({ type: 'set', key, entry: plainEntry(entry) });
  }

  cleared(scope: string): void {
    this.#tell({ type: 'cleared', key: scope });
  }

  waiting(key: string, reason: LoadReason, remaining: number): void {
    if (this.#listener !== undefined) this.#tell({ type: 'waiting', key, reason, remaining });
  }

  declined(key: string, why: 'storage' | 'detached' | 'lost' | 'unled'): void {
    this.statistics.declined++;
    this.#tell({ type: 'declined', key, why });
  }

  unstorable(key: string, error: Error): void {
    this.statistics.declined++;
    this.#tellFault({ type: 'declined', key, why: 'unstorable', error });
  }

  storageFailed(key: string, operation: string, error: Error): void {
    this.statistics.storageFailures++;
    this.#tellFault({ type: 'storage-failed', key, operation, error });
  }

  unreadable(key: string, error: Error): void {
    this.statistics.unreadable++;
    this.#tellFault({ type: 'unreadable', key, error });
  }

  policyFailed(key: string, policy: PolicyAtFault, cause: unknown): void {
    this.#tellFault({ type: 'policy-failed', policy, key, error: new PolicyFailedError(policy, key, cause) });
  }

  /** @param now - when they were looked for, epoch milliseconds. */
  expiredRemoved(scope: string, removed: number, now: number): void {
    this.statistics.lastExpirationCheck = now;
    this.#tell({ type: 'expired-removed', key: scope, removed });
  }

  disposed(scope: string): void {
    this.#tell({ type: 'disposed', key: scope });
  }

  #tell(event: Unnamed<CacheEvent>): void {
    try {
      const told: unknown = this.#listener?.({ name: this.#name, ...event });
      // An async function is accepted as a listener, too.
      if (told instanceof Promise) told.catch(() => undefined);
    } catch {
      // A listener's own failure has nobody to go to: it must not become a failure of the call it was told about.
    }
  }

  #tellFault(event: Unnamed<CacheEvent> & { readonly error: Error }): void {
    if (this.#listener !== undefined) return this.#tell(event);
    if (this.#faultsSaid.has(event.type)) return;
    this.#faultsSaid.add(event.type);
    warn(
      `The cache of ${JSON.stringify(this.#name)} met a fault (${event.type}) and goes on: ${event.error.message} ` +
        `Said once; the option 'onEvent' hears of every fault.`,
    );
  }
}
