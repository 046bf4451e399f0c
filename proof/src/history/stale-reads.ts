import { Barriers } from './barriers.js';
import { nameOf, type Moment, type Recorded, type Value } from './record.js';

/** A read that was answered with a value from before an invalidation. */
export interface StaleRead {
  readonly read: Recorded & { readonly value: Value };
  /** What had ended before the read started, and was called after the value had begun to be. */
  readonly barrier: Recorded;
}

/**
 * Finds the reads that were answered with what they must not see, in O(n log n).
 *
 * A read is stale if a `delete`, `set` or `clear` of its key had resolved before it started, and the load of the value it
 * returned had begun before that operation was called. What lies between the two moments may go either way, and an
 * operation that rejected promises nothing to other processes; its own process has to keep the promise from then on
 * (issue 4, "truthful operations").
 *
 * A value that was set takes effect at some moment between the call of its `set` and its end. So it is too old only if
 * that `set` had ended before the other operation was called: two operations that overlap may come in either order.
 * Where a `set` never ended, since its process was killed, its value may come at any time.
 */
export function staleReads(history: Iterable<Recorded>): readonly StaleRead[] {
  const reads: (Recorded & { readonly value: Value })[] = [];
  const groups = new Map<string, Recorded[]>();
  const endsOfSets = new Map<string, Moment>();
  for (const recorded of history) {
    const { operation, value } = recorded;
    if (isAnswered(recorded)) reads.push(recorded);
    if (operation === 'set' && value !== undefined) endsOfSets.set(nameOf(value), recorded.end);
    const group = groupOf(recorded);
    if (group === undefined) continue;
    const together = groups.get(group);
    if (together === undefined) groups.set(group, [recorded]);
    else together.push(recorded);
  }
  const barriers = new Map([...groups].map(([group, together]) => [group, new Barriers(together)]));

  return reads.flatMap((read) => {
    const { value } = read;
    const inEffect = value.by === 'load' ? value.started : (endsOfSets.get(nameOf(value)) ?? Infinity);
    const candidates = groupsFor(read).map((group) => barriers.get(group)?.before(read.start));
    const barrier = candidates.find((candidate) => candidate !== undefined && inEffect < candidate.start);
    return barrier === undefined ? [] : [{ read, barrier }];
  });
}

function isAnswered(recorded: Recorded): recorded is Recorded & { readonly value: Value } {
  const { operation, outcome, value } = recorded;
  return (operation === 'read' || operation === 'refresh') && outcome === 'done' && value !== undefined;
}

/** Operations of one group are barriers for the same reads: of a key or of all, for everybody or for one process. */
function groupOf({ operation, key, process, outcome }: Recorded): string | undefined {
  if (operation !== 'delete' && operation !== 'set' && operation !== 'clear') return undefined;
  const where = operation === 'clear' ? 'all' : `key ${key}`;
  if (outcome === 'done') return where;
  return outcome === 'failed' ? `${where} in process ${process}` : undefined;
}

function groupsFor({ key, process }: Recorded): readonly string[] {
  const everywhere = [`key ${key}`, 'all'];
  return [...everywhere, ...everywhere.map((where) => `${where} in process ${process}`)];
}
