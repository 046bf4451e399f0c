import { UnfaithfulValueError, UnreadableBytesError } from '../errors.js';

/** Most bytes of memory that the structure of one entry may take, without the content of its texts and buffers: 128 MiB. */
const mostMemory = 128 * 1024 * 1024;

/** No byte of any format stands for more memory than this. */
const mostOfOneByte = 512;

/** What kinds of values take in bytes: what V8 takes on a machine of 64 bits, rounded up. */
export const memoryOf = {
  /** The place of a value within another, and what a number or a short text takes beyond its place. */
  value: 16,
  /** An object or an array. */
  structure: 64,
  /** A Map, a Set, a buffer, a date, a pattern. */
  instance: 192,
  /** An error that is made where it is read, with its stack. */
  error: 800,
} as const;

/** Memory that reading may take: little that is small as bytes must not become all there is. */
export class MemoryBudget {
  readonly #subject: string;
  #left = mostMemory;

  constructor(subject: string) {
    this.#subject = subject;
  }

  /** @throws UnreadableBytesError */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new UnreadableBytesError(this.#subject, 'too large', 'what they hold would take more than 128 MiB of memory');
  }
}

/** Whether bytes are so few that they stay within a budget whatever they hold. */
export function isAffordable({ length }: Uint8Array): boolean {
  return length <= mostMemory / mostOfOneByte;
}

/**
 * Refuses to write what would be refused when it is read.
 *
 * @param verify - what is done before these bytes are read.
 * @throws UnfaithfulValueError
 */
export function requireReadable(call: string, data: Uint8Array, verify: (data: Uint8Array) => void): void {
  try {
    verify(data);
  } catch (cause) {
    throw new UnfaithfulValueError(call, 'value', whyUnreadable(cause), 'Keep it in several entries.', { cause });
  }
}

function whyUnreadable(cause: unknown): string {
  const { reason, message } = cause as Partial<UnreadableBytesError>;
  if (reason === 'too large') return 'reading it would take more than 128 MiB of memory beside its texts and buffers';
  return `it would be refused when it is read: ${message?.replace(/\.$/, '')}`;
}
