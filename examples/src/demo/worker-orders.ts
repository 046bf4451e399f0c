import type { CacheInfo } from '@memo/core';
import type { SharedServer } from './shared-storage.js';

/** What a worker is told when it is started. */
export interface WorkerSetup {
  /** Name under which it asks the service. */
  readonly client: string;
  readonly serviceUrl: string;
  /** The server that holds the cache; memory of the worker's own if left out. */
  readonly server?: SharedServer | undefined;
  readonly namespace: string;
}

/** What the demo orders a worker to do, one thing at a time. */
export type Order =
  | { readonly type: 'serve'; readonly cached: boolean; readonly milliseconds: number }
  | { readonly type: 'read'; readonly id: string }
  | { readonly type: 'delete'; readonly id: string };

/** What comes of each order. */
export interface Outcomes {
  readonly serve: Served;
  /** The revision that was read. */
  readonly read: number;
  readonly delete: boolean;
}

/** What became of the requests that a worker served. */
export interface Served {
  /** How long each caller waited, in milliseconds. */
  readonly durations: Float64Array;
  readonly failures: number;
  /** What the cache has counted since the worker began. */
  readonly info: CacheInfo;
}

/** What a worker says. */
export type News =
  | { readonly type: 'ready' }
  | { readonly type: 'served'; readonly count: number }
  | { readonly type: 'done'; readonly outcome: Outcomes[keyof Outcomes] }
  | { readonly type: 'failed'; readonly message: string };
