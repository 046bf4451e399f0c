import { milliseconds, nameOf, type Moment, type Recorded } from './record.js';
import { staleReads, type StaleRead } from './stale-reads.js';
import { Teller } from './teller.js';

/** What a history must not contain. */
export interface Findings {
  readonly stale: readonly StaleRead[];
  /** Reads that failed though the cached function had not, and operations that never ended. */
  readonly failed: readonly Recorded[];
  /** Reads that were answered with the value of another key. */
  readonly foreign: readonly Recorded[];
  /** Refreshes that were answered with a value whose load had begun before they were called. */
  readonly early: readonly Recorded[];
}

/** Finds what a cache must never do, whatever becomes of its storage. */
export function checkHistory(history: readonly Recorded[]): Findings {
  return {
    stale: staleReads(history),
    failed: history.filter(
      ({ operation, outcome }) => outcome === 'hung' || (isRead(operation) && outcome === 'failed'),
    ),
    foreign: history.filter(
      ({ operation, key, value }) => isRead(operation) && value !== undefined && value.key !== key,
    ),
    early: history.filter(
      ({ operation, start, value }) => operation === 'refresh' && value?.by === 'load' && value.started < start,
    ),
  };
}

/** Everything that was found, each as a sentence or two that tell when, relative to the first moment of the history. */
export function sentencesAbout(findings: Findings, history: readonly Recorded[]): readonly string[] {
  const teller = new Teller(history);
  const answered = (recorded: Recorded): string => `${teller.tell(recorded)}: ${teller.tellValue(recorded.value!)}`;
  return [
    ...findings.stale.map(({ read, barrier }) => `STALE ${answered(read)}; after ${teller.tell(barrier)}`),
    ...findings.failed.map((recorded) => `FAILED ${teller.tell(recorded)}`),
    ...findings.foreign.map((recorded) => `FOREIGN ${answered(recorded)}`),
    ...findings.early.map((recorded) => `EARLY ${answered(recorded)}`),
  ];
}

/** How often the cached function was called for each key. */
export function loadsByKey(history: Iterable<Recorded>): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { operation, key } of history) {
    if (operation === 'load') loads.set(key, (loads.get(key) ?? 0) + 1);
  }
  return loads;
}

/** The reads that took so many milliseconds or longer, and were answered with what was published meanwhile. */
export function readsThatWaited(history: Iterable<Recorded>, limit: number): readonly Recorded[] {
  const all = Array.from(history);
  const published = new Map<string, Moment>();
  for (const { operation, value, start } of all) {
    if (operation === 'publish' && value !== undefined) published.set(nameOf(value), start);
  }
  return all.filter(({ operation, start, end, value }) => {
    if (operation !== 'read' || value === undefined) return false;
    return milliseconds(start, end) >= limit && start < (published.get(nameOf(value)) ?? -Infinity);
  });
}

function isRead(operation: Recorded['operation']): boolean {
  return operation === 'read' || operation === 'refresh';
}
