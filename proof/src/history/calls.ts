import { grouped } from './grouped.js';
import type { Load } from './loads.js';
import type { Moment, Recorded } from './record.js';

/** One call, for one key or for several, as it was answered. */
export interface KeyedCall {
  readonly process: string;
  readonly number: number;
  readonly start: Moment;
  readonly end: Moment;
  /** One for each key. */
  readonly reads: readonly Recorded[];
}

/** The calls of a history whose process has counted them. */
export class Calls {
  readonly #byName: ReadonlyMap<string, KeyedCall>;

  constructor(history: readonly Recorded[]) {
    const reads = history.filter(({ operation, call }) => operation === 'read' && call !== undefined);
    const byName = grouped(reads, ({ process, call }) => nameOf(process, call));
    this.#byName = new Map(
      [...byName].map(([name, ofCall]) => {
        const { process, call, start, end } = ofCall[0]!;
        return [name, { process, number: call!, start, end, reads: ofCall }];
      }),
    );
  }

  get all(): readonly KeyedCall[] {
    return [...this.#byName.values()];
  }

  /** The call that a load was made for. */
  of({ process, call }: Load): KeyedCall | undefined {
    return this.#byName.get(nameOf(process, call));
  }

  /** When the call of a load began: what the load is needed for was settled upon between that and its start. */
  beginOf(load: Load): Moment {
    return this.of(load)?.start ?? load.start;
  }
}

function nameOf(process: string, number: number | undefined): string {
  return `${process}/${number}`;
}
