import { setTimeout as pause } from 'node:timers/promises';

/** What became of an operation, in words. */
export type Outcome =
  | 'the value'
  | 'wrong bytes of the right length'
  | 'another value'
  | 'nothing'
  | 'done'
  | 'declined'
  | 'an error'
  | 'an error that is a string'
  | 'never settled';

/** How long an operation may go on before it counts as one that never ends: ten times its timeout. */
const never = 2_000;

/** What becomes of a reading that should give `value`. */
export function outcomeOf(reading: Promise<string | undefined>, value: string): Promise<Outcome> {
  return settled(
    reading.then((found) => {
      if (found === undefined) return 'nothing';
      if (found === value) return 'the value';
      return found.length === value.length ? 'wrong bytes of the right length' : 'another value';
    }),
  );
}

/** What becomes of a writing. */
export function endOf(writing: Promise<unknown>): Promise<Outcome> {
  return settled(writing.then((result) => (result === 'declined' ? 'declined' : 'done')));
}

function settled(outcome: Promise<Outcome>): Promise<Outcome> {
  const failed = outcome.catch((error: unknown) =>
    typeof error === 'string' ? 'an error that is a string' : 'an error',
  );
  return Promise.race([failed, pause(never, 'never settled' as const, { ref: false })]);
}
