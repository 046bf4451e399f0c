import { createHash } from 'node:crypto';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { CacheStorage, OfferResult } from '../../src/storage/cache-storage.js';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import { cacheStorageContract, type TestRunner } from '../../src/testing/index.js';
import { proveContract, type Wrong } from './prove-contract.js';
import { Backend, ReferenceStorage } from './reference-storage.js';

type StorageClass = (new (backend: Backend, namespace?: string) => ReferenceStorage) | (new () => InProcess);
class InProcess extends LocalInMemoryCacheStorage {}

function contract(runner: TestRunner, Storage: StorageClass): void {
  if (isInProcess(Storage)) {
    cacheStorageContract(runner, () => new Storage(), { sameEntry: true, values: 'any' });
  } else {
    cacheStorageContract(runner, () => new Storage(new Backend()), {
      resolution: '50 ms',
      openAnother: ({ backend }) => new Storage(backend),
      openNeighbour: ({ backend }) => new Storage(backend, 'neighbour'),
      corrupt: (storage, key) => storage.corrupt(key),
      interrupt: ({ backend }) => {
        backend.away = true;
        return () => void (backend.away = false);
      },
    });
  }
}

function isInProcess(Storage: StorageClass): Storage is new () => InProcess {
  return Storage.prototype instanceof InProcess || Storage === InProcess;
}

const stray: CacheEntry = { value: 'stray', created: 0, updateAfter: 0, expiresAfter: Infinity };

const keeping: Record<string, Wrong<StorageClass>> = {
  'get-unknown': [
    'finds the properties of objects',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        return key in {} ? stray : super.get(key);
      }
    },
  ],
  'offer-get': [
    'forgets an entry once it was found',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        this.backend.records.delete(this.nameOf(key));
        return entry;
      }
    },
  ],
  overwrite: [
    'keeps the parts of an earlier entry that the new one lacks',
    class extends ReferenceStorage {
      override write(key: string, entry: CacheEntry): void {
        super.write(key, { ...this.record(key)?.entry, ...entry });
      }
    },
  ],
  moments: [
    'rounds moments to milliseconds',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        return { ...super.decode(entry), expiresAfter: Math.round(entry.expiresAfter) };
      }
    },
  ],
  etag: [
    'takes an empty etag for none',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { etag, ...others } = super.decode(entry);
        return etag ? { ...others, etag } : others;
      }
    },
  ],
  failed: [
    'forgets that a value is a failure',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        const { failed: _, ...others } = super.decode(entry);
        return others;
      }
    },
  ],
  values: [
    'takes empty values for misses',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        return entry?.value === undefined || entry.value === '' ? undefined : entry;
      }
    },
  ],
  'values-beyond': [
    'stores what JSON makes of a value',
    class extends ReferenceStorage {
      override encode(key: string, entry: CacheEntry): CacheEntry {
        const text = JSON.stringify(entry.value);
        return { ...super.encode(key, { ...entry, value: null }), value: text && (JSON.parse(text) as unknown) };
      }
    },
  ],
  'same-entry': [
    'hands out copies',
    class extends InProcess {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        return entry && { ...entry };
      }
    },
  ],
  'copied-in': [
    'keeps the very value',
    class extends ReferenceStorage {
      override encode(_: string, entry: CacheEntry): CacheEntry {
        return entry;
      }
    },
  ],
  'copied-out': [
    'hands out the very value',
    class extends ReferenceStorage {
      override decode(entry: CacheEntry): CacheEntry {
        return entry;
      }
    },
  ],
  large: [
    'cuts what is longer than a megabyte',
    class extends ReferenceStorage {
      override encode(key: string, entry: CacheEntry): CacheEntry {
        const { value } = entry;
        return super.encode(key, { ...entry, value: typeof value === 'string' ? value.slice(0, 1_000_000) : value });
      }
    },
  ],
  concurrent: [
    'writes into one buffer, whoever else is writing',
    class extends ReferenceStorage {
      buffer: CacheEntry | undefined;
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        this.buffer = entry;
        await Promise.resolve();
        return super.offer(key, this.buffer);
      }
    },
  ],
};

/** A storage whose keys are stored under other names. */
function renaming(rename: (key: string) => string): StorageClass {
  return class extends ReferenceStorage {
    override nameOf(key: string): string {
      return super.nameOf(rename(key));
    }
  };
}

