import { entryOf, expectKept, keep, storageClause, type StorageClause } from './storage-subject.js';

/** Releasing is this client's business, invalidating is everybody's. */
export const lettingGoClauses: readonly StorageClause[] = [
  storageClause({
    id: 'release-unknown',
    title: 'releasing a key that is not there is no error',
    async run({ storage }, expect) {
      await storage.release('never offered');
      const entry = await keep(storage, 'released', entryOf('value'), expect);
      await storage.release('released');
      await storage.release('released');
      await keep(storage, 'released', entry, expect);
      await expectKept(storage, 'released', entry, expect);
    },
  }),
  storageClause({
    id: 'release-in-process',
    title: 'a storage of this process alone drops what is released',
    needs: ['in process'],
    async run({ storage }, expect) {
      await keep(storage, 'released', entryOf('value'), expect);
      await storage.release('released');
      expect(await storage.get('released')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'release-shared',
    title: 'what one client releases stays for the others',
    needs: ['openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const entry = await keep(storage, 'released', entryOf('value'), expect);
      await another.release('released');
      await storage.release('released');
      await expectKept(another, 'released', entry, expect);
    },
  }),
  storageClause({
    id: 'invalidate',
    title: 'what is invalidated is not found any more, and can be offered anew',
    needs: ['invalidate'],
    async run({ storage }, expect) {
      await keep(storage, 'invalidated', entryOf('before'), expect);
      await storage.invalidate('invalidated');
      expect(await storage.get('invalidated')).toBe(undefined);
      const after = await keep(storage, 'invalidated', entryOf('after'), expect);
      await expectKept(storage, 'invalidated', after, expect);
    },
  }),
  storageClause({
    id: 'invalidate-answer',
    title: 'invalidating says when the entry that went would have expired',
    needs: ['invalidate'],
    async run({ storage }, expect) {
      for (const expiresAfter of [Date.now() + 60_000.5, Infinity]) {
        await keep(storage, 'invalidated', entryOf('value', { expiresAfter }), expect);
        expect(await storage.invalidate('invalidated')).toBe(expiresAfter);
      }
    },
  }),
  storageClause({
    id: 'invalidate-unknown',
    title: 'invalidating a key that is not there, or no more, is answered with undefined',
    needs: ['invalidate'],
    async run({ storage }, expect) {
      expect(await storage.invalidate('never offered')).toBe(undefined);
      await keep(storage, 'invalidated', entryOf('value'), expect);
      await storage.invalidate('invalidated');
      expect(await storage.invalidate('invalidated')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'invalidate-concurrent',
    title: 'of many that invalidate a key at once at least one is told that it took the entry away',
    needs: ['invalidate'],
    async run({ storage }, expect) {
      const { expiresAfter } = await keep(storage, 'invalidated', entryOf('value'), expect);
      const answers = await Promise.all(Array.from({ length: 10 }, () => storage.invalidate('invalidated')));
      expect([...new Set(answers)].filter((answer) => answer !== undefined)).toStrictEqual([expiresAfter]);
      expect(await storage.get('invalidated')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'invalidate-shared',
    title: 'what one client invalidates no other finds once that is confirmed',
    needs: ['invalidate', 'openAnother'],
    async run({ storage, openAnother }, expect) {
      const another = await openAnother();
      const entry = await keep(another, 'invalidated', entryOf('value'), expect);
      await expectKept(another, 'invalidated', entry, expect);
      await storage.invalidate('invalidated');
      expect(another.peek?.('invalidated')).toBe(undefined);
      expect(await another.get('invalidated')).toBe(undefined);
    },
  }),
  storageClause({
    id: 'dispose',
    title: 'closing a storage twice is no error',
    needs: ['dispose'],
    async run({ storage }, expect) {
      await keep(storage, 'kept', entryOf('value'), expect);
      await storage[Symbol.asyncDispose]?.();
      await storage[Symbol.asyncDispose]?.();
    },
  }),
];
