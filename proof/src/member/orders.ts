import type { Reach } from '../servers/reach.js';

/** What a member is started with. */
export interface MemberSettings {
  /** What it is called in the history. */
  readonly process: string;
  /** Where it writes its part of the history. */
  readonly folder: string;
  readonly reach: Reach;
  /** Milliseconds that one operation of its storage may take. */
  readonly deadline: number;
  readonly caching: Caching;
  /** `false` for the positive control: the storage is not told by which lease a value is offered. */
  readonly fenced: boolean;
  readonly source: Source;
  /** Decides how long each load takes, and which fails. */
  readonly seed: number;
}

/** How the function is cached; times in milliseconds. */
export interface Caching {
  readonly updateAfter?: number;
  readonly expireAfter: number;
  readonly leaseTime: number;
  readonly jitter?: number;
}

/** How the cached function behaves. */
export interface Source {
  /** A load takes at least so many milliseconds. */
  readonly shortest: number;
  /** And at most so many. */
  readonly longest: number;
  /** Which part of the loads fails, from 0 to 1. */
  readonly failing?: number;
}

/** What is done how often, relative to one another. */
export type Weights = Readonly<Record<'read' | 'refresh' | 'delete' | 'set' | 'clear', number>>;

/** What a member is told to do. */
export type MemberOrder =
  /** Lets the cached function behave otherwise from now on. */
  | { readonly action: 'behave'; readonly source: Source }
  /** So many callers read a key at once. Done when all are answered. */
  | { readonly action: 'read'; readonly key: string; readonly callers: number }
  /** One caller reads a key. Done as soon as the function was called for it. */
  | { readonly action: 'begin'; readonly key: string }
  | { readonly action: 'refresh' | 'delete' | 'set'; readonly key: string }
  | { readonly action: 'clear' }
  /** So many callers do one thing after another, as the seed decides, until so many operations are done. */
  | {
      readonly action: 'mix';
      readonly seed: number;
      readonly operations: number;
      readonly callers: number;
      readonly keys: readonly string[];
      readonly weights: Weights;
    }
  /** So many callers read a key again and again, with a pause after each answer, for so many milliseconds. */
  | {
      readonly action: 'visit';
      readonly key: string;
      readonly callers: number;
      readonly pause: number;
      readonly duration: number;
    }
  /** Resolves to the counters of the cached function. */
  | { readonly action: 'count' };
