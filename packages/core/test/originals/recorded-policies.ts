import {
  type CacheableFunction,
  type CacheEntry,
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  type EvictionStrategy,
  type KeyExtractor,
  LocalInMemoryCacheStorage,
  MutableCacheConfiguration,
} from '@memo/core';

/** Policies that write down what the engine asks of them. */
export interface RecordedPolicies {
  readonly configuration: MutableCacheConfiguration;
  /** The arguments of each time that `what`, such as `markRead`, was asked, in order. */
  readonly of: (what: string) => readonly (readonly unknown[])[];
  /** The key that the eviction strategy names the next time it is asked, and only then. */
  nextVictim: string | undefined;
}

/** All keys are `key`: the scenarios need no more than one. */
export function recordedPolicies(): RecordedPolicies {
  const asked: [string, ...unknown[]][] = [];
  const recorded: RecordedPolicies = {
    configuration: MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration()),
    of: (what) => asked.filter(([name]) => name === what).map(([, ...args]) => args),
    nextVictim: undefined,
  };
  const note = (...call: [string, ...unknown[]]): void => void asked.push(call);
  recorded.configuration
    .setKeyExtractor(recordedKeyExtractor(note))
    .setEvictionStrategy(recordedEvictionStrategy(note, recorded))
    .setStorage(recordedStorage(note));
  return recorded;
}

type Note = (what: string, ...args: unknown[]) => void;

function recordedKeyExtractor(note: Note): KeyExtractor {
  return {
    formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
      note('formatKey', fn, args);
      return 'key';
    },
  };
}

function recordedEvictionStrategy(note: Note, recorded: RecordedPolicies): EvictionStrategy {
  return {
    markRead: (key) => note('markRead', key),
    markWritten: (key, { value }) => note('markWritten', key, value),
    markReleased: (key) => note('markReleased', key),
    nextToRelease() {
      const victim = recorded.nextVictim;
      recorded.nextVictim = undefined;
      if (victim !== undefined) note('named to go', victim);
      return victim;
    },
  };
}

function recordedStorage(note: Note): CacheStorage {
  const entries = new LocalInMemoryCacheStorage();
  return {
    shared: false,
    get(key: string) {
      note('get', key);
      return entries.get(key);
    },
    offer(key: string, entry: CacheEntry) {
      note('offer', key, entry.value);
      return entries.offer(key, entry);
    },
    release(key: string) {
      note('release', key);
      return entries.release(key);
    },
  };
}
