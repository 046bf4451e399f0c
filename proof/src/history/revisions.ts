import { loadsByKeyIn, type Load } from './loads.js';
import type { Recorded } from './record.js';
import { Teller } from './teller.js';

/** Two loads of a key, one right after the other. */
export interface LoadAfterLoad {
  readonly before: Load;
  readonly load: Load;
}

/** What must not come of calls that demand revisions, while nothing expires and nobody invalidates. */
export interface RevisionFindings {
  /** Reads that were answered with a value that was made from another revision than they demanded. */
  readonly wrong: readonly Recorded[];
  /** Loads that began before the one before them had ended. */
  readonly atOnce: readonly LoadAfterLoad[];
  /** Loads of what was there already: the revision that had been loaded right before, or any. */
  readonly needless: readonly LoadAfterLoad[];
}

/**
 * Checks the answers and the loads of calls that demand revisions.
 *
 * Whoever loads a key has found a value of another revision than it demands, or none. So two loads in a row are never for the
 * same revision: while all demand the same there is one load, and while some demand this and some that, no more than the
 * calls alternate. A call that takes any value loads only where there is none.
 */
export function checkRevisions(history: readonly Recorded[]): RevisionFindings {
  const pairs = [...loadsByKeyIn(history).values()].flatMap((loads) =>
    loads.slice(1).map((load, index): LoadAfterLoad => ({ before: loads[index]!, load })),
  );
  return {
    wrong: history.filter(
      ({ operation, demanded, value }) =>
        operation === 'read' && demanded !== undefined && value !== undefined && value.revision !== demanded,
    ),
    atOnce: pairs.filter(({ before, load }) => load.start < before.end),
    needless: pairs.filter(
      ({ before, load }) => load.value.revision === undefined || load.value.revision === before.value.revision,
    ),
  };
}

/** Everything that was found, each as a sentence. */
export function sentencesAboutRevisions(
  { wrong, atOnce, needless }: RevisionFindings,
  history: readonly Recorded[],
): readonly string[] {
  const teller = new Teller(history);
  const made = (load: Load): string => `${teller.tellValue(load.value)}, from ${load.value.revision ?? 'any revision'}`;
  return [
    ...wrong.map(
      (read) =>
        `REVISION ${teller.tell(read)}: demanded ${read.demanded}, got ${teller.tellValue(read.value!)}, from ${read.value!.revision ?? 'any revision'}`,
    ),
    ...atOnce.map(({ before, load }) => `AT ONCE ${made(load)}, while ${made(before)}`),
    ...needless.map(({ before, load }) => `NEEDLESS ${made(load)}, after ${made(before)}`),
  ];
}