function matches(pattern: string, key: string): boolean {
  const source = pattern
    .replace(/[.+^$()|{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(key);
}

const keys: Record<string, Wrong<StorageClass>> = {
  keys: ['takes line breaks and tabs for blanks', renaming((key) => key.replace(/\s/g, ' '))],
  'keys-alike': ['trims keys', renaming((key) => key.trimEnd() || key)],
  'keys-surrogates': ['writes keys as UTF-8', renaming((key) => Buffer.from(key).toString())],
  'keys-long': ['cuts keys after 250 characters', renaming((key) => key.slice(0, 250))],
  'keys-stay': [
    'invalidates by pattern',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const names = [...this.backend.records].filter(([, record]) => matches(key, record.key)).map(([name]) => name);
        for (const name of names) this.backend.records.delete(name);
        return undefined;
      }
    },
  ],
};

const lifetimes: Record<string, Wrong<StorageClass>> = {
  'not-early': [
    'counts lifetimes in whole seconds, rounded down',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        return Date.now() + Math.floor((entry.expiresAfter - Date.now()) / 1_000) * 1_000;
      }
    },
  ],
  'far-lifetimes': [
    'takes seconds over 30 days for a moment, as Memcached does',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        const seconds = (entry.expiresAfter - Date.now()) / 1_000;
        return seconds > 2_592_000 ? seconds * 1_000 : entry.expiresAfter;
      }
    },
  ],
  'offered-expired': [
    'fails at lifetimes that are no positive number',
    class extends ReferenceStorage {
      override reclaimedAt(entry: CacheEntry): number {
        if (entry.expiresAfter <= Date.now()) throw new Error('invalid expire time');
        return entry.expiresAfter;
      }
    },
  ],
  reclaims: [
    'keeps expired entries for ever',
    class extends ReferenceStorage {
      override reclaimedAt(): number {
        return Infinity;
      }
    },
  ],
};

const lettingGo: Record<string, Wrong<StorageClass>> = {
  'release-unknown': [
    'fails when it has nothing to release',
    class extends ReferenceStorage {
      override async release(key: string): Promise<void> {
        if (this.record(key) === undefined) throw new Error('not found');
      }
    },
  ],
  'release-in-process': [
    'never lets go',
    class extends InProcess {
      override async release(): Promise<void> {}
    },
  ],
  'release-shared': [
    'deletes for all what one client releases',
    class extends ReferenceStorage {
      override async release(key: string): Promise<void> {
        this.backend.records.delete(this.nameOf(key));
      }
    },
  ],
  invalidate: [
    'only marks as expired what was invalidated',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const entry = this.record(key)?.entry;
        if (entry !== undefined) super.write(key, { ...entry, updateAfter: 0 });
        return entry?.expiresAfter;
      }
    },
  ],
  'invalidate-answer': [
    'answers in whole milliseconds',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        const expiresAfter = await super.invalidate(key);
        return expiresAfter && Math.trunc(expiresAfter);
      }
    },
  ],
  'invalidate-unknown': [
    'answers 0 for nothing',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        return (await super.invalidate(key)) ?? 0;
      }
    },
  ],
  'invalidate-concurrent': [
    'tells nobody where several invalidate at once',
    class extends ReferenceStorage {
      running = 0;
      override async invalidate(key: string): Promise<number | undefined> {
        this.running++;
        const expiresAfter = await super.invalidate(key);
        await Promise.resolve();
        return this.running > 1 ? undefined : expiresAfter;
      }
    },
  ],
  'invalidate-shared': [
    'remembers what it found, whatever others do',
    class extends ReferenceStorage {
      readonly found = new Map<string, CacheEntry>();
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = this.found.get(key) ?? (await super.get(key));
        if (entry !== undefined) this.found.set(key, entry);
        return entry;
      }
    },
  ],
  dispose: [
    'cannot be closed twice',
    class extends ReferenceStorage {
      closed = false;
      override async [Symbol.asyncDispose](): Promise<void> {
        if (this.closed) throw new Error('closed already');
        this.closed = true;
      }
    },
  ],
};

const clearing: Record<string, Wrong<StorageClass>> = {
  'clear-all': [
    'clears the first hundred entries only',
    class extends ReferenceStorage {
      override async clear(): Promise<void> {
        for (const name of [...this.backend.records.keys()].slice(0, 100)) this.backend.records.delete(name);
      }
    },
  ],
  'clear-scope': [
    'stores long keys under a hash, which begins with nothing',
    renaming((key) => (key.length > 250 ? createHash('sha256').update(key).digest('hex') : key)),
  ],
  'clear-literal': [
    'clears by pattern',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        for (const [name, { key }] of this.backend.records) {
          if (matches(`${scope}*`, key)) this.backend.records.delete(name);
        }
      }
    },
  ],
  'clear-neighbour': [
    'clears the whole backend',
    class extends ReferenceStorage {
      override async clear(scope: string): Promise<void> {
        if (scope === '') this.backend.records.clear();
        await super.clear(scope);
      }
    },
  ],
  'clear-shared': [
    'clears what it offered itself',
    class extends ReferenceStorage {
      readonly offered = new Set<string>();
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        this.offered.add(key);
        return super.offer(key, entry);
      }
      override async clear(scope: string): Promise<void> {
        for (const key of this.offered) if (key.startsWith(scope)) await this.invalidate(key);
      }
    },
  ],
  entries: [
    'lists keys trimmed',
    class extends ReferenceStorage {
      override async *entries(): AsyncGenerator<readonly [string, CacheEntry], void, undefined> {
        for await (const [key, entry] of super.entries()) yield [key.trim(), entry];
      }
    },
  ],
  'entries-neighbour': [
    'lists the whole backend',
    class extends ReferenceStorage {
      override async *entries(): AsyncGenerator<readonly [string, CacheEntry], void, undefined> {
        for (const { key, entry } of this.backend.records.values()) if (entry !== undefined) yield [key, entry];
      }
    },
  ],
};

