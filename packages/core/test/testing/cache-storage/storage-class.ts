import { LocalInMemoryCacheStorage } from '../../../src/storage/local-in-memory-cache-storage.js';
import type { Wrong } from '../prove-contract.js';
import type { Backend, ReferenceStorage } from './reference-storage.js';

/** A storage whose entries are those of this process. */
export class InProcess extends LocalInMemoryCacheStorage {}

/** A storage to be put to the test. */
export type StorageClass = (new (backend: Backend, namespace?: string) => ReferenceStorage) | (new () => InProcess);

/** Storages with one defect each, by the clause that finds it. */
export type WrongStorages = Readonly<Record<string, Wrong<StorageClass>>>;
