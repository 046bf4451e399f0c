import { grouped } from './grouped.js';
import { loadsByKeyIn, type Load } from './loads.js';
import { milliseconds, type Moment, type Recorded } from './record.js';
import { Teller } from './teller.js';

/** One call, for one key or for several, as it was answered. */
export interface KeyedCall {
  readonly process: string;
  readonly number: number;
  readonly start: Moment;
  readonly end: Moment;
  /** One for each key. */
  readonly reads: readonly Recorded[];
}

/** More loads of a key than there were reasons for, in a part of the history. */
export interface LoadsTooMany {
  readonly loads: readonly Load[];
  readonly deletes: number;
}

/** A load that a call made apart from its first one. */
export interface LoadApart {
  readonly call: KeyedCall;
  readonly load: Load;
}

/** For how many milliseconds a call waited while nothing was loaded that it could wait for. */
export interface IdleTime {
  readonly call: KeyedCall;
  readonly milliseconds: number;
}

/** What must not come of calls for several keys, while nothing expires. */
export interface ManyFindings {
  readonly tooMany: readonly LoadsTooMany[];
  /** Those of keys that nobody else loaded meanwhile. */
  readonly apart: readonly LoadApart[];
  /** Of every call. */
  readonly idle: readonly IdleTime[];
}

/**
 * Checks the loads and the waits of calls for several keys.
 *
 * - What is loaded is kept until somebody deletes it. So in any part of the history there is one load of a key more than there
 *   are deletes, at most; and two loads of it at the same time only if one of them was deleted before it ended. When a load
 *   was settled upon nobody but the cache knows: it was between its call and its start. Nor is it known when exactly a delete
 *   took effect: what is counted are loads that lie in the part for certain, and deletes that may. Where a delete was not
 *   confirmed, its process may load for itself, so such a key is left out.
 * - A call loads all that it has to in one piece. Apart from that only what it had to wait for, since somebody else was
 *   loading it, and what it did not get.
 * - For each of its keys it waits for loads that had begun before that of the value it gets, and for that.
 */
export function checkManyCalls(history: readonly Recorded[]): ManyFindings {
  const calls = callsIn(history);
  const loads = loadsByKeyIn(history);
  const deletes = grouped(
    history.filter(({ operation }) => operation === 'delete'),
    ({ key }) => key,
  );
  const callOf = ({ process, call }: Load): KeyedCall | undefined => calls.get(nameOfCall(process, call));
  return {
    tooMany: [...loads].flatMap(([key, ofKey]) => tooManyOf(ofKey, deletes.get(key) ?? [], callOf) ?? []),
    apart: [...calls.values()].flatMap((call) => loadsApart(call, loads, callOf)),
    idle: [...calls.values()].map((call) => ({ call, milliseconds: idleTimeOf(call, loads) })),
  };
}

/** Everything that was found, each as a sentence. @param patience - how many milliseconds of idle time are none. */
export function sentencesAboutManyCalls(
  { tooMany, apart, idle }: ManyFindings,
  patience: number,
  history: readonly Recorded[],
): readonly string[] {
  const teller = new Teller(history);
  return [
    ...tooMany.map(
      ({ loads, deletes }) =>
        `LOADS ${loads.length}, of which ${deletes} for deletes: ${loads.map(({ value }) => teller.tellValue(value)).join('; ')}`,
    ),
    ...apart.map(
      ({ call, load }) => `APART ${teller.tellValue(load.value)}, for call ${call.number} of process ${call.process}`,
    ),
    ...idle
      .filter((time) => time.milliseconds > patience)
      .map(({ call, milliseconds: length }) => `IDLE for ${length.toFixed(0)} ms: ${teller.tell(call.reads[0]!)}`),
  ];
}

type CallOf = (load: Load) => KeyedCall | undefined;

function callsIn(history: readonly Recorded[]): ReadonlyMap<string, KeyedCall> {
  const reads = history.filter(({ operation, call }) => operation === 'read' && call !== undefined);
  const byCall = grouped(reads, ({ process, call }) => nameOfCall(process, call));
  return new Map(
    [...byCall].map(([name, ofCall]) => {
      const { process, call, start, end } = ofCall[0]!;
      return [name, { process, number: call!, start, end, reads: ofCall }];
    }),
  );
}

function nameOfCall(process: string, number: number | undefined): string {
  return `${process}/${number}`;
}

/** A part of the history in which a key was loaded too often: the earliest, and of those the shortest. */
function tooManyOf(loads: readonly Load[], deletes: readonly Recorded[], callOf: CallOf): LoadsTooMany | undefined {
  if (deletes.some(({ outcome }) => outcome !== 'done')) return undefined;
  const asked = (load: Load): Moment => callOf(load)?.start ?? load.start;
  for (const last of loads) {
    for (const first of loads.toReversed()) {
      const [from, to] = [asked(first), last.start];
      const within = loads.filter((load) => asked(load) >= from && load.start <= to);
      const reasons = deletes.filter(({ start, end }) => end >= from && start <= to).length;
      if (within.length > 1 + reasons) return { loads: within, deletes: reasons };
    }
  }
  return undefined;
}

function loadsApart(
  call: KeyedCall,
  loads: ReadonlyMap<string, readonly Load[]>,
  callOf: CallOf,
): readonly LoadApart[] {
  const ofKeys = call.reads.map(({ key }) => loads.get(key) ?? []);
  const own = ofKeys.flatMap((ofKey) => ofKey.filter((load) => callOf(load) === call));
  const first = own.toSorted((one, other) => one.start - other.start)[0]?.batch;
  return own
    .filter((load) => load.batch !== first && !wasLoadedElsewhere(load, call, loads.get(load.key) ?? [], callOf))
    .map((load) => ({ call, load }));
}

/** Whether somebody else loaded the key of `load`, or was about to, between the begin of `call` and that of its load. */
function wasLoadedElsewhere(load: Load, call: KeyedCall, ofKey: readonly Load[], callOf: CallOf): boolean {
  return ofKey.some((other) => {
    const itsCall = callOf(other);
    return itsCall !== call && (itsCall?.start ?? other.start) <= load.start && other.end >= call.start;
  });
}

function idleTimeOf({ start, end, reads }: KeyedCall, loads: ReadonlyMap<string, readonly Load[]>): number {
  const awaited = reads.flatMap(({ key, value }) =>
    (loads.get(key) ?? []).filter((load) => load.start <= (value?.started ?? Infinity) && load.end >= start),
  );
  let [idle, reached] = [0, start];
  for (const load of awaited.toSorted((one, other) => one.start - other.start)) {
    const from = Math.min(load.start, end);
    if (from > reached) idle += milliseconds(reached, from);
    reached = Math.max(reached, Math.min(load.end, end));
  }
  return idle + milliseconds(reached, end);
}
