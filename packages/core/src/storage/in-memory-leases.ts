import type { CacheEntry } from '../entry/cache-entry.js';
import { steadyNow, type Clock } from '../time/clock.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseRest, LeaseWatch } from './lease.js';

/** Who has the right to load a key, or that it rests. */
interface Slot {
  /** `undefined` while the key rests. */
  readonly holder: string | undefined;
  /** How many loads have failed in a row. */
  readonly failures: number;
  /** When it began or was renewed, by `steadyNow`. */
  readonly since: number;
  /** For how long, in milliseconds. */
  readonly time: number;
}

/** How long after its end a lease is remembered, in milliseconds: a holder that was held up may still publish. */
const remembered = 30_000;
/** How many slots are looked at for each new one: more than one, so that they do not pile up. */
const looks = 2;

/** The leases of a storage in this process. */
export class InMemoryLeases {
  readonly #clock: Clock;
  /** Those that were not looked at for the longest time come first. */
  readonly #slots = new Map<string, Slot>();
  readonly #watches = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many leases and rests are remembered, those included that are over. */
  get size(): number {
    return this.#slots.size;
  }

  /** @param present - the entry that is there. */
  acquire(key: string, { holder, seen, time }: LeaseRequest, present: CacheEntry | undefined): LeaseAnswer {
    const slot = this.#slots.size === 0 ? undefined : this.#slots.get(key);
    const remaining = slot === undefined ? 0 : this.#remaining(slot);
    if (slot?.holder !== holder) {
      if (present !== undefined && isAnother(present, seen)) return { state: 'present', entry: present };
      if (slot !== undefined && remaining > 0) {
        if (slot.holder !== undefined) return { state: 'held', remaining, watch: this.#watch(key) };
        if (seen !== 'any') return { state: 'resting', remaining, failures: slot.failures };
      }
    }
    const failures = slot === undefined || isForgotten(slot, remaining) ? 0 : slot.failures;
    this.#occupy(key, holder, failures, time);
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
    return {
      holder,
      failures,
      renew: (time) => {
        const held = this.#slots.get(key)?.holder === holder;
        if (held) this.#occupy(key, holder, failures, time);
        return Promise.resolve(held);
      },
      giveBack: (rest) => {
        const held = this.#slots.get(key)?.holder === holder;
        if (held) this.#giveBack(key, rest);
        return Promise.resolve(held);
      },
    };
  }

  #giveBack(key: string, rest: LeaseRest | undefined): void {
    this.end(key);
    if (rest !== undefined) this.#occupy(key, undefined, rest.failures, rest.milliseconds);
  }

  #occupy(key: string, holder: string | undefined, failures: number, time: number): void {
    if (this.#slots.size > 0) {
      this.#forgetOld();
      this.#slots.delete(key);
    }
    this.#slots.set(key, { holder, failures, since: steadyNow(this.#clock), time });
  }

  /** Milliseconds until the slot ends; not above 0 where it has. */
  #remaining({ since, time }: Slot): number {
    return time - (steadyNow(this.#clock) - since);
  }

  /** Forgets slots whose end is long past: holders that died, failures of keys for which nobody asks any more. */
  #forgetOld(): void {
    let left = looks;
    for (const [key, slot] of this.#slots) {
      if (left-- === 0) return;
      this.#slots.delete(key);
      if (isForgotten(slot, this.#remaining(slot))) this.#wake(key);
      else this.#slots.set(key, slot);
    }
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
    if (this.#watches.size === 0) return;
    const ofKey = this.#watches.get(key);
    this.#watches.delete(key);
    for (const wake of ofKey ?? []) wake();
  }
}

/** A rest is remembered for as long again as it took, so that failures which go on are counted. */
function isForgotten({ holder, time }: Slot, remaining: number): boolean {
  return remaining <= -(holder === undefined ? time : remembered);
}

function isAnother(present: CacheEntry, seen: LeaseRequest['seen']): boolean {
  return seen !== 'any' && present.created !== seen?.created;
}
