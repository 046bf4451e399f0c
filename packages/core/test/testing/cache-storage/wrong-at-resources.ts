import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import type { Departure, EntryResource } from '../../../src/entry/entry-resource.js';
import type { OfferResult } from '../../../src/storage/cache-storage.js';
import type { Lease } from '../../../src/storage/lease.js';
import { InProcess, type WrongStorages } from './storage-class.js';
import type { ChangeMoments } from './wrong-at-moments.js';

/** Storages that keep resources and tell too little, too much, or the wrong thing. */
export const wrongAtResources: WrongStorages = {
  resource: [
    'keeps all of an entry but what it keeps open',
    class extends InProcess {
      override async get(key: string): Promise<CacheEntry | undefined> {
        const entry = await super.get(key);
        return entry && withoutResource(entry);
      }
    },
  ],
  'resource-replaced': ['forgets what it replaces', deafTo('replaced')],
  'resource-kept': [
    'tells what was there that it was replaced, whatever takes its place',
    class extends InProcess {
      override offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        this.peek(key)?.resource?.left('replaced');
        return super.offer(key, entry, lease);
      }
    },
  ],
  'resource-moments': [
    'loses what an entry keeps open when that gets other moments',
    class extends InProcess {
      override async changeMoments(...[key, expected, moments]: ChangeMoments): Promise<boolean> {
        await super.offer(key, { ...withoutResource(expected), ...moments });
        return true;
      }
    },
  ],
  'resource-declined': [
    'tells what it declines that it has left',
    class extends InProcess {
      override async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        const result = await super.offer(key, entry, lease);
        if (result === 'declined') entry.resource?.left('declined');
        return result;
      }
    },
  ],
  'resource-released': [
    'says that it was invalidated what was released',
    class extends InProcess {
      override async release(key: string): Promise<void> {
        await this.invalidate(key);
      }
    },
  ],
  'resource-invalidated': ['forgets what it invalidates', deafTo('invalidated')],
  'resource-cleared': [
    'tells everything that something was cleared',
    class extends InProcess {
      override async clear(scope: string): Promise<void> {
        for await (const [, { resource }] of this.entries()) resource?.left('cleared');
        await super.clear(scope);
      }
    },
  ],
  'resource-disposed': [
    'tells everything again when it is closed again',
    class extends InProcess {
      readonly offered: CacheEntry[] = [];
      override offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
        this.offered.push(entry);
        return super.offer(key, entry, lease);
      }
      override async [Symbol.asyncDispose](): Promise<void> {
        for (const { resource } of this.offered) resource?.left('disposed');
      }
    },
  ],
  'resource-late': [
    'goes on after it was closed',
    class extends InProcess {
      override [Symbol.asyncDispose](): Promise<void> {
        return this.clear('');
      }
    },
  ],
};

/** A storage that does not tell of one way out. */
function deafTo(why: Departure): new () => InProcess {
  return class extends InProcess {
    override offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
      const { resource } = entry;
      return super.offer(key, resource === undefined ? entry : { ...entry, resource: deaf(resource, why) }, lease);
    }
  };
}

function deaf(resource: EntryResource, to: Departure): EntryResource {
  const left = (why: Departure): void => {
    if (why !== to) resource.left(why);
  };
  return { left, hold: () => resource.hold() };
}

function withoutResource({ resource: _, ...entry }: CacheEntry): CacheEntry {
  return entry;
}
