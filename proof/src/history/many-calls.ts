import { Calls, type KeyedCall } from './calls.js';
import { grouped } from './grouped.js';
import { loadsByKeyIn, type Load } from './loads.js';
import type { Moment, Recorded } from './record.js';
import { Teller } from './teller.js';

/** More loads of a key than there were reasons for, in a part of the history. */
interface LoadsTooMany {
  readonly loads: readonly Load[];
  readonly deletes: number;
}

/** A load that a call made apart from its first one. */
interface LoadApart {
  readonly call: KeyedCall;
  readonly load: Load;
}

/** What must not come of calls for several keys, while nothing expires. */
export interface ManyFindings {
  readonly tooMany: readonly LoadsTooMany[];
  /** Those of keys that nobody else loaded meanwhile. */
  readonly apart: readonly LoadApart[];
}

/**
 * Checks the loads of calls for several keys.
 *
 * - What is loaded is kept until somebody deletes it. So in any part of the history there is one load of a key more than there
 *   are deletes, at most; and two loads of it at the same time only if one of them was deleted before it ended. When a load
 *   was settled upon nobody but the cache knows: it was between its call and its start. Nor is it known when exactly a delete
 *   took effect: what is counted are loads that lie in the part for certain, and deletes that may. Where a delete was not
 *   confirmed, its process may load for itself, so such a key is left out.
 * - A call loads all that it has to in one piece. Apart from that only what it had to wait for and did not get: since somebody
 *   else was loading it, or in the same process was about to be told what there was, before that was deleted.
 */
export function checkManyCalls(history: readonly Recorded[]): ManyFindings {
  const calls = new Calls(history);
  const loads = loadsByKeyIn(history);
  const deletes = grouped(
    history.filter(({ operation }) => operation === 'delete'),
    ({ key }) => key,
  );
  return {
    tooMany: [...loads].flatMap(([key, ofKey]) => tooManyOf(ofKey, deletes.get(key) ?? [], calls) ?? []),
    apart: calls.all.flatMap((call) => loadsApart(call, { loads, deletes, calls })),
  };
}

/** Everything that was found, each as a sentence. */
export function sentencesAboutManyCalls(
  { tooMany, apart }: ManyFindings,
  history: readonly Recorded[],
): readonly string[] {
  const teller = new Teller(history);
  const toldValues = (loads: readonly Load[]): string => loads.map(({ value }) => teller.tellValue(value)).join('; ');
  return [
    ...tooMany.map(({ loads, deletes }) => `LOADS ${loads.length}, but ${deletes} deletes: ${toldValues(loads)}`),
    ...apart.map(({ call, load }) => `APART ${toldValues([load])}, for call ${call.number} of process ${call.process}`),
  ];
}

/** A part of the history in which a key was loaded too often: the earliest, and of those the shortest. */
function tooManyOf(loads: readonly Load[], deletes: readonly Recorded[], calls: Calls): LoadsTooMany | undefined {
  if (deletes.some(({ outcome }) => outcome !== 'done')) return undefined;
  for (const last of loads) {
    for (const first of loads.toReversed()) {
      const [from, to] = [calls.beginOf(first), last.start];
      const within = loads.filter((load) => calls.beginOf(load) >= from && load.start <= to);
      const reasons = deletes.filter(({ start, end }) => end >= from && start <= to).length;
      if (within.length > 1 + reasons) return { loads: within, deletes: reasons };
    }
  }
  return undefined;
}

/** What there is to explain loads with. */
interface Circumstances {
  readonly loads: ReadonlyMap<string, readonly Load[]>;
  readonly deletes: ReadonlyMap<string, readonly Recorded[]>;
  readonly calls: Calls;
}

function loadsApart(call: KeyedCall, circumstances: Circumstances): readonly LoadApart[] {
  const { loads, calls } = circumstances;
  const ofKeys = call.reads.map(({ key }) => loads.get(key) ?? []);
  const own = ofKeys.flatMap((ofKey) => ofKey.filter((load) => calls.of(load) === call));
  const first = own.toSorted((one, other) => one.start - other.start)[0]?.batch;
  return own
    .filter((load) => load.batch !== first)
    .filter((load) => !wasLoadedElsewhere(load, call, circumstances) && !wasDeletedMeanwhile(load, call, circumstances))
    .map((load) => ({ call, load }));
}

/** Whether somebody else loaded the key of `load`, or was about to, between the begin of `call` and that of its load. */
function wasLoadedElsewhere(load: Load, call: KeyedCall, { loads, calls }: Circumstances): boolean {
  return (loads.get(load.key) ?? []).some(
    (other) => calls.of(other) !== call && calls.beginOf(other) <= load.start && other.over >= call.start,
  );
}

/** Whether the key was deleted in between, while another call of the process was asking for it as well. */
function wasDeletedMeanwhile(load: Load, call: KeyedCall, { deletes, calls }: Circumstances): boolean {
  const overlaps = ({ start, end }: { start: Moment; end: Moment }): boolean =>
    end >= call.start && start <= load.start;
  const others = calls.all.filter((other) => other.process === call.process && other !== call && overlaps(other));
  return (
    others.some(({ reads }) => reads.some(({ key }) => key === load.key)) &&
    (deletes.get(load.key) ?? []).some(overlaps)
  );
}
