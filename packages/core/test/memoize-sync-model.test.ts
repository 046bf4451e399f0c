import {
  type Clock,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  memoizeSync,
} from '@memo/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** What a cache is told in all its calls. Times are in milliseconds. */
interface Traits {
  readonly capacity: number;
  readonly readsCount: boolean;
  readonly expireAfter: number;
  /** `undefined`: failures are not remembered. */
  readonly negative: number | undefined;
  readonly staleIfError: number;
}

type Step =
  | { readonly do: 'call'; readonly key: string; readonly fails: boolean; readonly maxAge: number | null }
  | { readonly do: 'refresh' | 'callAndClear' | 'callAndDelete'; readonly key: string; readonly fails: boolean }
  | { readonly do: 'set' | 'delete' | 'exists' | 'ttl'; readonly key: string }
  | { readonly do: 'expire'; readonly key: string; readonly after: number | null }
  | { readonly do: 'clear' | 'removeExpired' | 'size' }
  | { readonly do: 'pass'; readonly time: number };

/** A cache of which only the steps are known. What it answers is text, so that two of them can be compared. */
interface Subject {
  take(step: Step): unknown;
}

class TestClock implements Clock {
  time = 0;
  now(): number {
    return this.time;
  }
  setTimer(): () => void {
    return () => undefined;
  }
}

/** The cache itself. */
function memoizedSubject({ capacity, readsCount, expireAfter, negative, staleIfError }: Traits): Subject {
  const clock = new TestClock();
  const Strategy = readsCount ? LeastRecentlyUsedEvictionStrategy : LeastRecentlyUpdatedEvictionStrategy;
  let version = 0;
  let during: () => unknown = () => undefined;
  let fails = false;
  const cached = memoizeSync(
    (_key: string): number => {
      version++;
      during();
      if (fails) throw new Error(`failure ${version}`);
      return version;
    },
    {
      clock,
      expireAfter,
      staleIfError,
      evictionStrategy: new Strategy(capacity),
      ...(negative !== undefined && { negative: { expireAfter: negative } }),
    },
  );
  const loading = (step: { readonly fails: boolean }, also: () => unknown, act: () => unknown): unknown => {
    [during, fails] = [also, step.fails];
    try {
      return act();
    } catch (error) {
      const cause = (error as Error).cause as Error & { code?: string };
      return cause.code === 'RECENTLY_FAILED' ? 'rests' : cause.message;
    }
  };
  const nothing = (): void => undefined;
  return {
    take(step) {
      switch (step.do) {
        case 'call':
          return loading(step, nothing, () => cached.with({ maxAge: step.maxAge })(step.key));
        case 'callAndClear':
          return loading(step, cached.clear, () => cached(step.key));
        case 'callAndDelete':
          return loading(
            step,
            () => cached.delete([step.key]),
            () => cached(step.key),
          );
        case 'refresh':
          return loading(step, nothing, () => cached.refresh(step.key));
        case 'set': {
          cached.set([step.key], ++version);
          return;
        }
        case 'delete':
          return cached.delete([step.key]);
        case 'exists':
          return cached.exists([step.key]);
        case 'ttl':
          return cached.ttl([step.key]);
        case 'expire':
          return cached.expire([step.key], step.after);
        case 'clear': {
          cached.clear();
          return;
        }
        case 'removeExpired':
          return cached.removeExpired();
        case 'size':
          return cached.cacheInfo().size;
        case 'pass':
          return void (clock.time += step.time);
      }
    },
  };
}

interface ModelEntry {
  readonly key: string;
  readonly answer: number | string;
  readonly failed: boolean;
  readonly created: number;
  deadline: number;
}

/** What it should be like, with lists that are searched from end to end. */
class Model implements Subject {
  readonly #traits: Traits;
  /** The next to go comes first. */
  #entries: ModelEntry[] = [];
  #rests: { readonly key: string; readonly failures: number; readonly until: number }[] = [];
  #time = 0;
  #version = 0;

  constructor(traits: Traits) {
    this.#traits = traits;
  }