const moments: Record<string, Wrong<StorageClass>> = {
  peek: [
    'shows the entry before the last one',
    class extends ReferenceStorage {
      readonly before = new Map<string, CacheEntry>();
      override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
        const before = this.record(key)?.entry;
        if (before !== undefined) this.before.set(key, before);
        return super.offer(key, entry);
      }
      override peek(key: string): CacheEntry | undefined {
        return this.before.get(key) ?? super.peek(key);
      }
    },
  ],
  'peek-invalidated': [
    'shows what it found once',
    class extends ReferenceStorage {
      readonly found = new Map<string, CacheEntry>();
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        if (entry !== undefined) this.found.set(key, entry);
        return entry;
      }
      override peek(key: string): CacheEntry | undefined {
        return super.peek(key) ?? this.found.get(key);
      }
    },
  ],
  'change-moments': [
    'changes only one of the moments',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, { expiresAfter }, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, expected, { updateAfter: expected.updateAfter, expiresAfter }, now);
      }
    },
  ],
  'change-moments-replaced': [
    'changes whatever entry is there',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, this.record(key)?.entry ?? expected, changed, now);
      }
    },
  ],
  'change-moments-expired': [
    'takes an entry for live at the instant of its expiry',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        return super.changeMoments(key, expected, changed, now - 1);
      }
    },
  ],
  'change-moments-absent': [
    'brings back what is gone',
    class extends ReferenceStorage {
      override changeMoments(...[key, expected, changed, now]: ChangeMoments): Promise<boolean> {
        if (this.record(key) === undefined) this.write(key, expected);
        return super.changeMoments(key, expected, changed, now);
      }
    },
  ],
  'change-moments-lifetime': [
    'forgets to make the lifetime longer in the backend',
    class extends ReferenceStorage {
      override async changeMoments(...args: ChangeMoments): Promise<boolean> {
        const before = this.record(args[0]);
        const changed = await super.changeMoments(...args);
        const after = this.record(args[0]);
        if (before && after) {
          this.backend.records.set(this.nameOf(args[0]), { ...after, reclaimedAt: before.reclaimedAt });
        }
        return changed;
      }
    },
  ],
};

type ChangeMoments = Parameters<NonNullable<CacheStorage['changeMoments']>>;

/** A storage that each client has for itself where it should be shared. */
class Private extends ReferenceStorage {
  constructor(_: Backend, namespace?: string) {
    super(new Backend(), namespace);
  }
}

const sharing: Record<string, Wrong<StorageClass>> = {
  shared: ['keeps everything to itself', Private],
  'change-moments-shared': [
    'changes moments in its own copy only',
    class extends ReferenceStorage {
      readonly changed = new Map<string, CacheEntry>();
      override async changeMoments(...[key, expected, changed]: ChangeMoments): Promise<boolean> {
        this.changed.set(key, { ...expected, ...changed });
        return true;
      }
      override async get(key: string): Promise<CacheEntry | undefined> {
        return this.changed.get(key) ?? super.get(key);
      }
    },
  ],
  neighbours: [
    'has no namespaces',
    class extends ReferenceStorage {
      override nameOf(key: string): string {
        return key;
      }
    },
  ],
  unreadable: [
    'takes garbage for nothing',
    class extends ReferenceStorage {
      override async get(key: string): Promise<CacheEntry | undefined> {
        return this.record(key)?.entry && super.get(key);
      }
    },
  ],
  'unreadable-replaced': [
    'fails at garbage that it should take away',
    class extends ReferenceStorage {
      override async invalidate(key: string): Promise<number | undefined> {
        await this.get(key);
        return super.invalidate(key);
      }
    },
  ],
  interrupted: [
    'waits until the backend is back',
    class extends ReferenceStorage {
      override reach(): Promise<void> {
        return this.backend.away ? new Promise(() => {}) : Promise.resolve();
      }
    },
  ],
  resumed: [
    'never tries again what failed once',
    class extends ReferenceStorage {
      broken = false;
      override async reach(operation: string): Promise<void> {
        this.broken ||= this.backend.away;
        if (this.broken) throw new Error(`${operation}: the connection was lost`);
      }
    },
  ],
};

proveContract('cacheStorageContract', contract, [ReferenceStorage, InProcess], {
  ...keeping,
  ...keys,
  ...lifetimes,
  ...lettingGo,
  ...clearing,
  ...moments,
  ...sharing,
});
