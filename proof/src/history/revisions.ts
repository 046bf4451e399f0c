import { Calls } from './calls.js';
import { loadsByKeyIn, type Load } from './loads.js';
import { nameOf, type Recorded } from './record.js';
import { Teller } from './teller.js';

/** So many others have to get ahead of a call, until it loads for itself at last. */
const leastAhead = 8;

/** Two loads of a key, one right after the other. */
interface LoadAfterLoad {
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
  /** Loads that were not kept, though their call was not one that others got ahead of. */
  readonly lost: readonly Load[];
  /** Loads that were not kept, for calls that others got ahead of again and again. They count for nothing else. */
  readonly aside: readonly Load[];
}

/**
 * Checks the answers and the loads of calls that demand revisions.
 *
 * Whoever loads a key has found a value of another revision than it demands, or none, and one load begins when the one before
 * has been kept. So two loads in a row are never for the same revision: while all demand the same there is one load, and
 * while some demand this and some that, no more than the calls alternate. A call that takes any value loads only where there
 * is none. Where others get ahead of a call again and again, with revisions that it cannot take, it loads for itself in the
 * end, and what it loads is not kept.
 */
export function checkRevisions(history: readonly Recorded[]): RevisionFindings {
  const calls = new Calls(history);
  const kept = new Set(
    history.flatMap(({ operation, outcome, value }) =>
      operation === 'publish' && outcome === 'done' && value !== undefined ? [nameOf(value)] : [],
    ),
  );
  const isKept = ({ value }: Load): boolean => kept.has(nameOf(value));
  const byKey = [...loadsByKeyIn(history).values()];
  const unkept = byKey.flatMap((loads) => loads.filter((load) => !isKept(load)).map((load) => ({ load, loads })));
  const isAside = ({ load, loads }: { load: Load; loads: readonly Load[] }): boolean =>
    loads.filter(({ end }) => end >= calls.beginOf(load) && end <= load.start).length >= leastAhead;
  const pairs = byKey.flatMap((loads) => {
    const inTurn = loads.filter(isKept);
    return inTurn.slice(1).map((load, index): LoadAfterLoad => ({ before: inTurn[index]!, load }));
  });
  return {
    wrong: history.filter(
      ({ operation, demanded, value }) =>
        operation === 'read' && demanded !== undefined && value !== undefined && value.revision !== demanded,
    ),
    atOnce: pairs.filter(({ before, load }) => load.start < before.end),
    needless: pairs.filter(
      ({ before, load }) => load.value.revision === undefined || load.value.revision === before.value.revision,
    ),
    lost: unkept.filter((one) => !isAside(one)).map(({ load }) => load),
    aside: unkept.filter(isAside).map(({ load }) => load),
  };
}

/** Everything that was found, each as a sentence. */
export function sentencesAboutRevisions(
  { wrong, atOnce, needless, lost }: RevisionFindings,
  history: readonly Recorded[],
): readonly string[] {
  const teller = new Teller(history);
  const made = ({ value }: Pick<Load, 'value'>): string =>
    `${teller.tellValue(value)}, from ${value.revision ?? 'any revision'}`;
  return [
    ...wrong.map(
      (read) => `REVISION ${teller.tell(read)}: demanded ${read.demanded}, got ${made({ value: read.value! })}`,
    ),
    ...atOnce.map(({ before, load }) => `AT ONCE ${made(load)}, while ${made(before)}`),
    ...needless.map(({ before, load }) => `NEEDLESS ${made(load)}, after ${made(before)}`),
    ...lost.map((load) => `LOST ${made(load)}`),
  ];
}
