import { booleanIn } from '../answers.js';
import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { slotsOf } from '../entry/entry-slot.js';
import { type Demand, judge } from '../entry/demand.js';
import { isEntry } from '../entry/is-entry.js';
import { isFresh } from '../entry/freshness.js';
import type { Demands } from '../entry/demands.js';
import {
  CachedMethodFailedError,
  EtagTimeoutError,
  NotConfiguredCacheCalledError,
  PostprocessingFailedError,
  StorageTimeoutError,
} from '../errors.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { absencesInProcess } from '../loading/absences.js';
import { type LoadsInFlight, loadsInFlightOver } from '../loading/loads-in-flight.js';
import { failureIn } from '../loading/failed-entry.js';
import { untilAborted } from '../loading/until-aborted.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import type { ResourcePolicy } from '../resources/resource-policy.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { steadyNow } from '../time/clock.js';
import { DeadlineWatch } from '../time/deadline-watch.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { CacheSettings, Call, Question } from './call.js';
import { EvictionBooks, noteRead } from './eviction-books.js';
import { ForcedRefresh } from './forced-refresh.js';
import { countOnce, Leader } from './leader.js';
import { snapshotOf } from './policy-snapshot.js';
import { isKeptFor } from './kept-entry.js';
import { presentMoment, recentMoment } from './present-moment.js';
import { Reports } from './reports.js';
import { ExpirySweeps } from './expiry-sweeps.js';
import { Judgement } from './judgement.js';
import { answerOf } from './shared-load.js';
import { deadlineOf, StorageAccess } from './storage-access.js';
import { isEnabled } from './user-answers.js';

/**
 * The engine: name it, find it, judge it, else load it once, keep it, let something go, hand it over.
 *
 * It knows policies by their interfaces only. The journey of a call and the invariants I1 to I11 stand in
 * ARCHITECTURE.md.
 */
export class Cache {
  /** Read again at every call, so that it may change while the cache runs (I7). */
  readonly configuration: CacheConfiguration;
  readonly settings: CacheSettings;
  /** Counts and tells what happens. */
  readonly reports: Reports;
  readonly books: EvictionBooks;
  readonly judgement: Judgement;
  /** Takes charge of what values keep open; `undefined`: nobody does. */
  readonly resources: ResourcePolicy | undefined;
  /** Looks for expired entries from time to time; `undefined` where nobody wants that. */
  readonly sweeps: ExpirySweeps | undefined;
  /** Whether something has to be asked at each call before an entry is looked for, or of each entry. */
  readonly #asksFirst: boolean;
  #afar: Afar | undefined;
  /** Those who wait for the same load and asked in the same turn: the latest such. */
  #crowd: Crowd | undefined;
  readonly #leader: Leader;
  readonly #refresh: ForcedRefresh;

