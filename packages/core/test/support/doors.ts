import {
  type CacheEvent,
  type CacheInfo,
  type CacheStorage,
  type CallOptions,
  type LayerOptions,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';

/** The ways to ask a cache. */
export const doors = ['memoize', 'Memoizer.get', 'Memoizer.memoize'] as const;

export type Door = (typeof doors)[number];

/** A function that answers `value 1`, `value 2` …, or fails as long as the test wants that. */
interface FickleSource {
  /** What every call throws from now on; `undefined`: it answers. */
  failure: unknown;
  /** What is done in each call before it answers or fails. */
  before: () => unknown;
  calls: number;
  readonly call: () => Promise<string>;
}

function fickleSource(): FickleSource {
  const source: FickleSource = {
    failure: undefined,
    before: () => undefined,
    calls: 0,
    call: async () => {
      const number = ++source.calls;
      await source.before();
      if (source.failure !== undefined) throw source.failure;
      return `value ${number}`;
    },
  };
  return source;
}

/** One key, asked for through one of the doors, on a clock of its own. */
export interface Subject {
  readonly source: FickleSource;
  readonly clock: ManualClock;
  readonly storage: CacheStorage;
  readonly events: readonly CacheEvent[];
  readonly ask: (options?: CallOptions & { readonly etag?: string; readonly maxAge?: number }) => Promise<unknown>;
  /** What `ask` rejects with. */
  readonly failure: (options?: CallOptions & { readonly etag?: string; readonly maxAge?: number }) => Promise<unknown>;
  readonly refresh: () => Promise<unknown>;
  readonly delete: () => Promise<boolean>;
  readonly set: (value: unknown) => Promise<void>;
  readonly exists: () => Promise<boolean>;
  readonly ttl: () => Promise<number | undefined>;
  readonly expire: (after: number | null) => Promise<boolean>;
  readonly info: () => CacheInfo;
  /** The types of events so far, in their order. */
  readonly types: () => readonly CacheEvent['type'][];
}

type SubjectOptions = LayerOptions & { readonly storage?: CacheStorage; readonly clock?: ManualClock };

/** The operations on the one key. */
type Operations = Pick<Subject, 'ask' | 'refresh' | 'delete' | 'set' | 'exists' | 'ttl' | 'expire' | 'info'>;

export function subjectAt(door: Door, options: SubjectOptions = {}): Subject {
  const { clock = new ManualClock(1_000_000), storage = new LocalInMemoryCacheStorage({ clock }), ...layer } = options;
  const source = fickleSource();
  const events: CacheEvent[] = [];
  const common = { clock, onEvent: (event: CacheEvent) => void events.push(event) };
  const operations = { memoize: byFunction, 'Memoizer.get': byKey, 'Memoizer.memoize': byMemoizer }[door];
  const subject = operations(source, { ...common, storage, layer });
  const failure: Subject['failure'] = (own) =>
    subject.ask(own).then(
      (value) => Promise.reject(new Error(`It was answered with ${String(value)}.`)),
      (error: unknown) => error,
    );
  return { ...subject, source, clock, storage, events, failure, types: () => events.map(({ type }) => type) };
}

interface Parts {
  readonly clock: ManualClock;
  readonly onEvent: (event: CacheEvent) => void;
  readonly storage: CacheStorage;
  readonly layer: LayerOptions;
}

function byFunction(source: FickleSource, { layer, ...common }: Parts): Operations {
  return operationsOf(memoize(source.call, { name: 'function', jitter: 0, ...common, ...(layer as object) }));
}

function byMemoizer(source: FickleSource, { layer, storage, ...common }: Parts): Operations {
  const memo = new Memoizer(storage, { ...common, jitter: 0, regions: { tested: layer } });
  return operationsOf(memo.memoize(source.call, { name: 'function', region: 'tested' }));
}

function operationsOf(cached: ReturnType<typeof memoize<() => Promise<string>>>): Operations {
  return {
    ask: (own) => (own === undefined ? cached() : cached.with(own)()),
    refresh: () => cached.refresh(),
    delete: () => cached.delete([]),
    set: (value) => cached.set([], value as string),
    exists: () => cached.exists([]),
    ttl: () => cached.ttl([]),
    expire: (after) => cached.expire([], after),
    info: () => cached.cacheInfo(),
  };
}

function byKey(source: FickleSource, { layer, storage, ...common }: Parts): Operations {
  const memo = new Memoizer(storage, { ...common, jitter: 0, regions: { tested: layer } });
  const region = 'tested';
  return {
    ask: (own) => memo.get('key', source.call, { ...own, region }),
    refresh: () => memo.refresh('key', source.call, { region }),
    delete: () => memo.delete('key', { region }),
    set: (value) => memo.set('key', value, { region }),
    exists: () => memo.exists('key', { region }),
    ttl: () => memo.ttl('key', { region }),
    expire: (after) => memo.expire('key', after, { region }),
    info: () => memo.cacheInfo(),
  };
}
