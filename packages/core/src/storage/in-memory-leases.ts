import type { CacheEntry } from '../entry/cache-entry.js';
import type { Clock } from '../time/clock.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseRest, LeaseWatch } from './lease.js';

/** Who has the right to load a key, or that it rests. */
interface Slot {
  /** `undefined` while the key rests. */
  readonly holder: string | undefined;
  until: number;
  readonly failures: number;
}

/** The leases of a storage in this process. */
export class InMemoryLeases {
  readonly #clock: Clock;
  readonly #slots = new Map<string, Slot>();
  readonly #watches = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param present - the entry that is there. */
  acquire(key: string, { holder, seen, time }: LeaseRequest, present: CacheEntry | undefined): LeaseAnswer {
    const slot = this.#slots.get(key);
    const remaining = slot === undefined ? 0 : slot.until - this.#clock.now();
    if (slot?.holder !== holder) {
      if (present !== undefined && isAnother(present, seen)) return { state: 'present', entry: present };
      if (slot !== undefined && remaining > 0) {
        if (slot.holder !== undefined) return { state: 'held', remaining, watch: this.#watch(key) };
        if (seen !== 'any') return { state: 'resting', remaining, failures: slot.failures };
      }
    }
    const failures = slot?.failures ?? 0;
    this.#slots.set(key, { holder, until: this.#clock.now() + time, failures });
    return { state: 'granted', lease: this.#leaseOf(key, holder, failures) };
  }

  /** Whether the lease is still the one of its key. */
  holds(key: string, { holder }: Lease): boolean {
    return this.#slots.get(key)?.holder === holder;
  }

  /** Ends the lease of `key`, whoever has it, and wakes those who wait. */
  end(key: string): void {
    this.#slots.delete(key);
    this.#wake(key);
  }

  /** Ends the leases of all keys that begin with `scope`. */
  endScope(scope: string): void {
    for (const key of this.#slots.keys()) {
      if (key.startsWith(scope)) this.end(key);
    }
  }

  #leaseOf(key: string, holder: string, failures: number): Lease {
    const slotHeld = (): Slot | undefined => {
      const slot = this.#slots.get(key);
      return slot?.holder === holder ? slot : undefined;
    };
    return {
      holder,
      failures,
      renew: (time) => {
        const slot = slotHeld();
        if (slot !== undefined) slot.until = this.#clock.now() + time;
        return Promise.resolve(slot !== undefined);
      },
      giveBack: (rest) => {
        const held = slotHeld() !== undefined;
        if (held) this.#giveBack(key, rest);
        return Promise.resolve(held);
      },
    };
  }

  #giveBack(key: string, rest: LeaseRest | undefined): void {
    this.end(key);
    if (rest === undefined) return;
    const { failures, milliseconds } = rest;
    const slot: Slot = { holder: undefined, until: this.#clock.now() + milliseconds, failures };
    this.#slots.set(key, slot);
    const forget = (): void => {
      if (this.#slots.get(key) === slot) this.#slots.delete(key);
    };
    this.#clock.setTimer(forget, 2 * milliseconds, { background: true });
  }

  #watch(key: string): LeaseWatch {
    const ofKey = this.#watches.get(key) ?? new Set();
    this.#watches.set(key, ofKey);
    let wake!: () => void;
    const changed = new Promise<void>((resolve) => (wake = resolve));
    ofKey.add(wake);
    const stop = (): void => {
      ofKey.delete(wake);
      if (ofKey.size === 0 && this.#watches.get(key) === ofKey) this.#watches.delete(key);
    };
    return { changed, stop };
  }

  #wake(key: string): void {
    const ofKey = this.#watches.get(key);
    this.#watches.delete(key);
    for (const wake of ofKey ?? []) wake();
  }
}

function isAnother(present: CacheEntry, seen: LeaseRequest['seen']): boolean {
  return seen !== 'any' && present.created !== seen?.created;
}
