import type { Steps } from '../../../src/codecs/bz2/steps.js';

/** What steps lead to, done one right after the other. */
export function resultOf<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