  take(step: Step): unknown {
    switch (step.do) {
      case 'call':
        return this.#call(step.key, step.fails, step.maxAge ?? Infinity);
      case 'callAndClear':
        return this.#call(step.key, step.fails, Infinity, () => this.#clear());
      case 'callAndDelete':
        return this.#call(step.key, step.fails, Infinity, () => this.#delete(step.key));
      case 'refresh':
        return this.#load(step.key, step.fails);
      case 'set':
        this.#rests = this.#rests.filter(({ key }) => key !== step.key);
        {
          this.#keep(step.key, ++this.#version, false, this.#traits.expireAfter);
          return;
        }
      case 'delete': {
        const wasLive = this.#live(step.key) !== undefined;
        this.#delete(step.key);
        return wasLive;
      }
      case 'exists':
        return this.#live(step.key) !== undefined;
      case 'ttl': {
        const entry = this.#live(step.key);
        return entry && entry.deadline - this.#time;
      }
      case 'expire': {
        const entry = this.#live(step.key);
        if (entry !== undefined) entry.deadline = this.#time + (step.after ?? Infinity);
        return entry !== undefined;
      }
      case 'clear': {
        this.#clear();
        return;
      }
      case 'removeExpired': {
        const before = this.#entries.length;
        this.#entries = this.#entries.filter((entry) => this.#time < this.#usefulUntil(entry));
        return before - this.#entries.length;
      }
      case 'size':
        return this.#entries.length;
      case 'pass':
        return void (this.#time += step.time);
    }
  }

  #call(key: string, fails: boolean, maxAge: number, invalidate?: () => void): unknown {
    const found = this.#found(key);
    if (found !== undefined && this.#traits.readsCount) {
      this.#entries = [...this.#entries.filter((entry) => entry !== found), found];
    }
    const deadline = Math.min(found?.deadline ?? -Infinity, (found?.created ?? 0) + maxAge);
    if (found !== undefined && this.#time < deadline) return found.answer;
    const bridge =
      found !== undefined && !found.failed && this.#time < deadline + this.#traits.staleIfError ? found : undefined;
    if (this.#rests.some((rest) => rest.key === key && this.#time < rest.until)) return bridge?.answer ?? 'rests';
    return this.#load(key, fails, bridge, invalidate);
  }

  /** @param bridge - what may be served if it fails. @param invalidate - what happens during the load. */
  #load(key: string, fails: boolean, bridge?: ModelEntry, invalidate?: () => void): unknown {
    const { negative, staleIfError, expireAfter } = this.#traits;
    const answer = fails ? `failure ${++this.#version}` : ++this.#version;
    invalidate?.();
    if (invalidate !== undefined) return answer;
    if (!fails) {
      this.#rests = this.#rests.filter((rest) => rest.key !== key);
      this.#keep(key, answer, false, expireAfter);
      return answer;
    }
    const there = this.#found(key);
    const isGood = there !== undefined && !there.failed && this.#time < this.#usefulUntil(there);
    if (negative !== undefined && !isGood) {
      this.#rests = this.#rests.filter((rest) => rest.key !== key);
      this.#keep(key, answer, true, negative);
      return answer;
    }
    if (staleIfError > 0) {
      const failures = (this.#rests.find((rest) => rest.key === key)?.failures ?? 0) + 1;
      const until = this.#time + Math.min(3_000, 93.75 * 2 ** (failures - 1));
      this.#rests = [...this.#rests.filter((rest) => rest.key !== key), { key, failures, until }];
    }
    return bridge?.answer ?? answer;
  }

  #keep(key: string, answer: number | string, failed: boolean, lifetime: number): void {
    const entry = { key, answer, failed, created: this.#time, deadline: this.#time + lifetime };
    this.#entries = [...this.#entries.filter((other) => other.key !== key), entry].slice(-this.#traits.capacity);
    if (this.#traits.capacity === 0) this.#entries = [];
  }

  #found(key: string): ModelEntry | undefined {
    return this.#entries.find((entry) => entry.key === key);
  }

  #live(key: string): ModelEntry | undefined {
    const found = this.#found(key);
    return found !== undefined && this.#time < found.deadline ? found : undefined;
  }

  #usefulUntil({ failed, deadline }: ModelEntry): number {
    return failed ? deadline : deadline + this.#traits.staleIfError;
  }

  #delete(key: string): void {
    this.#entries = this.#entries.filter((entry) => entry.key !== key);
    this.#rests = this.#rests.filter((rest) => rest.key !== key);
  }

  #clear(): void {
    this.#entries = [];
    this.#rests = [];
  }
}

const aKey = fc.constantFrom('a', 'b', 'c', 'd');
const aTime = fc.constantFrom(0, 1, 30, 50, 60, 100, 200, 1_000);
const seldom = fc.integer({ min: 0, max: 2 }).map((number) => number === 0);

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      key: aKey,
      fails: seldom,
      maxAge: fc.option(aTime, { freq: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('refresh' as const, 'callAndClear' as const, 'callAndDelete' as const),
      key: aKey,
      fails: seldom,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('set' as const, 'delete' as const, 'exists' as const, 'ttl' as const),
      key: aKey,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('expire' as const), key: aKey, after: fc.option(aTime, { freq: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'removeExpired' as const, 'size' as const) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), time: aTime }) },
);

const someTraits: fc.Arbitrary<Traits> = fc.record({
  capacity: fc.integer({ min: 0, max: 4 }),
  readsCount: fc.boolean(),
  expireAfter: fc.constantFrom(0, 50, 100, Infinity),
  negative: fc.constantFrom(undefined, 0, 30, 100),
  staleIfError: fc.constantFrom(0, 60),
});

it('answers as a simple model does, whatever happens to it', () => {
  fc.assert(
    fc.property(someTraits, fc.array(aStep, { minLength: 10, maxLength: 80 }), (traits, steps) => {
      const [subject, model] = [memoizedSubject(traits), new Model(traits)];
      for (const step of steps) {
        expect([step, subject.take(step)]).toEqual([step, model.take(step)]);
        const size: Step = { do: 'size' };
        expect([step, subject.take(size)]).toEqual([step, model.take(size)]);
      }
    }),
    { numRuns: 500 },
  );
});
