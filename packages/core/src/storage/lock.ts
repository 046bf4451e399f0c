import type { Duration } from '../time/duration.js';

/** Decides who loads: something that one holder at a time can have. */
export interface Lock {
  /** Resolves to whether the lock was had within `timeout`. A `timeout` of 0 is one try. */
  acquire(timeout: Duration): Promise<boolean>;
  /** Gives the lock back; does nothing to a lock that somebody else holds by now. */
  release(): Promise<void>;
}