  /** @param reports - where what happens is counted together with what happens in other caches. */
  constructor(
    configuration: CacheConfiguration,
    settings: CacheSettings,
    reports: Reports = new Reports(settings.name, settings.onEvent),
  ) {
    this.configuration = configuration;
    this.settings = settings;
    this.reports = reports;
    this.books = new EvictionBooks(reports);
    this.judgement = new Judgement(settings, reports);
    this.resources = settings.resources?.((key, error) => reports.policyFailed(key, 'dispose', error));
    this.sweeps =
      settings.removeExpiredEvery === undefined ? undefined : new ExpirySweeps(this, settings.removeExpiredEvery);
    const { enabled, removeExpiredEvery, demands, earlyRefresh } = settings;
    this.#asksFirst = [enabled, removeExpiredEvery, demands, earlyRefresh].some((asked) => asked !== undefined);
    this.#leader = new Leader(settings, {
      books: this.books,
      judgement: this.judgement,
      resources: this.resources,
      reports,
    });
    this.#refresh = new ForcedRefresh(settings, this.#leader);
  }

  /** What is under way over a storage, by whomever it is used. */
  inFlightOver(storage: CacheStorage): LoadsInFlight {
    return loadsInFlightOver(storage, this.settings.updateStatuses);
  }

  /** The present moment, by the clock that all who share the storage judge by (I5). */
  now(storage: CacheStorage): number {
    return presentMoment(this.settings.clock, storage);
  }

  /** @throws NotConfiguredCacheCalledError: it comes before anything else, also before the key (M10). */
  refuseUnlessConfigured(): void {
    if (!this.configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
  }

  /**
   * The answer to a call, where it is there and fresh, and nothing else has to be asked for; else `undefined`.
   *
   * This is a hit: it is answered in this very turn. There is no `async` function in it, and nothing is made but the caller's
   * promise; one look into a table, one reading of a clock that may be spared, one mark for the eviction strategy.
   */
  hit(key: string): Promise<unknown> | undefined {
    if (this.#asksFirst) return undefined;
    const { configuration, settings } = this;
    const { storage } = configuration;
    // The compiler takes only so much into one piece, so what may fail stands in one `try`, and what is rare elsewhere.
    try {
      const entry = peekInto(storage, key);
      if (entry === undefined || !this.judgement.isSettled(entry, configuration)) return undefined;
      if (!isFresh(entry, recentMoment(settings.clock, storage)) || this.isAbsent(storage, key)) return undefined;
      noteRead(configuration, key, entry);
      const value = configuration.postprocessing.apply(entry.value);
      this.reports.hit(key, entry);
      return Promise.resolve(value);
    } catch {
      // The long way meets the same fault, and has the place to report it.
      return undefined;
    }
  }

  /**
   * Answers a call from the cache, or by one load that all who ask meanwhile share.
   *
   * What would be loaded comes in parts, so that a hit needs no closure.
   *
   * @throws PostprocessingFailedError, where it answers at once.
   */
  read(
    key: string,
    fn: CacheableFunction,
    receiver: unknown,
    args: readonly unknown[],
    demand: Demand | undefined,
  ): Promise<unknown> {
    const { configuration } = this;
    const entry = this.#peek(configuration.storage, key);
    if (
      entry !== undefined &&
      this.settings.earlyRefresh === undefined &&
      this.#isHit(configuration, key, entry, demand)
    ) {
      return Promise.resolve(this.#handOver(configuration, key, entry));
    }
    if (
      entry === undefined &&
      this.settings.earlyRefresh === undefined &&
      slotsOf(configuration.storage) === undefined
    ) {
      return this.#readFromAfar(key, fn, receiver, args, demand);
    }
    const crowd = entry === undefined && demand === undefined ? this.#crowdOf(key, configuration) : undefined;
    if (crowd !== undefined) return this.#joinCrowd(crowd, key);
    const call = this.#call({ key, load: () => Reflect.apply(fn, receiver, args) as unknown, demand });
    const answer = this.#answer(call, 'cached', entry);
    if (call.hasJoined && entry === undefined && demand === undefined) this.#gather(call, answer);
    return answer;
  }

  /**
   * Answers a call from a storage that has to be waited for. Where it has a fresh entry, one promise is all that is made for it:
   * what lives while the answers to a thousand calls are on their way is what they cost.
   */
  #readFromAfar(
    key: string,
    fn: CacheableFunction,
    receiver: unknown,
    args: readonly unknown[],
    demand: Demand | undefined,
  ): Promise<unknown> {
    const coming = this.#comingNow();
    const { configuration, inFlight } = coming;
    const { storage } = configuration;
    const wasAbsent = this.isAbsent(storage, key);
    const began = inFlight.startReading();
    const start = steadyNow(this.settings.clock);
    const goOn = (look: (access: StorageAccess) => CacheEntry | undefined): Promise<unknown> => {
      const call = this.#callOf({ key, load: () => Reflect.apply(fn, receiver, args) as unknown, demand }, coming);
      call.access.resumeAfter(steadyNow(this.settings.clock) - start);
      return this.#answerLookedFor(call, look, began, wasAbsent);
    };
    // What goes on is a reaction of the caller's own promise: it belongs to the caller's context.
    return this.#afarOver(storage)
      .within(() => storage.get(key) as Promise<unknown>)
      .then(
        (answer) => {
          if (!isEntry(answer) || wasAbsent || inFlight.isPublishedSince(began, key)) {
            return goOn((access) => access.entryIn(key, answer));
          }
          if (!this.#isHit(configuration, key, answer, demand)) return goOn(() => answer);
          inFlight.endReading();
          return this.#handOver(configuration, key, answer);
        },
        (error: unknown) =>
          goOn((access) => {
            access.noteFailedLook(key, error);
            return undefined;
          }),
      );
  }

  /**
   * Goes the long way with what a first look has brought.
   *
   * @param began - the turn in which that reading began, which ends here.
   */
  #answerLookedFor(
    call: Call,
    look: (access: StorageAccess) => CacheEntry | undefined,
    began: number,
    wasAbsent: boolean,
  ): Promise<unknown> {
    const { key, configuration, inFlight } = call;
    const goOn = (entry: CacheEntry | undefined): Awaitable<CacheEntry> => this.#entryFrom(call, entry, wasAbsent);
    const latest = (entry: CacheEntry | undefined): Awaitable<CacheEntry> => {
      const isOvertaken = inFlight.isPublishedSince(began, key);
      inFlight.endReading();
      // What has failed once is left alone, and answers that there is nothing.
      return isOvertaken ? this.#findLatest(call).then(goOn) : goOn(entry);
    };
    const failed = (error: unknown): never => {
      inFlight.endReading();
      countOnce(call, () => this.reports.miss(key));
      throw error;
    };
    return this.#answerFrom(call, () => {
      let found: CacheEntry | undefined;
      try {
        found = look(call.access);
      } catch (error) {
        return failed(error);
      }
      if (found === undefined || this.judgement.isSettled(found, configuration)) return latest(found);
      const judging = this.judgement.anew(key, found, configuration);
      return isPromise(judging) ? Promise.resolve(judging).then(latest, failed) : latest(judging);
    });
  }

  /** What watches over reads of a storage that has to be waited for. */
  #afarOver(storage: CacheStorage): DeadlineWatch {
    if (this.#afar?.storage !== storage) {
      this.#afar = { storage, watch: new DeadlineWatch(this.settings.clock, deadlineOf(storage), 'get') };
    }
    return this.#afar.watch;
  }

  /** Those who ask just as this call does. */
  #crowdOf(key: string, { storage, postprocessing, methodTimeout }: CacheConfiguration): Crowd | undefined {
    const crowd = this.#crowd;
    if (crowd?.key !== key || crowd.inFlight.turn !== crowd.turn) return undefined;
    if (crowd.storage !== storage || crowd.postprocessing !== postprocessing) return undefined;
    return crowd.methodTimeout === methodTimeout ? crowd : undefined;
  }

  #joinCrowd(crowd: Crowd, key: string): Promise<unknown> {
    this.reports.join(key);
    return crowd.answer;
  }

  /**
   * Lets those who will ask just as this call does have the very promise that it has: where a thousand ask at once, each of them
   * costs a look and a count. They can, as long as nothing at all happens over the storage, and where there is nothing to be done
   * for each.
   */
  #gather({ key, inFlight, asked, configuration }: Call, answer: Promise<unknown>): void {
    const { storage, postprocessing, methodTimeout } = configuration;
    if (slotsOf(storage) === undefined || postprocessing.changesNothing !== true) return;
    this.#crowd = { key, inFlight, turn: asked, storage, postprocessing, methodTimeout, answer };
  }

  /** Whether a call is answered with what `peek` has found; then it is counted. */
  #isHit(configuration: CacheConfiguration, key: string, entry: CacheEntry, demand: Demand | undefined): boolean {
    const { storage } = configuration;
    if (!this.judgement.isSettled(entry, configuration)) return false;
    if (judge(entry, recentMoment(this.settings.clock, storage), demand) !== 'fresh') return false;
    if (this.isAbsent(storage, key)) return false;
    this.#countHit(configuration, key, entry);
    return true;
  }

  /**
   * Answers a call that has options of its own, or a demand that is still to be found.
   *
   * @returns rejects with the signal's reason once that fires. The load goes on for others, if there are any.
   */
  async readWith(question: Pending<Question>, options: CallOptions = {}): Promise<unknown> {
    return this.#ask(question, options, (call, by) => this.#answer(call, by));
  }

  /**
   * Answers a call with a value that stays open until it is let go.
   *
   * @returns rejects as `readWith` does.
   */
  async hold(question: Pending<Question>, options: CallOptions = {}): Promise<Held> {
    let holding: Promise<Held> | undefined;
    try {
      return await this.#ask(question, options, (call, by) => (holding = this.#hold(call, by)));
    } catch (error) {
      // The caller may have left before it came.
      holding?.then(({ letGo }) => letGo(), doNothing);
      throw error;
    }
  }

  /** Has a question answered, by the way that its options say. */
  async #ask<R>(
    question: Pending<Question>,
    { signal, refresh }: CallOptions,
    answer: (call: Call, by: Way) => Promise<R>,
  ): Promise<R> {
    signal?.throwIfAborted();
    const { demand } = question;
    let call: Call | undefined;
    const asking = async (): Promise<R> => {
      call = this.#call({ ...question, demand: isPromise(demand) ? await demand : demand }, signal);
      if (question.isUncached === true) return answer(call, 'through');
      return answer(call, refresh === true ? 'refreshed' : 'cached');
    };
    return signal === undefined ? asking() : untilAborted(asking(), signal, () => call?.waitsFor?.leave());
  }

  /** What a call that loads nothing is answered with; `undefined` where the cache has no entry that will do. */
  async look(question: Pending<Omit<Question, 'load'>>, { signal }: CallOptions = {}): Promise<Found | undefined> {
    signal?.throwIfAborted();
    const { demand } = question;
    const looking = async (): Promise<Found | undefined> => {
      const found = isPromise(demand) ? await demand : demand;
      return this.#look(this.#call({ ...question, load: doNothing, demand: found }, signal));
    };
    return signal === undefined ? looking() : untilAborted(looking(), signal);
  }

  /**
   * What a call with these arguments demands.
   *
   * @returns rejects, or throws, with what the functions among `demands` throw, and with an `EtagTimeoutError` where they
   *   take longer than a load may.
   */
  demandOf(key: string, args: readonly unknown[], demands: Demands | undefined): Awaitable<Demand | undefined> {
    const demand = demands?.of(args);
    if (demand === undefined || !isPromise(demand)) return demand;
    const found = this.#foundInTime(key, demand);
    // A call that fails before it needs the demand leaves it to nobody.
    found.catch(doNothing);
    return found;
  }

  async #foundInTime(key: string, demand: PromiseLike<Demand>): Promise<Demand> {
    const { methodTimeout } = this.configuration;
    try {
      return await withinDeadline(
        { milliseconds: methodTimeout, operation: 'etag', clock: this.settings.clock },
        () => demand,
      );
    } catch (error) {
      throw StorageTimeoutError.isInstance(error) ? new EtagTimeoutError(key, methodTimeout) : error;
    }
  }

  /** Whether something counts as absent in this process, though the storage may still hold it. */
  isAbsent(storage: CacheStorage, key: string): boolean {
    // Where nothing is absent, which is nearly always, not even the storage's table is looked for.
    if (absencesInProcess.count === 0) return false;
    return this.inFlightOver(storage).absences.includes(key);
  }

  #call(question: Question, signal?: AbortSignal): Call {
    return this.#callOf(question, this.#comingNow(), signal);
  }

  /** How things stand for a call that comes now. */
  #comingNow(): Coming {
    const configuration = snapshotOf(this.configuration);
    const inFlight = this.inFlightOver(configuration.storage);
    const askedAt = recentMoment(this.settings.clock, configuration.storage);
    return { configuration, inFlight, askedAt, asked: inFlight.turn };
  }

  #callOf(
    { key, load, demand, isUncached, reads, pauses, onWait }: Question,
    { configuration, inFlight, askedAt, asked }: Coming,
    signal?: AbortSignal,
  ): Call {
    return {
      key,
      load,
      demand,
      isUncached,
      configuration,
      inFlight,
      access: new StorageAccess(configuration.storage, this.settings, this.reports, 'awaited', reads),
      pauses,
      onWait,
      askedAt,
      asked,
      found: undefined,
      signal,
      counted: false,
      hasJoined: false,
      waitsFor: undefined,
    };
  }

  #peek(storage: CacheStorage, key: string): CacheEntry | undefined {
    try {
      return peekInto(storage, key);
    } catch {
      // `get` meets the same fault, and has the place to report it.
      return undefined;
    }
  }

  /** Whether it is used for a call, to be asked once before anything else. */
  isEnabled(key: string): boolean {
    return isEnabled(this.settings, key, this.reports);
  }

  async #look(call: Call): Promise<Found | undefined> {
    const { key, configuration, demand } = call;
    const { storage } = configuration;
    const wasAbsent = this.isAbsent(storage, key);
    const entry = call.isUncached === true ? undefined : (this.#peekSettled(call) ?? (await this.#findLatest(call)));
    const isThere = entry !== undefined && !wasAbsent && !this.isAbsent(storage, key);
    const judged = isThere ? judge(entry, this.now(storage), demand) : 'expired';
    if (!isThere || judged === 'expired') {
      countOnce(call, () => this.reports.miss(key));
      return undefined;
    }
    if (judged === 'fresh') this.#countHit(configuration, key, entry);
    else this.#countStale(configuration, key, entry);
    return { value: this.#handOver(configuration, key, entry) };
  }

  /** What is there at once, and says itself when it expires. */
  #peekSettled({ key, configuration }: Call): CacheEntry | undefined {
    const entry = this.#peek(configuration.storage, key);
    return entry !== undefined && this.judgement.isSettled(entry, configuration) ? entry : undefined;
  }

  /**
   * The entry that a call is answered with: at once where it is there at once.
   *
   * @param peeked - what has been found, if anything has.
   */
  #entryFor(call: Call, peeked: CacheEntry | undefined): Awaitable<CacheEntry> {
    const { key, configuration } = call;
    const { storage } = configuration;
    // What was found before an absence ended may be what it hides, so it is looked at before, too.
    const wasAbsent = this.isAbsent(storage, key);
    const hasSlots = slotsOf(storage) !== undefined;
    const there = peeked ?? (hasSlots ? this.#peek(storage, key) : undefined);
    const isKnown = there === undefined ? hasSlots : this.judgement.isSettled(there, configuration);
    if (isKnown) return this.#entryFrom(call, there, wasAbsent);
    return this.#findLatest(call).then((entry) => this.#entryFrom(call, entry, wasAbsent));
  }

  /** The entry that a call is answered with which has found this one, or none. */
  #entryFrom(call: Call, entry: CacheEntry | undefined, wasAbsent: boolean): Awaitable<CacheEntry> {
    const { key, configuration, demand } = call;
    const { storage } = configuration;
    if (entry === undefined || wasAbsent || this.isAbsent(storage, key)) return this.#leadOrJoin(call, undefined);
    const now = this.now(storage);
    const judged = judge(entry, now, demand);
    if (judged === 'fresh') {
      if (this.#isDueEarly(key, entry, now)) this.#refreshBehind(call, entry);
      this.#countHit(configuration, key, entry);
      return entry;
    }
    if (judged === 'stale') {
      this.#countStale(configuration, key, entry);
      this.#refreshBehind(call, entry);
      return entry;
    }
    this.books.markRead(configuration, key, entry);
    // Since the storage's answer there was no await, and there is none up to marking: a load that runs now is in the table,
    // and one that ended meanwhile has overtaken the reading (I1, I2).
    return this.#leadOrJoin(call, entry);
  }

  #isDueEarly(key: string, entry: CacheEntry, now: number): boolean {
    try {
      const { earlyRefresh } = this.settings;
      return earlyRefresh !== undefined && booleanIn('earlyRefresh.isDue', earlyRefresh.isDue(entry, now));
    } catch (error) {
      this.reports.policyFailed(key, 'early-refresh', error);
      return false;
    }
  }

  /**
   * What the storage has, as it is to be judged now; asked again if a load was published while the answer was on its way. It
   * rejects only for those who asked for that, and then the call has found nothing.
   */
  #findLatest(call: Call): Promise<CacheEntry | undefined> {
    const { key, inFlight, configuration } = call;
    const began = inFlight.startReading();
    const latest = (entry: CacheEntry | undefined): Awaitable<CacheEntry | undefined> => {
      const isOvertaken = inFlight.isPublishedSince(began, key);
      inFlight.endReading();
      return isOvertaken ? this.#findLatest(call) : entry;
    };
    const failed = (error: unknown): never => {
      inFlight.endReading();
      countOnce(call, () => this.reports.miss(key));
      throw error;
    };
    const judge = (entry: CacheEntry | undefined): Awaitable<CacheEntry | undefined> => {
      if (entry === undefined || this.judgement.isSettled(entry, configuration)) return latest(entry);
      const judging = this.judgement.anew(key, entry, configuration);
      return isPromise(judging) ? Promise.resolve(judging).then(latest, failed) : latest(judging);
    };
    return call.access.get(key).then(judge, failed);
  }

  #servesDespite(error: unknown, found: CacheEntry, call: Call): error is Error {
    const { key, configuration } = call;
    if (!CachedMethodFailedError.isInstance(error) || this.isAbsent(configuration.storage, key)) return false;
    if (isClosing(found)) return false;
    return isKeptFor(found, call, this.now(configuration.storage), this.settings.failure.staleIfError);
  }

  /**
   * What is loaded for a call.
   *
   * @param found - what the call has found, and what will not do.
   */
  #leadOrJoin(call: Call, found: CacheEntry | undefined): Promise<CacheEntry> {
    const { key, inFlight } = call;
    call.signal?.throwIfAborted();
    call.found = found ?? call.found;
    if (!inFlight.isBeingUpdated(key)) return this.#leader.lead(call, 'miss', found);
    call.hasJoined = true;
    return this.#joinOrLookAgain(call);
  }

  async #joinOrLookAgain(call: Call): Promise<CacheEntry> {
    const { key, configuration, demand } = call;
    const joined = await this.#join(call);
    if (joined !== undefined) return joined;
    // What was waited for may be older than an invalidation, or made from another revision. It looks again, and joins or
    // leads a load that begins after it has asked, which will answer it in any case.
    const { storage } = configuration;
    call.access = call.access.afterWait();
    const wasAbsent = this.isAbsent(storage, key);
    const entry = await this.#findLatest(call);
    if (entry === undefined || wasAbsent || this.isAbsent(storage, key)) return this.#leadOrJoin(call, undefined);
    return judge(entry, this.now(storage), demand) === 'expired' ? this.#leadOrJoin(call, entry) : entry;
  }

  #countHit(configuration: CacheConfiguration, key: string, entry: CacheEntry): void {
    this.books.markRead(configuration, key, entry);
    this.reports.hit(key, entry);
  }

  #countStale(configuration: CacheConfiguration, key: string, entry: CacheEntry): void {
    this.books.markRead(configuration, key, entry);
    this.reports.staleServed(key, entry);
  }

  #handOver(configuration: CacheConfiguration, key: string, entry: CacheEntry): unknown {
    if (entry.failed === true) return this.#handOverFailure(configuration, key, entry);
    try {
      return configuration.postprocessing.apply(entry.value);
    } catch (error) {
      throw new PostprocessingFailedError(key, error);
    }
  }

  #handOverFailure(configuration: CacheConfiguration, key: string, entry: CacheEntry): unknown {
    const { errors, failure } = this.settings;
    const thrown = failureIn(entry, key, configuration.storage);
    if (failure.negative?.as === 'value') return thrown;
    throw errors === 'original' ? thrown : new CachedMethodFailedError(key, thrown);
  }

  /** What a call is answered with, as the caller shall see it, or how it fails. */
  #answer(call: Call, by: Way, peeked?: CacheEntry): Promise<unknown> {
    return this.#answerFrom(call, () => this.#obtain(call, by, peeked));
  }

  #answerFrom(call: Call, obtain: () => Awaitable<CacheEntry>): Promise<unknown> {
    const { key, configuration } = call;
    try {
      const obtaining = obtain();
      if (!isPromise(obtaining)) return Promise.resolve(this.#handOver(configuration, key, obtaining));
      return Promise.resolve(obtaining).then(
        (entry) => this.#handOver(configuration, key, entry),
        (error: unknown) => this.#handOver(configuration, key, this.#despite(error, call)),
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #hold(call: Call, by: Way): Promise<Held> {
    for (let tries = 1; ; tries++) {
      // What is closed at once, again and again, is loaded for this call alone, as is what is not cached.
      const isAlone = by === 'through' || tries > mostTriesToHold;
      const entry = await this.#obtainDespite(call, isAlone ? 'alone' : by);
      const letGo = entry.resource === undefined ? doNothing : entry.resource.hold();
      if (isAlone) entry.resource?.left('declined');
      if (letGo === undefined) {
        call = { ...this.#call(call, call.signal), counted: call.counted };
        continue;
      }
      try {
        return { value: this.#handOver(call.configuration, call.key, entry), letGo };
      } catch (error) {
        letGo();
        throw error;
      }
    }
  }

  async #obtainDespite(call: Call, by: Way): Promise<CacheEntry> {
    try {
      return await this.#obtain(call, by, undefined);
    } catch (error) {
      return this.#despite(error, call);
    }
  }

  /** The entry that a call is answered with. */
  #obtain(call: Call, by: Way, peeked: CacheEntry | undefined): Awaitable<CacheEntry> {
    if (by === 'refreshed') return this.#refresh.entryFor(call);
    if (by === 'through' || by === 'alone') return this.#leader.loadAlone(call, by);
    return this.#entryFor(call, peeked);
  }

  /** What a call has found, where that will do although the load has failed. @throws the failure as the caller shall see it. */
  #despite(error: unknown, call: Call): CacheEntry {
    const { found } = call;
    if (found !== undefined && this.#servesDespite(error, found, call)) {
      this.reports.staleIfError(call.key, found, error);
      return found;
    }
    throw this.settings.errors === 'original' && CachedMethodFailedError.isInstance(error) ? error.cause : error;
  }

  /** The outcome of the load in flight; `undefined` if it cannot answer this call. */
  async #join(call: Call): Promise<CacheEntry | undefined> {
    const { key, inFlight, asked, askedAt, demand } = call;
    const load = inFlight.loadOf(key);
    const ending = inFlight.awaitUpdated(key);
    load?.enter();
    call.waitsFor = load;
    call.onWait?.();
    countOnce(call, () => this.reports.join(key));
    const outcome = await ending;
    if (this.#crowd?.key === key) this.#crowd = undefined;
    const entry = answerOf({ load, outcome }, call, this.settings);
    if (entry === undefined) return undefined;
    // What another process has loaded may have expired before this call came; at the limit that is what it wants.
    const isForeign = load?.began === undefined && load?.waitedInVainFor === undefined;
    if (isForeign && judge(entry, askedAt, demand) === 'expired') return undefined;
    return load === undefined || asked <= load.answersUpTo ? entry : undefined;
  }

  #refreshBehind(call: Call, found: CacheEntry): void {
    const { key, inFlight } = call;
    if (inFlight.isBeingUpdated(key) || inFlight.rests.of(key) !== undefined) return;
    const access = new StorageAccess(call.configuration.storage, this.settings, this.reports, 'background');
    // Its failure is an event and a later try; the caller was answered long ago.
    this.#leader.lead({ ...call, access }, 'stale', found).catch(doNothing);
  }
}

