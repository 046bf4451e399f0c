import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { ReferenceStorage } from './reference-storage.js';
import { InProcess, type WrongStorages } from './storage-class.js';

const asAnother = { holder: 'another', seen: undefined, time: 1 };
const placeholder: CacheEntry = { value: 'placeholder', created: 0, updateAfter: 0, expiresAfter: Infinity };

type Answers = readonly (CacheEntry | Error | undefined)[];

/** Storages that read many keys otherwise than one by one. */
export const wrongAtMany: WrongStorages = {
  many: [
    'leaves out what is missing',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        return (await super.getMany(keys)).filter((answer) => answer !== undefined);
      }
    },
  ],
  'many-values': [
    'forgets the etag',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        return (await super.getMany(keys)).map((answer) => {
          if (answer === undefined || answer instanceof Error) return answer;
          const { etag: _, ...others } = answer;
          return others;
        });
      }
    },
  ],
  'many-twice': [
    'answers each key once',
    class extends ReferenceStorage {
      override getMany(keys: readonly string[]): Promise<Answers> {
        return super.getMany([...new Set(keys)]);
      }
    },
  ],
  'many-same-entry': [
    'hands out copies',
    class extends InProcess {
      override async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
        return structuredClone(await super.getMany(keys));
      }
    },
  ],
  'many-copied': [
    'hands the same copy out at several places',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        const answers = await super.getMany(keys);
        return keys.map((key) => answers[keys.indexOf(key)]);
      }
    },
  ],
  'many-none': [
    'asks the backend for nothing, which that refuses',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        if (keys.length === 0) throw new Error('wrong number of arguments');
        return super.getMany(keys);
      }
    },
  ],
  'many-thousand': [
    'asks for the first hundred only',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        const answers = await super.getMany(keys.slice(0, 100));
        return keys.map((_, at) => answers[at]);
      }
    },
  ],
  'many-concurrent': [
    'has one list at hand, whoever else is reading',
    class extends ReferenceStorage {
      list: readonly string[] = [];
      override async getMany(keys: readonly string[]): Promise<Answers> {
        this.list = keys;
        await Promise.resolve();
        return super.getMany(this.list);
      }
    },
  ],
  'many-placeholders': [
    'takes a lease for an entry',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        const answers = await super.getMany(keys);
        return keys.map((key, at) => {
          const lease = this.backend.leases.acquire(this.nameOf(key), asAnother, undefined);
          return lease.state === 'granted' ? answers[at] : placeholder;
        });
      }
    },
  ],
  'many-neighbours': [
    'looks for the keys in every namespace',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        const records = [...this.backend.records.values()];
        return keys.map((key) => records.find((record) => record.key === key)?.entry);
      }
    },
  ],
  'many-shared': [
    'answers what it has answered before',
    class extends ReferenceStorage {
      readonly answered = new Map<string, CacheEntry | Error | undefined>();
      override async getMany(keys: readonly string[]): Promise<Answers> {
        const answers = await super.getMany(keys);
        return keys.map((key, at) => {
          if (!this.answered.has(key)) this.answered.set(key, answers[at]);
          return this.answered.get(key);
        });
      }
    },
  ],
  'many-unreadable': [
    'fails as a whole at what it cannot read',
    class extends ReferenceStorage {
      override getMany(keys: readonly string[]): Promise<Answers> {
        return Promise.all(keys.map((key) => this.get(key)));
      }
    },
  ],
  'many-interrupted': [
    'takes keys that it cannot ask for as missing',
    class extends ReferenceStorage {
      override async getMany(keys: readonly string[]): Promise<Answers> {
        return this.backend.away ? keys.map(() => undefined) : super.getMany(keys);
      }
    },
  ],
};
