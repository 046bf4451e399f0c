/** A moment of the steady clock that all processes of a machine share (CLOCK_MONOTONIC), in nanoseconds. */
export type Moment = number;

/** The present moment. Doubles hold nanoseconds exactly for the first 104 days after a start of the machine. */
export function moment(): Moment {
  return Number(process.hrtime.bigint());
}

/** A duration between moments, in milliseconds. */
export function milliseconds(from: Moment, to: Moment): number {
  return (to - from) / 1e6;
}

/** A value of a history: it tells itself from every other, and says when it began to be. */
export interface Value {
  readonly key: string;
  /** The process that made it. */
  readonly process: string;
  /** Counts the values that the process has made. */
  readonly number: number;
  /** `load`: the cached function returned it. `set`: it was set by hand. */
  readonly by: 'load' | 'set';
  /** When its load began, or when `set` was called. */
  readonly started: Moment;
  /** The revision of the source that it was made from, where its load was told of one. */
  readonly revision?: string | undefined;
}

/** A value's name, which no other value has. */
export function nameOf({ process, number }: Value): string {
  return `${process}/${number}`;
}

/** What a process did: called the cached function, one of its operations, or a part of the cache did it beneath. */
export type Operation =
  | 'read'
  | 'refresh'
  | 'delete'
  | 'set'
  | 'clear'
  /** The cached function was called; recorded when it begins, so that it is there whatever happens to the process. */
  | 'load'
  /** The cached function has ended, well or not; from its call on. */
  | 'loaded'
  /** The cache offered a loaded value to the storage. */
  | 'publish';

/** How an operation ended. */
export type RecordedOutcome =
  | 'done'
  /** The storage did not keep what was offered. */
  | 'declined'
  /** It rejected. */
  | 'failed'
  /** It rejected since the cached function did. */
  | 'function failed'
  /** It did not settle within the time that any operation may take. */
  | 'hung';

/** One operation of a history. */
export interface Recorded {
  readonly operation: Operation;
  readonly process: string;
  /** Empty for what concerns all keys. */
  readonly key: string;
  /** Just before it was called. */
  readonly start: Moment;
  /** Just after it settled. */
  readonly end: Moment;
  readonly outcome: RecordedOutcome;
  /** What it returned, set or offered. */
  readonly value?: Value;
  /** What it rejected with, as text. */
  readonly error?: string;
  /** Counts the calls of a process. One call for several keys is an operation for each; a load tells which call it is for. */
  readonly call?: number | undefined;
  /** Of a load: counts how often the process has called the function that loads, which may be for several keys at once. */
  readonly batch?: number | undefined;
  /** Of a read: the revision that the value has to be made from. */
  readonly demanded?: string | undefined;
}
