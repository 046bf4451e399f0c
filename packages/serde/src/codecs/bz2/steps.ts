import type { Awaitable } from '@memo/core';
import { nextTurn } from './next-turn.js';

/** Work that is cut into steps of a few milliseconds, so that others may have their turn in between. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/**
 * Does all the steps: one right after the other for as long as `isSmall` says so, which is asked before each of them; from
 * then on each in a turn of its own of the event loop.
 */
export function carryOut<Result>(steps: Steps<Result>, isSmall: () => boolean): Awaitable<Result> {
  while (isSmall()) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
  return inTurns(steps);
}

async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}
