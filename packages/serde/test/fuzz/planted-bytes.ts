import { memoize, UnreadableEntryError, type CacheEvent, type CacheStorage, type SerDe } from '@memo/core';
import { expect } from 'vitest';
import { EncodingSerDe, entryOfFrame, open, type Frame } from '../../src/index.js';
import { plains, type Plain } from './combinations.js';
import { encoded } from './dialects.js';
import { Dice } from './dice.js';
import { mutatedEnvelope } from './envelope-mutation.js';
import { verdictOnEntry } from './verdict.js';

/** A storage, and the server behind it, where anybody can put bytes under the name of the entry of `key`. */
export interface PlantedStorage {
  readonly storage: CacheStorage;
  /** The key that the bytes are read and planted under. */
  readonly key: string;
  read(): Promise<Uint8Array>;
  plant(bytes: Uint8Array): Promise<void>;
}

/** The SerDes that bytes are planted for. */
export const plantedPlains: readonly Plain[] = [
  ...plains,
  ...plains.map(({ serde, ...plain }) => ({
    ...{ ...plain, name: `${plain.name}+gzip`, dialect: encoded },
    serde: new EncodingSerDe(serde, 'gzip'),
  })),
];

/** The function that the bytes are planted for is called so, and its keys begin so. */
export const plantedFunction = 'planted';

/**
 * Plants mutation after mutation, and expects that a call answers what it loads, or a sound value where the bytes hold
 * one; that the event says so where they do not; and that the storage counts as well.
 */
export async function requireMisses(
  { serde, dialect, entries }: Plain,
  { storage, key, read, plant }: PlantedStorage,
  { seed, count }: { readonly seed: number; readonly count: number },
): Promise<{ readonly unreadable: number; readonly hits: number }> {
  const events: CacheEvent[] = [];
  let loads = 0;
  const load = async (id: string): Promise<unknown> => ({ id, loads: ++loads, value: entries[0]!.value });
  const cached = memoize(load, { name: plantedFunction, storage, onEvent: (event) => void events.push(event) });
  await cached('a');
  const original = new Uint8Array(await read());
  const seen = { unreadable: 0, hits: 0 };
  for (let index = 0; index < count; index++) {
    const bytes = mutatedEnvelope(original, new Dice(seed, index), dialect, [original]);
    await plant(bytes);
    events.length = 0;
    const before = loads;
    const value = await cached('a');
    const frame = frameIn(bytes);
    const hits = events.filter(({ type }) => type === 'hit' || type === 'stale-served').length;
    const unreadable = events.filter((event) => event.type === 'unreadable');
    if (hits === 0) expect([index, value]).toEqual([index, { id: 'a', loads: before + 1, value: entries[0]!.value }]);
    else
      expect([index, verdictOnEntry({ value, created: 0, updateAfter: 0, expiresAfter: 0 }, undefined)]).toEqual([
        index,
        'read',
      ]);
    if (await mustBeTold(frame, original, key, serde)) expect([index, unreadable.length]).toEqual([index, 1]);
    for (const { error } of unreadable) {
      expect(error).toBeInstanceOf(UnreadableEntryError);
      expect(error.message.startsWith(`What is stored under key ${JSON.stringify(key)} cannot be read: `)).toBe(true);
    }
    expect([index, events.filter(({ type }) => type.endsWith('failed'))]).toEqual([index, []]);
    await settled(events);
    seen.unreadable += unreadable.length;
    seen.hits += hits;
  }
  expect(await cached('a')).toMatchObject({ id: 'a' });
  return seen;
}

function frameIn(bytes: Uint8Array): Frame | undefined {
  try {
    return open(bytes);
  } catch {
    return undefined;
  }
}

/** Whether bytes are damaged, rather than those of an entry that is not there, has been cleared, or is sound. */
async function mustBeTold(frame: Frame | undefined, original: Uint8Array, key: string, serde: SerDe): Promise<boolean> {
  if (frame === undefined) return true;
  const { generation: written } = open(original);
  if (frame.placeholder === true || !isSame(frame.generation, written)) return false;
  try {
    await entryOfFrame(key, frame, serde);
    return false;
  } catch {
    return true;
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Buffer.compare(one, other) === 0);
}

/** What was stale when it was read is refreshed behind the call, and must be there before the next is planted. */
async function settled(events: readonly CacheEvent[]): Promise<void> {
  if (!events.some(({ type }) => type === 'stale-served')) return;
  await expect.poll(() => events.some(({ type }) => type === 'refreshed' || type === 'declined')).toBe(true);
}
