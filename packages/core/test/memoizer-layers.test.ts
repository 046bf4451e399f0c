import {
  type CacheEntry,
  type CacheStorage,
  CachedMethodFailedError,
  type LayerOptions,
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  type Lock,
  Memoizer,
  type OfferResult,
  StorageFailedError,
  WaitLimitError,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from './support/deferred.js';

/** Keeps entries in this process, tells what was asked of it, and fails or grants no leases where that is wanted. */
class ObservedStorage extends LocalInMemoryCacheStorage {
  readonly offered: { readonly key: string; readonly entry: CacheEntry }[] = [];
  readonly requested: LeaseRequest[] = [];
  readonly released: string[] = [];
  failing = false;
  /** Whether somebody else loads everything. */
  held = false;

  override get(key: string): Promise<CacheEntry | undefined> {
    return this.failing ? Promise.reject(new Error('it is away')) : super.get(key);
  }

  override peek(key: string): CacheEntry | undefined {
    return this.failing ? undefined : super.peek(key);
  }

  override offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    this.offered.push({ key, entry });
    return super.offer(key, entry, lease);
  }

  override release(key: string): Promise<void> {
    this.released.push(key);
    return super.release(key);
  }

  override lease(key: string, request: LeaseRequest): LeaseAnswer {
    this.requested.push(request);
    return this.held ? { state: 'held', remaining: 10_000_000 } : super.lease(key, request);
  }
}

/** The layers from the innermost to the outermost; what is left out says nothing. */
type Layers = readonly [inner: LayerOptions, region: LayerOptions, parent: LayerOptions, outermost: LayerOptions];

/** Something that is asked through one of the doors of a `Memoizer`. */
interface Subject {
  readonly storage: ObservedStorage;
  readonly clock: ManualClock;
  readonly ask: (load: () => unknown) => Promise<unknown>;
}

type Door = 'a call' | 'a function';

function subjectOf(door: Door, [inner, region, parent, outermost]: Layers): Subject {
  const clock = new ManualClock(1_000_000);
  const storage = new ObservedStorage({ clock });
  const { storage: own, ...others } = outermost;
  const memo = new Memoizer(own ?? storage, {
    clock,
    onEvent: () => undefined,
    ...others,
    regions: { region: { ...region, parent: 'parent' }, parent },
  });
  if (door === 'a call') {
    return { storage, clock, ask: (load) => memo.get('key', load, { ...inner, region: 'region' }) };
  }
  let current: () => unknown;
  const cached = memo.memoize((): unknown => current(), { ...inner, region: 'region', name: 'function' });
  const ask = (load: () => unknown): Promise<unknown> => {
    current = load;
    return cached();
  };
  return { storage, clock, ask };
}

const lastEntry = ({ offered }: ObservedStorage): CacheEntry => offered.at(-1)!.entry;
const failureOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => undefined,
    (error: unknown) => (CachedMethodFailedError.isInstance(error) ? error.cause : error),
  );

/** What a layer may say of one option, and how one sees that it holds. */
interface Effect {
  readonly option: keyof LayerOptions;
  /** Said beside it by the `Memoizer`, so that it can be seen. */
  readonly beside?: LayerOptions;
  /** Makes anew what the layer says, so that what is seen is of one subject only. */
  readonly says: () => unknown;
  /** What the layers around it say. */
  readonly others: () => unknown;
  /** What is seen where it holds. */
  readonly seen: unknown;
  /** What is seen where `null` holds; left out where there is no `null`. */
  readonly nothing?: unknown;
  see(subject: Subject, said: unknown): unknown;
}

/** A lock that counts how often it was asked for. */
class CountingLock implements Lock {
  asked = 0;
  acquire(): Promise<boolean> {
    this.asked++;
    return Promise.resolve(true);
  }
  release(): Promise<void> {
    return Promise.resolve();
  }
}

async function answerWhileOthersLoad({ storage, clock, ask }: Subject): Promise<unknown> {
  storage.held = true;
  const answer = ask(() => 'loaded').catch((error: Error) =>
    WaitLimitError.isInstance(error.cause) ? 'refused' : error,
  );
  await turn();
  await clock.advance(1_000);
  await turn();
  return Promise.race([answer, turn().then(() => 'waiting')]);
}

