/** Moments of a frame that a storage may change without reading the value; epoch milliseconds, `Infinity` allowed. */
export interface FrameMoments {
  /** `CacheEntry.updateAfter`. */
  readonly updateAfter: number;
  /** `CacheEntry.expiresAfter`. */
  readonly expiresAfter: number;
  /** How long the storage keeps the entry, which may be beyond `expiresAfter`. */
  readonly keepUntil: number;
}

/** The right to load a key for all who share the storage, or that the key rests after failed loads. */
export interface FrameLease {
  /** 10 bytes that tell the holder from every other; all of them zero while the key rests. */
  readonly holder: Uint8Array;
  /** For how long it was granted or renewed, in whole milliseconds, below 2 to the 32nd. */
  readonly time: number;
  /** How many loads have failed in a row, at most 255. */
  readonly failures: number;
  /** Whether somebody waits for it. */
  readonly awaited: boolean;
  /** When it, or the rest, ends by the storage's time, epoch milliseconds. */
  readonly end: number;
}

/** What an envelope holds: all that a storage knows of a key, as plain data. */
export interface Frame extends FrameMoments {
  /** The full key, by which a storage that shortens keys finds out that two of them met. */
  readonly key: string;
  /** What the SerDe wrote; none for a placeholder. */
  readonly payload: Uint8Array;
  /** `SerDe.format` of what wrote the payload, or `''`. */
  readonly format: string;
  /** Whether the value is a remembered failure. */
  readonly failed: boolean;
  /** Present when there is no value yet, only a lease. */
  readonly placeholder?: true;
  readonly etag?: string;
  /** When the load began, epoch milliseconds. */
  readonly started: number;
  /** When the entry was built, epoch milliseconds. */
  readonly created: number;
  /** 8 random bytes: the identity of this write. */
  readonly version: Uint8Array;
  /** Under which generation it was written, where a storage clears by beginning a new one; at most 255 bytes. */
  readonly generation?: Uint8Array;
  readonly lease?: FrameLease;
}
