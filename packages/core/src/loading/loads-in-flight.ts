import { identityOf } from '../key/identity.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { Absences } from './absences.js';
import { InMemoryUpdateStatuses } from './in-memory-update-statuses.js';
import { type EndedLoad, LoadInFlight } from './load-in-flight.js';
import { Rests } from './rests.js';
import type { UpdateOutcome, UpdateStatuses } from './update-statuses.js';

/** Nobody can wait for ever for a write that never ends: after so many milliseconds it counts as lost. */
const longestWrite = 60_000;
/** So many publications are remembered while reads are under way. */
const mostPublished = 10_000;

/** What is under way over one storage; everyone who uses the storage shares it (I2). */
export class LoadsInFlight {
  /** Forced refreshes that wait for the load in flight to end, so that theirs begins after they were called. */
  readonly nextRefreshes = new Map<string, Promise<EndedLoad>>();
  /** For each load that nobody waited for when it began: what keeps the process alive once somebody does. */
  readonly wakeUps = new Map<string, () => void>();
  readonly absences = new Absences();
  readonly rests = new Rests();
  /** How many loads wait for those of other processes. */
  waits = 0;
  readonly #loads = new Map<string, LoadInFlight>();
  #turn = 0;
  readonly #statuses: UpdateStatuses;
  /** What keys begin with in the table, where it may serve several storages. */
  readonly #prefix: string;
  /** How many reads wait for the storage. */
  #readsUnderWay = 0;
  /** The turns in which loads were published while there were such reads, by key. */
  readonly #published = new Map<string, number>();
  /** What was published up to this turn is not known by key any more. */
  #forgottenUpTo = -1;
  /** Entries being written. An invalidation takes them away, too, once they have landed. */
  readonly #writes = new Map<string, Set<Write>>();

  constructor(statuses: UpdateStatuses, prefix = '') {
    this.#statuses = statuses;
    this.#prefix = prefix;
  }

  /** The turn in which a caller asks now. All who ask until something happens ask in the same one. */
  get turn(): number {
    return this.#turn;
  }

  /**
   * The turn in which something happens: a load begins, ends or is detached, an entry is sent off, an invalidation is called. What happens over a
   * storage in this process is numbered, so that it can be told who asked before: in this turn or an earlier one. Who asks from
   * now on asks in a later one.
   */
  nextTurn(): number {
    return this.#turn++;
  }

  isBeingUpdated(key: string): boolean {
    return this.#statuses.isBeingUpdated(this.#prefix + key);
  }

  /** The load of `key` that is in flight. */
  loadOf(key: string): LoadInFlight | undefined {
    return this.#loads.get(key);
  }

