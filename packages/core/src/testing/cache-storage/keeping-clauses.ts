import type { CacheEntry } from '../../entry/cache-entry.js';
import type { CacheStorage } from '../../storage/cache-storage.js';
import type { Expect } from '../contract.js';
import { rememberedFailure } from '../remembered-failure.js';
import { samplesBeyond, samplesOf } from '../value-samples.js';
import { entryOf, expectKept, isKept, keep, partsOf, storageClause, type StorageClause } from './storage-subject.js';

/** What was offered comes back as it was, or not at all. */
export const keepingClauses: readonly StorageClause[] = [
  storageClause({
    id: 'get-unknown',
    title: 'nothing is found under a key that was never offered',
    async run({ storage }, expect) {
      for (const key of ['never offered', '__proto__', 'constructor', 'toString']) {
        expect(await storage.get(key)).toBe(undefined);
      }
    },
  }),
  storageClause({
    id: 'offer-get',
    title: 'an offered entry is found under its key, more than once',
    async run({ storage }, expect) {
      const entry = await keep(storage, 'offered', entryOf('value'), expect);
      await expectKept(storage, 'offered', entry, expect);
      await expectKept(storage, 'offered', entry, expect);
    },
  }),
  storageClause({
    id: 'overwrite',
    title: 'an entry replaces the one before it, with all its parts',
    async run({ storage }, expect) {
      await keep(
        storage,
        'overwritten',
        entryOf('a first value that is long', { etag: 'first', failed: true }),
        expect,
      );
      const second = await keep(storage, 'overwritten', entryOf('second', { created: 1_000 }), expect);
      await expectKept(storage, 'overwritten', second, expect);
    },
  }),
  storageClause({
    id: 'moments',
    title: 'moments come back to the last digit: fractions, zero, for ever',
    async run({ storage }, expect) {
      const now = Date.now();
      for (const moments of [
        { created: 0, updateAfter: Infinity, expiresAfter: Infinity },
        { created: now, updateAfter: Infinity, expiresAfter: now + 60_000 },
        { created: now + 0.25, updateAfter: now + 30_000.5, expiresAfter: now + 60_000.125 },
        { created: now, updateAfter: 0, expiresAfter: 8.64e15 },
      ]) {
        const entry = await keep(storage, 'moments', entryOf('value', moments), expect);
        await expectKept(storage, 'moments', entry, expect);
      }
    },
  }),
  storageClause({
    id: 'started',
    title: 'when the load began comes back, a fraction included, or that nobody said so',
    async run({ storage }, expect) {
      for (const started of [0, 1_000_000, Date.now() - 0.25]) {
        const entry = await keep(storage, 'started', entryOf('value', { started }), expect);
        await expectKept(storage, 'started', entry, expect);
      }
      const entry = await keep(storage, 'started', entryOf('value'), expect);
      await expectKept(storage, 'started', entry, expect);
    },
  }),
  storageClause({
    id: 'etag',
    title: 'an etag comes back, also an empty one',
    async run({ storage }, expect) {
      for (const etag of ['', 'W/"päper-1"', 'e'.repeat(1_000)]) {
        const entry = await keep(storage, 'etag', entryOf('value', { etag }), expect);
        await expectKept(storage, 'etag', entry, expect);
      }
    },
  }),
  storageClause({
    id: 'failed',
    title: 'a remembered failure stays marked as one; what memo tells of it in a shared storage comes back as it was',
    async run({ storage }, expect) {
      for (const value of ['what went wrong', rememberedFailure]) {
        const entry = await keep(storage, 'failed', entryOf(value, { failed: true }), expect);
        await expectKept(storage, 'failed', entry, expect);
      }
    },
  }),
  storageClause({
    id: 'values',
    title: 'values come back as they were; undefined, null, 0 and empty text are values like any other',
    async run({ storage, values }, expect) {
      for (const [name, value] of samplesOf(values)) {
        await keep(storage, name, entryOf(value), expect);
        expect([name, (await storage.get(name))?.value]).toStrictEqual([name, value]);
      }
    },
  }),
  storageClause({
    id: 'values-beyond',
    title: 'a value that cannot come back as it was is refused, never changed',
    needs: ['lossless'],
    async run({ storage, values }, expect) {
      for (const [name, value] of samplesBeyond(values)) {
        const kept = await isKept(storage.offer(name, entryOf(value)));
        const found = await storage.get(name);
        // Compared with its name, so that a failure says which value it was.
        expect([name, found?.value]).toStrictEqual([name, kept ? value : undefined]);
      }
    },
  }),
  storageClause({
    id: 'same-entry',
    title: 'the very entry that was offered is found',
    needs: ['sameEntry'],
    async run({ storage }, expect) {
      const entry = await keep(storage, 'same', entryOf({ id: 1 }), expect);
      expect(await storage.get('same')).toBe(entry);
    },
  }),
  storageClause({
    id: 'copied-in',
    title: 'what a caller does to a value after offering it changes nothing',
    needs: ['copies'],
    async run({ storage }, expect) {
      const value = { list: [1] };
      const entry = await keep(storage, 'copied', entryOf(value), expect);
      value.list.push(2);
      await expectKept(storage, 'copied', { ...entry, value: { list: [1] } }, expect);
    },
  }),
  storageClause({
    id: 'copied-out',
    title: 'what a caller does to a value that was found changes nothing for the next one',
    needs: ['copies'],
    async run({ storage }, expect) {
      const entry = await keep(storage, 'copied', entryOf({ list: [1] }), expect);
      const found = (await storage.get('copied'))?.value as { list: number[] };
      found.list.push(2);
      await expectKept(storage, 'copied', entry, expect);
    },
  }),
  storageClause({
    id: 'large',
    title: 'a value of 100 kB is kept; one of 2 MB is kept whole or refused, and leaves nothing behind',
    async run({ storage }, expect) {
      const large = await keep(storage, 'large', entryOf(textOf(100_000)), expect);
      const huge = entryOf(textOf(2_000_000));
      const kept = await isKept(storage.offer('huge', huge));
      expect(isSame(await storage.get('huge'), kept ? huge : undefined)).toBe(true);
      expect(isSame(await storage.get('large'), large)).toBe(true);
    },
  }),
  storageClause({
    id: 'concurrent',
    title: 'a hundred entries offered and found at the same time keep apart',
    async run({ storage }, expect) {
      const offered = Array.from({ length: 100 }, (_, index) => entryOf(`value ${index}`, { created: index }));
      await Promise.all(offered.map((entry, index) => keep(storage, `concurrent ${index}`, entry, expect)));
      await Promise.all(offered.map((entry, index) => expectKept(storage, `concurrent ${index}`, entry, expect)));
      await concurrentlyOverwritten(storage, expect);
    },
  }),
];

/** One key written many times at once holds one of the entries, whole. */
async function concurrentlyOverwritten(storage: CacheStorage, expect: Expect): Promise<void> {
  const offered = Array.from({ length: 20 }, (_, index) =>
    entryOf(`${index}`.repeat(1_000 * index), { created: index }),
  );
  await Promise.all(offered.map((entry) => keep(storage, 'contended', entry, expect)));
  const found = await storage.get('contended');
  expect(partsOf(found)).toStrictEqual(partsOf(offered.find((entry) => entry.created === found?.created)));
}

/** Compared here and not by the test framework, which would print megabytes. */
function isSame(found: CacheEntry | undefined, expected: CacheEntry | undefined): boolean {
  return found?.value === expected?.value;
}

/** Text that compresses badly, so that it is as large on the way as it is here. */
function textOf(length: number): string {
  let text = '';
  for (let seed = 1; text.length < length; seed = (seed * 48_271) % 2_147_483_647) text += seed.toString(36);
  return text.slice(0, length);
}
