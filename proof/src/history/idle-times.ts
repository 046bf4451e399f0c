import { Calls, type KeyedCall } from './calls.js';
import { loadsByKeyIn, type Load } from './loads.js';
import { milliseconds, type Recorded } from './record.js';
import { Teller } from './teller.js';

/** For how many milliseconds a call waited while nothing was loaded that it could wait for. */
export interface IdleTime {
  readonly call: KeyedCall;
  readonly milliseconds: number;
}

/**
 * The idle times of all calls. For each of its keys a call waits for loads that had begun before that of the value it gets,
 * and for that. All else is idle: finding what is there, being told that a load has ended, being elected to load.
 */
export function idleTimesIn(history: readonly Recorded[]): readonly IdleTime[] {
  const loads = loadsByKeyIn(history);
  return new Calls(history).all.map((call) => ({ call, milliseconds: idleTimeOf(call, loads) }));
}

/** The longest of them, in milliseconds. */
export function longestOf(idleTimes: readonly IdleTime[]): number {
  return idleTimes.reduce((longest, idle) => Math.max(longest, idle.milliseconds), 0);
}

/** A sentence about each that is longer than so many milliseconds. */
export function sentencesAboutIdleTimes(
  idleTimes: readonly IdleTime[],
  patience: number,
  history: readonly Recorded[],
): readonly string[] {
  const teller = new Teller(history);
  return idleTimes
    .filter((idle) => idle.milliseconds > patience)
    .map(({ call, milliseconds: length }) => `IDLE for ${length.toFixed(0)} ms: ${teller.tell(call.reads[0]!)}`);
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