const effects: readonly Effect[] = [
  {
    option: 'namespace',
    says: () => 'one',
    others: () => 'another',
    seen: true,
    nothing: false,
    async see({ storage, ask }) {
      await ask(() => 1);
      const { key } = storage.offered.at(-1)!;
      expect(key).not.toContain('another');
      return key.startsWith('one/');
    },
  },
  {
    option: 'storage',
    says: () => new ObservedStorage(),
    others: () => new LocalInMemoryCacheStorage(),
    seen: 1,
    async see({ ask }, said) {
      await ask(() => 1);
      return (said as ObservedStorage).offered.length;
    },
  },
  {
    option: 'updateAfter',
    beside: { expireAfter: '1 hour' },
    says: () => '5 seconds',
    others: () => '7 seconds',
    seen: 5_000,
    nothing: Infinity,
    async see({ storage, ask }) {
      await ask(() => 1);
      return lastEntry(storage).updateAfter - lastEntry(storage).created;
    },
  },
  {
    option: 'expireAfter',
    says: () => '5 seconds',
    others: () => '7 seconds',
    seen: 5_000,
    nothing: Infinity,
    async see({ storage, ask }) {
      await ask(() => 1);
      return lastEntry(storage).expiresAfter - lastEntry(storage).created;
    },
  },
  {
    option: 'maxAge',
    beside: { expireAfter: '1 hour' },
    says: () => '5 seconds',
    others: () => '3 seconds',
    seen: [1, 2],
    nothing: [1, 1],
    async see({ clock, ask }) {
      let loads = 0;
      await ask(() => ++loads);
      await clock.advance('4 seconds');
      const young = await ask(() => ++loads);
      await clock.advance('1 second');
      return [young, await ask(() => ++loads)];
    },
  },
  {
    option: 'etag',
    says: () => 1,
    others: () => 'other',
    seen: '1',
    nothing: undefined,
    async see({ storage, ask }) {
      await ask(() => 1);
      return lastEntry(storage).etag;
    },
  },
  {
    option: 'jitter',
    beside: { expireAfter: '1000 days' },
    says: () => 0.99,
    others: () => 0,
    seen: false,
    nothing: true,
    async see({ storage, ask }) {
      await ask(() => 1);
      return lastEntry(storage).expiresAfter - lastEntry(storage).created === 1_000 * 86_400_000;
    },
  },
  {
    option: 'timeout',
    says: () => '5 seconds',
    others: () => '7 seconds',
    seen: 5_000,
    nothing: 'waiting',
    async see({ clock, ask }) {
      const failure = failureOf(ask(() => new Promise(() => undefined)));
      await turn();
      await clock.advance('1 hour');
      const outcome = await Promise.race([failure, turn().then(() => 'waiting')]);
      return LoadTimeoutError.isInstance(outcome) ? outcome.context['timeout'] : outcome;
    },
  },
  {
    option: 'postprocessing',
    says: () => ({ apply: () => 'one' }),
    others: () => ({ apply: () => 'another' }),
    seen: 'one',
    nothing: 'value',
    see: ({ ask }) => ask(() => 'value'),
  },
  {
    option: 'lock',
    says: () => new CountingLock(),
    others: () => new CountingLock(),
    seen: 1,
    async see({ ask }, said) {
      await ask(() => 1);
      return (said as CountingLock).asked;
    },
  },
  {
    option: 'coordination',
    says: () => 'none',
    others: () => 'lease',
    seen: 0,
    async see({ storage, ask }) {
      await ask(() => 1);
      return storage.requested.length;
    },
  },
  {
    option: 'leaseTime',
    says: () => '5 seconds',
    others: () => '7 seconds',
    seen: 5_000,
    async see({ storage, ask }) {
      await ask(() => 1);
      return storage.requested.at(-1)!.time;
    },
  },
  {
    option: 'waitLimit',
    beside: { onWaitLimit: 'throw' },
    says: () => 0,
    others: () => '1 hour',
    seen: 'refused',
    nothing: 'waiting',
    see: answerWhileOthersLoad,
  },
  {
    option: 'onWaitLimit',
    beside: { waitLimit: 0 },
    says: () => 'throw',
    others: () => 'compute',
    seen: 'refused',
    see: answerWhileOthersLoad,
  },
  {
    option: 'earlyRefresh',
    says: () => ({ asked: 0, isDue: () => false }),
    others: () => ({ isDue: () => true }),
    seen: 1,
    nothing: 1,
    async see({ ask }) {
      let loads = 0;
      await ask(() => ++loads);
      await ask(() => ++loads);
      await turn();
      return loads;
    },
  },
  {
    option: 'errors',
    says: () => 'original',
    others: () => 'wrapped',
    seen: 'the source failed',
    async see({ ask }) {
      const answer = ask(() => Promise.reject(new Error('the source failed')));
      return answer.catch((error: unknown) => (error as Error).message);
    },
  },
  {
    option: 'onStorageError',
    says: () => 'throw',
    others: () => 'bypass',
    seen: true,
    async see({ storage, ask }) {
      storage.failing = true;
      return StorageFailedError.isInstance(await ask(() => 1).catch((error: unknown) => error));
    },
  },
  {
    option: 'retry',
    says: () => 2,
    others: () => 5,
    seen: 3,
    nothing: 1,
    async see({ ask }) {
      let loads = 0;
      await failureOf(ask(() => Promise.reject(new Error(`attempt ${++loads}`))));
      return loads;
    },
  },
  {
    option: 'negative',
    says: () => ({ as: 'value' }),
    others: () => ({}),
    seen: ['the source failed', 1],
    nothing: ['thrown', 2],
    async see({ ask, clock }) {
      let loads = 0;
      const load = (): unknown => {
        loads++;
        throw new Error('the source failed');
      };
      const answered = async (): Promise<unknown> =>
        ask(load).then(
          (error) => (error as Error).message,
          () => 'thrown',
        );
      await answered();
      // Longer than the key rests, shorter than a failure is remembered.
      await clock.advance('5 seconds');
      return [await answered(), loads];
    },
  },
  {
    option: 'staleIfError',
    beside: { expireAfter: '1 second' },
    says: () => '5 seconds',
    others: () => '1 hour',
    seen: [1, 'failed'],
    nothing: ['failed', 'failed'],
    async see({ ask, clock }) {
      const answered = (load: () => unknown): Promise<unknown> => ask(load).catch(() => 'failed');
      const failing = (): Promise<never> => Promise.reject(new Error('down'));
      await ask(() => 1);
      await clock.advance('4 seconds');
      const early = await answered(failing);
      await clock.advance('4 seconds');
      return [early, await answered(failing)];
    },
  },
  {
    option: 'enabled',
    says: () => false,
    others: () => true,
    seen: [1, 2],
    nothing: [1, 1],
    async see({ ask }) {
      let loads = 0;
      return [await ask(() => ++loads), await ask(() => ++loads)];
    },
  },
  {
    option: 'removeExpiredEvery',
    beside: { expireAfter: '1 second' },
    says: () => '1 minute',
    others: () => '1 hour',
    seen: 1,
    nothing: 0,
    async see({ storage, ask, clock }) {
      await ask(() => 1);
      await clock.advance('2 minutes');
      await ask(() => turn());
      return storage.released.length;
    },
  },
];

