import { matches } from './glob.js';
import { ReferenceStorage } from './reference-storage.js';
import type { StorageClass, WrongStorages } from './storage-class.js';

/** Storages that mix up keys. */
export const wrongAtKeys: WrongStorages = {
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

/** A storage whose keys are stored under other names. */
export function renaming(rename: (key: string) => string): StorageClass {
  return class extends ReferenceStorage {
    override nameOf(key: string): string {
      return super.nameOf(rename(key));
    }
  };
}
