import type { CacheEntry, CacheStorage, Lease, OfferResult } from '@memo/core';
import type { Value } from '../history/record.js';
import type { Recorder } from '../history/recorder.js';

/**
 * A storage that writes down what is offered to it.
 *
 * @param fenced - `false` switches the fence off: leases decide who loads, as ever, but the storage keeps whatever is
 *   offered, as if there were none. It is the positive control of the proof: the checker has to find stale reads then.
 */
export function recordingStorage(storage: CacheStorage, recorder: Recorder, fenced: boolean): CacheStorage {
  const offer = (key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> =>
    recorder.publishing(entry.value as Value, () => storage.offer(key, entry, fenced ? lease : undefined));
  // Abilities are optional methods: what the storage lacks has to be lacking here as well.
  return new Proxy(storage, {
    get: (target, name) => {
      if (name === 'offer') return offer;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
