import type { Contender } from '../contenders/contender.js';
import type { SharedContender } from '../contenders/shared-contender.js';

/** Work that is timed: in rounds, beside the same work of others. */
export interface TimedWork {
  /** Carries out so many operations. */
  readonly run: (operations: number) => Promise<void> | void;
  /** Whether the work waits for others: for a server. @defaultValue false */
  readonly waits?: boolean;
  /** Operations are multiples of this. @defaultValue 1 */
  readonly unit?: number;
  /** Throws if what has run was not what is to be measured; not timed. */
  readonly check?: () => void;
  /** What was found besides, once, when the work was prepared. */
  readonly figures?: () => Readonly<Record<string, number>>;
  /** Gives back what is open. */
  readonly close?: () => Promise<void>;
}

/** Work that finds out something other than a time: bytes, milliseconds of an import. */
export interface CountedWork {
  /** How much of each there is, by its name. */
  readonly count: () => Promise<Readonly<Record<string, number>>>;
}

export type Work = TimedWork | CountedWork;

/** What the process of a contender is to do. */
export interface Assignment {
  readonly workload: string;
  /** The kind of the work: what each workload makes of it stands there. */
  readonly scenario: string;
  readonly contender: string;
  /** How much of it: a small part is enough to try whether it works. */
  readonly size: 'full' | 'quick';
  /** Where servers are, where the work needs any. */
  readonly server?: { readonly host: string; readonly port: number } | undefined;
}

/** Prepares the work of a contender. */
export type Workload = (contender: Contender & SharedContender, assignment: Assignment) => Work | Promise<Work>;
