import type { Connect } from './key-value-client.js';

/** One thing that goes wrong, and what becomes of it with each client. */
export interface Fault {
  readonly name: string;
  /** Lets it go wrong and tells what was observed. */
  readonly happens: (connect: Connect) => Promise<unknown>;
  /** What is promised, and observed with what this package has. */
  readonly promised: unknown;
  /** What is observed with memjs as it is. */
  readonly bare: unknown;
  /** Programs that it takes beside `memcached`. */
  readonly needs?: readonly string[];
}
