import { spanOf } from './durations.js';
import { milliseconds, type Moment, type Recorded, type Value } from './record.js';

/** Tells in words what is in a history; moments are counted from its first one. */
export class Teller {
  readonly #origin: Moment;

  constructor(history: readonly Recorded[]) {
    this.#origin = spanOf(history).start;
  }

  tell({ operation, key, process, start, end, outcome, error }: Recorded): string {
    const how = error === undefined ? outcome : `${outcome}: ${error}`;
    return `${operation} ${key} by process ${process}, ${this.#at(start)} to ${this.#at(end)}, ${how}`;
  }

  tellValue({ process, number, by, started, key }: Value): string {
    return `value ${number} of process ${process} for ${key}, ${by} at ${this.#at(started)}`;
  }

  #at(moment: Moment): string {
    return `${milliseconds(this.#origin, moment).toFixed(3)} ms`;
  }
}
