/** What a storage is kept on. */
export type StorageKind = 'redis' | 'cluster' | 'memcached' | 'sentinel';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a process finds the servers. */
export interface Reach {
  readonly kind: StorageKind;
  /** The servers; for `sentinel` those that know which of the servers is the master. */
  readonly nodes: readonly Address[];
  /** By which address each server of a cluster is reached instead of its own, written `host:port`. */
  readonly detours?: Readonly<Record<string, Address>>;
}
