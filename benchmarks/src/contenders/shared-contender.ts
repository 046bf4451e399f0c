import type { CachedLoad, Load } from './contender.js';

/** A server, and the part of its keys that belongs to one contender. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly namespace: string;
}

/** A cache on a server, opened. */
export interface SharedCache {
  readonly find: CachedLoad;
  /** Gives back its connections. */
  readonly close: () => Promise<void>;
}

/** A library that keeps what it loads on a server, with nothing of it in the process. */
export interface SharedContender {
  readonly open: (load: Load, server: Server) => Promise<SharedCache>;
}
