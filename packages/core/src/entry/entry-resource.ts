/**
 * Why an entry is not kept any more: another one took its place, it was released to make room or because it had expired, it
 * was invalidated alone or with others, its storage was disposed of; or it was never kept.
 */
export type Departure = 'replaced' | 'released' | 'invalidated' | 'cleared' | 'disposed' | 'declined';

/**
 * What the value of an entry keeps open, such as a connection. It is closed once, when the entry is not kept any more and
 * nobody holds it.
 */
export interface EntryResource {
  /** The entry is not kept any more. Asked again, it does nothing. It does not throw. */
  left(why: Departure): void;
  /**
   * Keeps it open until what this returns is called, which may be called again in vain. `undefined`: it is being closed
   * already, so the value must not be used.
   */
  hold(): (() => void) | undefined;
}
