import type { CacheEntry } from '../../entry/cache-entry.js';
import { StorageFailedError, UnreadableEntryError } from '../../errors.js';
import { settledWithin } from '../pause.js';
import { samplesOf } from '../value-samples.js';
import { acquire, long } from './leasing.js';
import { limitOf, untilItWorks } from './interruptions.js';
import { entryOf, keep, partsOf, storageClause, type StorageClause, type StorageWith } from './storage-subject.js';

type ManyReader = StorageWith<'getMany'>;

/** Reading many keys at once: each is answered as if it were asked for alone. */
export const manyClauses: readonly StorageClause[] = [
  storageClause({
    id: 'many',
    title: 'of many keys each is answered in its place, and one where nothing is with undefined',
    needs: ['getMany'],
    async run({ storage }, expect) {
      const kept = ['a', 'B', '\n', '*', '鍵', '\ud800', 'b'.repeat(300), 'constructor', 'k'.repeat(10_000)];
      for (const [at, key] of kept.entries()) await keep(storage, key, entryOf(at), expect);
      const absent = ['never offered', '__proto__', 'toString', 'A', 'k'.repeat(9_999), '\ud801'];
      const keys = [...kept, ...absent].map((_, at, all) => all[(at * 7) % all.length]!);
      const values = keys.map((key) => (kept.includes(key) ? kept.indexOf(key) : undefined));
      expect(await valuesOf(storage, keys)).toStrictEqual(values);
    },
  }),
  storageClause({
    id: 'many-values',
    title: 'what is found among many is as it was offered: every value, every part of an entry',
    needs: ['getMany'],
    async run({ storage, values }, expect) {
      const now = Date.now();
      const entries = [
        entryOf('moments', { created: now - 0.25, started: now - 60_000.5, updateAfter: 0, expiresAfter: Infinity }),
        entryOf('parts', { etag: '', failed: true }),
        ...samplesOf(values).map(([, value]) => entryOf(value)),
      ];
      const keys = entries.map((_, at) => `key ${at}`);
      for (const [at, key] of keys.entries()) await keep(storage, key, entries[at]!, expect);
      const found = await storage.getMany(keys);
      expect(found.map((answer) => (answer instanceof Error ? answer : partsOf(answer)))).toStrictEqual(
        entries.map(partsOf),
      );
    },
  }),
  storageClause({
    id: 'many-twice',
    title: 'a key that is asked for twice is answered twice',
    needs: ['getMany'],
    async run({ storage }, expect) {
      for (const key of ['a', 'b']) await keep(storage, key, entryOf(`of ${key}`), expect);
      const keys = ['a', 'absent', 'b', 'a', 'a', 'absent'];
      const values = ['of a', undefined, 'of b', 'of a', 'of a', undefined];
      expect(await valuesOf(storage, keys)).toStrictEqual(values);
    },
  }),
  storageClause({
    id: 'many-same-entry',
    title: 'the very entries that were offered are found among many',
    needs: ['getMany', 'sameEntry'],
    async run({ storage }, expect) {
      const entry = await keep(storage, 'same', entryOf({ id: 1 }), expect);
      const found = await storage.getMany(['absent', 'same']);
      expect(found[1]).toBe(entry);
    },
  }),
  storageClause({
    id: 'many-copied',
    title: 'what a caller does to a value found among many changes nothing, not even at another place of the answer',
    needs: ['getMany', 'copies'],
    async run({ storage }, expect) {
      await keep(storage, 'copied', entryOf({ list: [1] }), expect);
      const found = (await storage.getMany(['copied', 'copied'])) as readonly CacheEntry[];
      (found[0]!.value as { list: number[] }).list.push(2);
      expect(found[1]!.value).toStrictEqual({ list: [1] });
      expect(await valuesOf(storage, ['copied'])).toStrictEqual([{ list: [1] }]);
    },
  }),
  storageClause({
    id: 'many-none',
    title: 'no keys are answered with nothing',
    needs: ['getMany'],
    async run({ storage }, expect) {
      await keep(storage, 'kept', entryOf('value'), expect);
      expect(await storage.getMany([])).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'many-thousand',
    title: 'a thousand keys are answered, and twenty of 50 kB each',
    needs: ['getMany'],
    async run({ storage }, expect) {
      const keys = Array.from({ length: 1_000 }, (_, at) => `key ${at}`);
      const isKept = (at: number): boolean => at % 4 === 3;
      const kept = keys.filter((_, at) => isKept(at));
      await Promise.all(kept.map((key) => keep(storage, key, entryOf(`of ${key}`), expect)));
      const values = keys.map((key, at) => (isKept(at) ? `of ${key}` : undefined));
      expect(await valuesOf(storage, keys)).toStrictEqual(values);
      const large = keys.slice(0, 20);
      const textOf = (key: string): string => key.padEnd(50_000, '-');
      await Promise.all(large.map((key) => keep(storage, key, entryOf(textOf(key)), expect)));
      // Compared here, as the test framework would print a megabyte.
      const found = await valuesOf(storage, large);
      expect(large.filter((key, at) => found[at] !== textOf(key))).toStrictEqual([]);
    },
  }),
  storageClause({
    id: 'many-concurrent',
    title: 'lists that are read at the same time keep apart, among each other and from what is read alone',
    needs: ['getMany'],
    async run({ storage }, expect) {
      const keys = Array.from({ length: 30 }, (_, at) => `key ${at}`);
      await Promise.all(keys.map((key) => keep(storage, key, entryOf(`of ${key}`), expect)));
      const lists = keys.map((_, at) => [...keys.slice(at), 'absent', ...keys.slice(0, at)]);
      const found = Promise.all(lists.map((list) => valuesOf(storage, list)));
      const alone = Promise.all(keys.map((key) => storage.get(key)));
      expect(await found).toStrictEqual(
        lists.map((list) => list.map((key) => (key === 'absent' ? undefined : `of ${key}`))),
      );
      expect((await alone).map((entry) => entry?.value)).toStrictEqual(keys.map((key) => `of ${key}`));
    },
  }),
  storageClause({
    id: 'many-placeholders',
    title: 'a key of which there is a lease or a rest and no entry counts as one where nothing is',
    needs: ['getMany', 'lease'],
    async run({ storage }, expect) {
      const kept = await keep(storage, 'kept', entryOf('value'), expect);
      await acquire(storage, 'kept', expect, { seen: kept });
      await acquire(storage, 'loading', expect);
      const failed = await acquire(storage, 'resting', expect);
      expect(await failed.giveBack({ failures: 1, milliseconds: long })).toBe(true);
      expect(await valuesOf(storage, ['loading', 'kept', 'resting'])).toStrictEqual([undefined, 'value', undefined]);
    },
  }),
  storageClause({
    id: 'many-neighbours',
    title: "a neighbour's entries are not found among many",
    needs: ['getMany', 'openNeighbour'],
    async run({ storage, openNeighbour }, expect) {
      const neighbour = await openNeighbour();
      await keep(neighbour, "neighbour's", entryOf("neighbour's"), expect);
      for (const client of [storage, neighbour]) {
        await keep(client, 'same key', entryOf(client === storage ? 'own' : "neighbour's"), expect);
      }
      expect(await valuesOf(storage, ["neighbour's", 'same key'])).toStrictEqual([undefined, 'own']);
    },
  }),
  storageClause({
    id: 'many-shared',
    title: 'what one client has done to its entries another sees among many once that is confirmed',
    needs: ['getMany', 'openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const keys = ['a', 'b', 'c'];
      const valuesAfter = async (change: () => Promise<unknown> | undefined): Promise<readonly unknown[]> => {
        for (const key of keys) await keep(storage, key, entryOf('before'), expect);
        expect(await valuesOf(storage, keys)).toStrictEqual(['before', 'before', 'before']);
        await change();
        return valuesOf(storage, keys);
      };
      const offered = await valuesAfter(() => keep(another, 'b', entryOf('after'), expect));
      expect(offered).toStrictEqual(['before', 'after', 'before']);
      if (another.invalidate !== undefined) {
        const invalidated = await valuesAfter(() => another.invalidate?.('b'));
        expect(invalidated).toStrictEqual(['before', undefined, 'before']);
      }
      if (another.clear !== undefined) {
        expect(await valuesAfter(() => another.clear?.(''))).toStrictEqual([undefined, undefined, undefined]);
      }
    },
  }),
  storageClause({
    id: 'many-unreadable',
    title: 'bytes that cannot be read are an UnreadableEntryError in their place; the other keys are answered',
    needs: ['getMany', 'corrupt'],
    async run({ storage, corrupt }, expect) {
      const keys = ['first', 'corrupt', 'absent', 'last'];
      for (const key of ['first', 'corrupt', 'last']) await keep(storage, key, entryOf(`of ${key}`), expect);
      await corrupt('corrupt');
      expect(await valuesOf(storage, keys)).toStrictEqual(['of first', 'unreadable', undefined, 'of last']);
    },
  }),
  storageClause({
    id: 'many-interrupted',
    title:
      'while the backend is away every key is answered with a StorageFailedError, within the deadline; no keys are answered still',
    needs: ['getMany', 'interrupt'],
    async run({ storage, interrupt }, expect) {
      const keys = ['kept', 'absent', 'kept'];
      await keep(storage, 'kept', entryOf('value'), expect);
      const resume = await interrupt();
      try {
        expect(await settledWithin(limitOf(storage), valuesOf(storage, keys))).toStrictEqual(keys.map(() => 'failed'));
        expect(await settledWithin(limitOf(storage), storage.getMany([]))).toStrictEqual([]);
      } finally {
        await resume();
      }
      await untilItWorks(() => requireAnswers(storage, keys));
      expect(await valuesOf(storage, keys)).toStrictEqual(['value', undefined, 'value']);
    },
  }),
];

/** The values found under `keys`; a word where an error stands. */
async function valuesOf(storage: ManyReader, keys: readonly string[]): Promise<readonly unknown[]> {
  const found = await storage.getMany(Object.freeze([...keys]));
  return found.map((answer) => (answer instanceof Error ? wordFor(answer) : answer?.value));
}

function wordFor(error: Error): unknown {
  if (UnreadableEntryError.isInstance(error)) return 'unreadable';
  return StorageFailedError.isInstance(error) ? 'failed' : error;
}

/** Rejects while one of the keys cannot be asked for. */
async function requireAnswers(storage: ManyReader, keys: readonly string[]): Promise<void> {
  const error = (await storage.getMany(keys)).find((answer) => answer instanceof Error);
  if (error !== undefined) throw error;
}
