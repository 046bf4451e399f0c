import type { CacheEntry } from '../entry/cache-entry.js';
import type { EndedLoad } from '../loading/load-in-flight.js';
import type { CacheSettings, Call } from './call.js';
import type { Leader } from './leader.js';
import { answerOf } from './shared-load.js';

/**
 * Loads keys anew, whatever the cache holds: each call gets an entry whose load began after it had asked. Several that come
 * during a load share the next one (mends M32).
 */
export class ForcedRefresh {
  readonly #settings: CacheSettings;
  readonly #leader: Leader;

  constructor(settings: CacheSettings, leader: Leader) {
    this.#settings = settings;
    this.#leader = leader;
  }

  /** The new entry for a call. @returns rejects as `Leader.lead` does */
  async entryFor(call: Call): Promise<CacheEntry> {
    const { key, inFlight, configuration } = call;
    call.signal?.throwIfAborted();
    // A storage that tells the time learns it with its first answer; a refresh would date its entry before any.
    if (configuration.storage.now !== undefined && !this.#leader.asks(configuration.storage)) await lookFirst(call);
    while (inFlight.isBeingUpdated(key)) {
      call.onWait?.();
      const entry = answerOf(await this.#nextLoad(call), call, this.#settings);
      if (entry !== undefined) return entry;
      // Who comes from now on may share the next one, which must not have begun by now.
      call.asked = inFlight.turn;
    }
    return this.#leader.lead(call, 'forced');
  }

  /** The load that all share who want one that begins after they have asked, and who ask before it begins. */
  #nextLoad(call: Call): Promise<EndedLoad> {
    const { key, inFlight } = call;
    const next = inFlight.nextRefreshes.get(key);
    if (next !== undefined) return next;
    // It is led for all who share it: none of them ends it by leaving.
    const shared = this.#loadAfter({ ...call, signal: undefined }).finally(() => {
      if (inFlight.nextRefreshes.get(key) === shared) inFlight.nextRefreshes.delete(key);
    });
    inFlight.nextRefreshes.set(key, shared);
    return shared;
  }

  /** How the first load ended that began after `call` had asked. */
  async #loadAfter(call: Call): Promise<EndedLoad> {
    const { key, inFlight, asked } = call;
    while (inFlight.isBeingUpdated(key)) {
      const load = inFlight.loadOf(key);
      // One that is still to begin will do, and must not be given up when its own callers leave.
      if (load !== undefined && !(load.began !== undefined && load.began < asked)) load.enter();
      const outcome = await inFlight.awaitUpdated(key);
      if (load?.began !== undefined && load.began >= asked) return { load, outcome };
    }
    const outcome = await this.#leader.lead(call, 'forced').catch((error: Error) => error);
    return { load: call.waitsFor, outcome };
  }
}

async function lookFirst(call: Call): Promise<void> {
  await call.access.get(call.key);
  call.signal?.throwIfAborted();
  // Meanwhile a load may have begun, which those who ask from now on must not share.
  call.asked = call.inFlight.turn;
}
