import { cacheStorageContract, type TestRunner } from '../../../src/testing/index.js';
import { proveContract } from '../prove-contract.js';
import { Backend, CountingSeconds, ReferenceStorage } from './reference-storage.js';
import { InProcess, type StorageClass } from './storage-class.js';
import { wrongAtClearing } from './wrong-at-clearing.js';
import { wrongAtKeeping } from './wrong-at-keeping.js';
import { wrongAtKept } from './wrong-at-kept.js';
import { wrongAtKeys } from './wrong-at-keys.js';
import { wrongAtLeaseEnds } from './wrong-at-lease-ends.js';
import { wrongAtLeases } from './wrong-at-leases.js';
import { wrongAtLettingGo } from './wrong-at-letting-go.js';
import { wrongAtLifetimes } from './wrong-at-lifetimes.js';
import { wrongAtLocks } from './wrong-at-locks.js';
import { wrongAtMany } from './wrong-at-many.js';
import { wrongAtMoments } from './wrong-at-moments.js';
import { wrongAtResources } from './wrong-at-resources.js';
import { wrongAtSetting } from './wrong-at-setting.js';
import { wrongAtSharing } from './wrong-at-sharing.js';

proveContract('cacheStorageContract', contract, [ReferenceStorage, CountingSeconds, InProcess], {
  ...wrongAtKeeping,
  ...wrongAtKeys,
  ...wrongAtMany,
  ...wrongAtLifetimes,
  ...wrongAtKept,
  ...wrongAtLettingGo,
  ...wrongAtClearing,
  ...wrongAtMoments,
  ...wrongAtLeases,
  ...wrongAtLeaseEnds,
  ...wrongAtLocks,
  ...wrongAtSetting,
  ...wrongAtSharing,
  ...wrongAtResources,
});

function contract(runner: TestRunner, Storage: StorageClass): void {
  if (isInProcess(Storage)) {
    cacheStorageContract(runner, () => new Storage(), { sameEntry: true, values: 'any' });
  } else {
    cacheStorageContract(runner, () => new Storage(new Backend()), {
      resolution: '50 ms',
      leaseResolution: Storage === CountingSeconds ? '1 second' : 0,
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