const places = ['the innermost layer', 'the region', 'its parent', 'the Memoizer'] as const;
const doors: readonly Door[] = ['a call', 'a function'];

/** Layers of which `place` says `value`, and all further ones say something else. */
function layersWith({ option, beside, others }: Effect, place: number, value: unknown): Layers {
  const layers = places.map((_place, index) => {
    if (index < place) return {};
    return { [option]: index === place ? value : others() };
  });
  const [inner = {}, region = {}, parent = {}, outermost = {}] = layers;
  return [inner, region, parent, { ...beside, ...outermost }];
}

const cases = effects.flatMap((effect) =>
  doors.flatMap((door) =>
    places.map((name, place) => ({ title: `${effect.option} of ${name}, for ${door}`, effect, door, place })),
  ),
);

describe('what one layer says', () => {
  it.each(cases)('holds: $title', async ({ effect, door, place }) => {
    const said = effect.says();
    expect(await effect.see(subjectOf(door, layersWith(effect, place, said)), said)).toEqual(effect.seen);
  });

  it.each(cases.filter(({ effect }) => 'nothing' in effect))(
    'may be that there is explicitly nothing: $title',
    async ({ effect, door, place }) => {
      expect(await effect.see(subjectOf(door, layersWith(effect, place, null)), null)).toEqual(effect.nothing);
    },
  );

  it('can be seen of every option', () => {
    const options: readonly string[] = effects.map(({ option }) => option);
    const all: Record<keyof LayerOptions, true> = {
      namespace: true,
      storage: true,
      updateAfter: true,
      expireAfter: true,
      maxAge: true,
      etag: true,
      jitter: true,
      timeout: true,
      postprocessing: true,
      lock: true,
      coordination: true,
      leaseTime: true,
      waitLimit: true,
      onWaitLimit: true,
      earlyRefresh: true,
      errors: true,
      onStorageError: true,
      retry: true,
      negative: true,
      staleIfError: true,
      enabled: true,
      removeExpiredEvery: true,
    };
    expect([...options].sort()).toEqual(Object.keys(all).sort());
  });
});

describe('a lock of nothing', () => {
  /** A storage that decides by a lock of its own who loads. */
  const lockedStorage = (lock: Lock): CacheStorage => {
    const storage = new LocalInMemoryCacheStorage();
    return {
      get: (key) => storage.get(key),
      offer: (key, entry) => storage.offer(key, entry),
      release: (key) => storage.release(key),
      lock: () => lock,
    };
  };

  it.each(doors)('is not even that of the storage, for %s', async (door) => {
    for (const [place, name] of places.entries()) {
      const lock = new CountingLock();
      const outermost: LayerOptions = { storage: lockedStorage(lock), lock: new CountingLock() };
      const layers = places.map((_name, index): LayerOptions => (index === place ? { lock: null } : {}));
      const [inner = {}, region = {}, parent = {}, last = {}] = layers;
      const { ask } = subjectOf(door, [inner, region, parent, { ...outermost, ...last }]);
      await ask(() => 1);
      expect(lock.asked, name).toBe(0);
      expect((outermost.lock as CountingLock).asked, name).toBe(0);
    }
  });

  it.each(doors)('has to be said: else it is that of the storage, for %s', async (door) => {
    const lock = new CountingLock();
    const { ask } = subjectOf(door, [{}, {}, {}, { storage: lockedStorage(lock) }]);
    await ask(() => 1);
    expect(lock.asked).toBe(1);
  });
});
