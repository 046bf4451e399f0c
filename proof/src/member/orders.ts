import type { Reach } from '../servers/reach.js';
import type { Visits } from './callers.js';

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
  readonly leaseTime?: number;
  readonly jitter?: number;
  readonly coordination?: 'lease' | 'none';
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

/** Callers ask for the present revisions of keys: by a text, by a function of one key or of several, or take any. */
export interface DemandOrder extends Visits {
  readonly seed: number;
  readonly keys: readonly string[];
  readonly weights: Readonly<Record<'constant' | 'function' | 'many' | 'any', number>>;
  /** `false` for the positive control: the calls do not say which revision they demand. */
  readonly says: boolean;
}

/** Callers read several keys at once, and now and then one, or delete it. */
export interface ManyOrder extends Visits {
  readonly seed: number;
  readonly keys: readonly string[];
  /** So many keys are read at once, at most. */
  readonly most: number;
  readonly weights: Readonly<Record<'many' | 'one' | 'delete', number>>;
  /** `one by one` for the positive control: each key by a call of its own. */
  readonly calls: 'together' | 'one by one';
}

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
  /** Callers read a key again and again. */
  | ({ readonly action: 'visit'; readonly key: string } & Visits)
  /** From now on demands that revision of a key. */
  | { readonly action: 'adopt'; readonly key: string; readonly revision: string }
  | ({ readonly action: 'demand' } & DemandOrder)
  | ({ readonly action: 'many' } & ManyOrder)
  /** Resolves to the counters of the cached function. */
  | { readonly action: 'count' };
