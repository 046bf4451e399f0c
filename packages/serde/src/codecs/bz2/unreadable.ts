import { UnreadableBytesError } from '../../errors.js';

/** An error for bytes that are no stream of bzip2. */
export function unreadable(reason: 'foreign' | 'length' | 'damaged', why: string): UnreadableBytesError {
  return new UnreadableBytesError('bz2', reason, why);
}
