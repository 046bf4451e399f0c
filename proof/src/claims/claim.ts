import type { StorageKind } from '../servers/reach.js';

/** A promise of memo that a trial may prove wrong. */
export interface Claim {
  /** What it is called on the command line. */
  readonly name: string;
  /** What is claimed, in a sentence. */
  readonly statement: string;
  /** How it is tried, in a sentence or two. */
  readonly method: string;
  readonly storages: readonly StorageKind[];
  /** What a trial is measured in. */
  readonly unit: 'rounds' | 'operations' | 'seconds';
  /** How many make a short trial, one for every day. */
  readonly short: number;
  /** How many make a long one. */
  readonly long: number;
  try(trial: Trial): Promise<Finding>;
}

/** One try at proving a claim wrong. */
export interface Trial {
  readonly storage: StorageKind;
  /** How many units it takes. */
  readonly amount: number;
  readonly seed: number;
}

/** What a trial has found. */
export interface Finding {
  /** What was counted and measured: rows of a table, each with the same heads. */
  readonly rows: readonly Readonly<Record<string, number | string>>[];
  /** What else is worth knowing, as a sentence. */
  readonly note?: string;
  /** What contradicts the claim, each as a sentence; none if it holds. */
  readonly violations: readonly string[];
}
