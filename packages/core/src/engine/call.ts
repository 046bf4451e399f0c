import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { LoadsInFlight } from '../loading/loads-in-flight.js';
import type { UpdateStatuses } from '../loading/update-statuses.js';
import type { Clock } from '../time/clock.js';
import type { CacheEventListener } from './cache-event.js';
import type { StorageAccess } from './storage-access.js';

/** What a cache is made of beside its configuration; settled when wrapping. */
export interface CacheSettings {
  /** Name of the function, for events and messages. */
  readonly name: string;
  readonly clock: Clock;
  /** Whether the storage was made for this function alone. */
  readonly ownStorage: boolean;
  /** Whether callers get a failure wrapped in `CachedMethodFailedError`, or what the function threw. */
  readonly errors: 'wrapped' | 'original';
  readonly onStorageError: 'bypass' | 'throw';
  readonly onEvent?: CacheEventListener | undefined;
  readonly updateStatuses?: UpdateStatuses | undefined;
}

/** One call on its slow way, and all it needs: its configuration is the one that stood when it came. */
export interface Call {
  readonly key: string;
  readonly load: () => unknown;
  readonly configuration: CacheConfiguration;
  readonly inFlight: LoadsInFlight;
  readonly access: StorageAccess;
}