/** What is there at once; where the storage has slots, as it stands there. */
function peekInto(storage: CacheStorage, key: string): CacheEntry | undefined {
  const slots = slotsOf(storage);
  return (slots === undefined ? storage.peek?.(key) : slots.get(key)) ?? undefined;
}

/** How things stood when a call came. */
type Coming = Pick<Call, 'configuration' | 'inFlight' | 'askedAt' | 'asked'>;

/** What watches over the reads of a storage. */
interface Afar {
  readonly storage: CacheStorage;
  readonly watch: DeadlineWatch;
}

/** Calls that are answered with one promise. */
interface Crowd {
  readonly key: string;
  readonly inFlight: LoadsInFlight;
  /** The turn in which all of them have asked. */
  readonly turn: number;
  readonly storage: CacheStorage;
  readonly postprocessing: Postprocessing;
  readonly methodTimeout: number;
  readonly answer: Promise<unknown>;
}

/** A question whose demand is still to be found, perhaps. */
export type Pending<Q extends Pick<Question, 'demand'>> = Omit<Q, 'demand'> & {
  readonly demand: Awaitable<Q['demand']>;
};

/** How often an entry may be closed again before a call could hold it. */
const mostTriesToHold = 3;

/**
 * How a call is answered: from the cache, by a load that begins after it, or by one for it alone, whose value is kept open
 * (`alone`) or left as it is (`through`).
 */
type Way = 'cached' | 'refreshed' | 'through' | 'alone';

/** A value that is there, whatever it is. */
export interface Found {
  readonly value: unknown;
}

/** A value that stays open until it is let go. */
export interface Held extends Found {
  readonly letGo: () => void;
}

/** Whether the entry has left meanwhile, and what its value kept open is being closed. */
function isClosing({ resource }: CacheEntry): boolean {
  if (resource === undefined) return false;
  const letGo = resource.hold();
  letGo?.();
  return letGo === undefined;
}

/** A question for which the cache is off. */
export function uncached({ key, load }: Pick<Question, 'key' | 'load'>): Question {
  return { key, load, demand: undefined, isUncached: true };
}

/** What one call may be told beside its arguments. */
export interface CallOptions {
  /** Ends the wait of this caller: its promise rejects with the signal's reason. A load nobody waits for is given up. */
  readonly signal?: AbortSignal | undefined;
  /** Loads anew whatever the cache holds, as `refresh` does. */
  readonly refresh?: boolean | undefined;
}

function doNothing(): void {
  // A failure that is nobody's, or that was reported where it happened.
}
