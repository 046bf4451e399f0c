import { setTimeout as pause } from 'node:timers/promises';
import { CachedMethodFailedError, RecentlyFailedError } from '@memo/core';
import type { Value } from '../history/record.js';
import type { Recorder } from '../history/recorder.js';
import { between } from '../seeded-random.js';
import type { Source } from './orders.js';

/** The source failed, as it was told to. */
class SourceFailedError extends Error {}

/** What a load is told beside its keys. */
export interface LoadAbout {
  /** The call that it is for. */
  readonly call?: number;
  /** The revision that the value of a key has to be made from. */
  readonly revisionOf?: (key: string) => string | undefined;
}

/** What cached values are loaded from: it behaves as it is told, and writes down what it is asked for. */
export class RecordedSource {
  /** May be changed at any time, for the loads that begin from then on. */
  behaviour: Source;
  readonly #recorder: Recorder;
  readonly #random: () => number;
  readonly #listeners = new Map<string, () => void>();
  #batches = 0;

  constructor(behaviour: Source, recorder: Recorder, random: () => number) {
    this.behaviour = behaviour;
    this.#recorder = recorder;
    this.#random = random;
  }

  async load(key: string, about?: LoadAbout): Promise<Value> {
    const values = await this.loadMany([key], about);
    return values.get(key)!;
  }

  /** One load of several keys, all of which take the same time. */
  async loadMany(keys: readonly string[], { call, revisionOf }: LoadAbout = {}): Promise<Map<string, Value>> {
    const { shortest, longest, failing = 0 } = this.behaviour;
    const batch = ++this.#batches;
    const values = keys.map((key) => this.#recorder.newValue(key, 'load', revisionOf?.(key)));
    for (const value of values) {
      this.#recorder.loadBegan(value, { call, batch });
      this.#listeners.get(value.key)?.();
    }
    await pause(between(this.#random, shortest, longest));
    for (const value of values) this.#recorder.loadEnded(value);
    if (this.#random() < failing) throw new SourceFailedError('told to');
    return new Map(values.map((value) => [value.key, value]));
  }

  /** Resolves as soon as a load of `key` begins. */
  async begun(key: string): Promise<void> {
    await new Promise<void>((resolve) => this.#listeners.set(key, resolve));
    this.#listeners.delete(key);
  }
}

/** Whether a call failed since the source did, which is no fault of the cache. */
export function isFailureOfSource(error: unknown): boolean {
  if (!CachedMethodFailedError.isInstance(error)) return false;
  return error.cause instanceof SourceFailedError || RecentlyFailedError.isInstance(error.cause);
}