  /** Marks `key` as being updated: whoever asks for it from now on waits for this load. */
  begin(key: string): LoadInFlight {
    const update = this.#statuses.markBeingUpdated(this.#prefix + key);
    // One that ran into the lock timeout of the table counts as dead, and its lease must not keep this one from loading.
    if (this.#loads.size > 0) this.#loads.get(key)?.onSuperseded();
    const load: LoadInFlight = new LoadInFlight(update, () => {
      this.#turn++;
      if (update.isAttached()) this.#statuses.detach(this.#prefix + key);
      this.#forget(key, load);
    });
    this.#loads.set(key, load);
    return load;
  }

  /** The load ended, well or not: everyone who waits gets the outcome. */
  end(key: string, load: LoadInFlight, outcome: UpdateOutcome): void {
    this.#turn++;
    this.#forget(key, load);
    if (outcome instanceof Error) this.#statuses.markUpdateAborted(load.update, outcome);
    else this.#statuses.markUpdated(load.update, outcome);
  }

  /** Waits for the load in flight, which keeps the process alive from now on. */
  awaitUpdated(key: string): Promise<UpdateOutcome> {
    this.wakeUps.get(key)?.();
    return this.#statuses.awaitUpdated(this.#prefix + key);
  }

  /**
   * Notes that something is being read, until `endReading`. Who finds its key published since, when the answer is there, reads
   * once more: the answer may have been on its way before that load was published, and would make a second load of what was
   * just loaded (mends M48).
   *
   * @returns the turn in which it began.
   */
  startReading(): number {
    this.#readsUnderWay++;
    return this.#turn;
  }

  endReading(): void {
    this.#readsUnderWay--;
    if (this.#readsUnderWay === 0 && this.#published.size > 0) this.#published.clear();
  }

  /** Tells the reads under way that a load of `key` was published. */
  published(key: string): void {
    if (this.#readsUnderWay === 0) return;
    if (this.#published.size >= mostPublished) this.#forgottenUpTo = this.#forgetPublished();
    this.#published.set(key, this.nextTurn());
  }

  /** Whether a load of `key` was published since a reading began in `turn`. */
  isPublishedSince(turn: number, key: string): boolean {
    return (this.#published.get(key) ?? this.#forgottenUpTo) >= turn;
  }

  /** Under steady load there is always a reading under way: those that began before read once more, if they must. */
  #forgetPublished(): number {
    this.#published.clear();
    return this.#turn;
  }

  /** Remembers that `landed` writes under `key` until it settles. @param now - by `steadyNow`. */
  async writing<R>(key: string, landed: Promise<R>, now: number): Promise<R> {
    const write = { landed, began: now };
    const ofKey = this.#writes.get(key) ?? new Set();
    this.#writes.set(key, ofKey.add(write));
    try {
      return await landed;
    } finally {
      ofKey.delete(write);
      if (ofKey.size === 0) this.#writes.delete(key);
    }
  }

  /**
   * Detaches the load of `key`, if it has begun.
   *
   * @param now - by `steadyNow`.
   * @returns settles once what is being written there has landed; `undefined` if nothing is.
   */
  detach(key: string, now: number): Promise<unknown> | undefined {
    this.#detach(key);
    this.rests.end(key);
    return settled([...(this.#writes.get(key) ?? [])], now);
  }

  /** Detaches the loads of all keys that begin with `scope`, otherwise like `detach`. */
  detachScope(scope: string, now: number): Promise<unknown> | undefined {
    for (const key of [...this.#statuses.keys()]) {
      if (key.startsWith(this.#prefix + scope)) this.#detach(key.slice(this.#prefix.length));
    }
    this.rests.endScope(scope);
    const writes = [...this.#writes].filter(([key]) => key.startsWith(scope)).flatMap(([, ofKey]) => [...ofKey]);
    return settled(writes, now);
  }

  /** One that is still to begin may stay: it will begin after the invalidation. */
  #detach(key: string): void {
    const load = this.#loads.get(key);
    if (load !== undefined && load.began === undefined) return;
    this.#turn++;
    this.#statuses.detach(this.#prefix + key);
    this.#loads.delete(key);
  }

  #forget(key: string, load: LoadInFlight): void {
    if (this.#loads.get(key) === load) this.#loads.delete(key);
  }
}

/** An entry on its way into the storage. */
interface Write {
  readonly landed: Promise<unknown>;
  readonly began: number;
}

function settled(writes: readonly Write[], now: number): Promise<unknown> | undefined {
  const underWay = writes.filter(({ began }) => now - began < longestWrite);
  return underWay.length === 0 ? undefined : Promise.allSettled(underWay.map(({ landed }) => landed));
}

type Tables = WeakMap<CacheStorage, LoadsInFlight>;

/** All copies of this package in a process have to agree on what is under way, or a storage would be loaded twice. */
const tablesOfProcess = Symbol.for('@memo/loads-in-flight/1');
const byStatuses = new WeakMap<UpdateStatuses, Tables>();

/** What is under way over `storage`; in a table of the user's own where `statuses` is given. */
export function loadsInFlightOver(storage: CacheStorage, statuses: UpdateStatuses | undefined): LoadsInFlight {
  const tables = statuses === undefined ? commonTables() : tablesFor(statuses);
  let loads = tables.get(storage);
  if (loads === undefined) {
    // Without a lock timeout of its own: the engine's loads end by their timeout and the storage's deadline.
    loads =
      statuses === undefined
        ? new LoadsInFlight(new InMemoryUpdateStatuses({ lockTimeout: Infinity }))
        : new LoadsInFlight(statuses, `${identityOf(storage)}:`);
    tables.set(storage, loads);
  }
  return loads;
}

function commonTables(): Tables {
  const process = globalThis as { [tablesOfProcess]?: Tables };
  const tables = process[tablesOfProcess] ?? new WeakMap<CacheStorage, LoadsInFlight>();
  process[tablesOfProcess] = tables;
  return tables;
}

function tablesFor(statuses: UpdateStatuses): Tables {
  const tables = byStatuses.get(statuses) ?? new WeakMap<CacheStorage, LoadsInFlight>();
  byStatuses.set(statuses, tables);
  return tables;
}
