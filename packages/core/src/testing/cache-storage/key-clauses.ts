import type { CacheStorage } from '../../storage/cache-storage.js';
import type { Expect } from '../contract.js';
import { entryOf, keep, storageClause, type StorageClause } from './storage-subject.js';

/** Any non-empty text is a key of its own. */
export const keyClauses: readonly StorageClause[] = [
  storageClause({
    id: 'keys',
    title: 'any non-empty text is a key: blanks, line breaks, NUL, glob characters, emoji, ten thousand characters',
    async run({ storage }, expect) {
      const texts = [
        ' ',
        '\n',
        '\t\r\n',
        '\u0000',
        '*',
        '?',
        '[a]',
        '\\',
        '{tag}',
        '{}',
        ':',
        '::',
        '%00',
        '%',
        '#',
        '"',
      ];
      await expectApart(storage, ['k', ...texts, 'ключ', '鍵', '🔑', '👩‍👩‍👧', '-1', '01', '1', 'k'.repeat(300)], expect);
      await expectApart(storage, ['k'.repeat(10_000), '鍵'.repeat(10_000), '\n'.repeat(10_000)], expect);
    },
  }),
  storageClause({
    id: 'keys-alike',
    title: 'keys that differ in case, in blanks at the ends, in escapes or in how a letter is composed keep apart',
    async run({ storage }, expect) {
      await expectApart(storage, ['key', 'Key', 'KEY', 'kEy'], expect);
      await expectApart(storage, ['blank', ' blank', 'blank ', 'blank  ', 'blank\t', 'blank\n', 'blank\u0000'], expect);
      await expectApart(storage, ['a b', 'a%20b', 'a+b', 'a_b', 'a\\x20b', 'a\\ b', 'a%2520b', '"a b"'], expect);
      await expectApart(storage, ['\u00e9', 'e\u0301', '\u212b', '\u00c5', 'ﬁ', 'fi', 'ß', 'ss', 'ı', 'i'], expect);
    },
  }),
  storageClause({
    id: 'keys-surrogates',
    title: 'keys that are no well-formed Unicode keep apart',
    async run({ storage }, expect) {
      await expectApart(storage, ['\ud800', '\ud801', '\udc00', '\udc00\ud800', '\ufffd', '?', '\\ud800'], expect);
    },
  }),
  storageClause({
    id: 'keys-long',
    title: 'long keys that differ in one character, wherever it stands, keep apart',
    async run({ storage }, expect) {
      for (const length of [100, 250, 251, 300, 1_000, 10_000]) {
        const text = 'x'.repeat(length);
        const middle = length / 2;
        const inTheMiddle = `${text.slice(0, middle)}y${text.slice(middle + 1)}`;
        await expectApart(storage, [text, `y${text.slice(1)}`, inTheMiddle, `${text.slice(1)}y`, `${text}y`], expect);
      }
    },
  }),
  storageClause({
    id: 'keys-stay',
    title: 'releasing or invalidating a key touches no other, whatever characters it has',
    async run({ storage }, expect) {
      const others = ['key', 'key2', 'ke', 'k*', 'key:1', 'key ', 'Key'];
      await offerAll(storage, others, expect);
      for (const key of ['*', '?ey', 'k', 'k?y', 'ke[y]', 'key*', 'key:']) {
        await storage.release(key);
        await storage.invalidate?.(key);
      }
      await expectAll(storage, others, expect);
    },
  }),
];

/** Offers an entry under each of `keys`, and expects to find each where it was put. */
async function expectApart(storage: CacheStorage, keys: readonly string[], expect: Expect): Promise<void> {
  await offerAll(storage, keys, expect);
  await expectAll(storage, keys, expect);
}

async function offerAll(storage: CacheStorage, keys: readonly string[], expect: Expect): Promise<void> {
  for (const [index, key] of keys.entries()) await keep(storage, key, entryOf(valueOf(index, key)), expect);
}

async function expectAll(storage: CacheStorage, keys: readonly string[], expect: Expect): Promise<void> {
  for (const [index, key] of keys.entries()) {
    expect((await storage.get(key))?.value).toBe(valueOf(index, key));
  }
}

function valueOf(index: number, key: string): string {
  return `entry ${index}, offered under ${JSON.stringify(key.slice(0, 20))} of length ${key.length}`;
}
