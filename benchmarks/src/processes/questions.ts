/** What the process of a contender is asked. */
export type Question =
  | { readonly ask: 'prepare' }
  | { readonly ask: 'calibrate'; readonly milliseconds: number }
  | { readonly ask: 'run'; readonly operations: number }
  | { readonly ask: 'figures' }
  | { readonly ask: 'count' }
  | { readonly ask: 'close' };

/** What it answers: operations, milliseconds, what was counted, or why it could not. */
export interface Answer {
  readonly value?: number;
  readonly counted?: Readonly<Record<string, number>>;
  readonly failed?: string;
}
