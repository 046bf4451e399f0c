import type { CacheEvent, CacheEventListener } from './cache-event.js';

/** An event as the engine writes it: the reporter adds the name. */
type Unnamed<E> = E extends unknown ? Omit<E, 'name'> : never;

/** Tells a cache's listener what happens, and says faults aloud where nobody listens. */
export class EventReporter {
  readonly #name: string;
  readonly #listener: CacheEventListener | undefined;
  readonly #saidAloud = new Set<string>();

  constructor(name: string, listener: CacheEventListener | undefined) {
    this.#name = name;
    this.#listener = listener;
  }

  /** Whether anybody listens. The hot path asks first, so that an event nobody hears is never made. */
  get listening(): boolean {
    return this.#listener !== undefined;
  }

  report(event: Unnamed<CacheEvent>): void {
    try {
      this.#listener?.({ name: this.#name, ...event } as CacheEvent);
    } catch {
      // A listener's own failure has nobody to go to: it must not become a failure of the call it was told about.
    }
  }

  /** Reports something that went wrong; without a listener it becomes a process warning, once for each kind. */
  reportFault(event: Unnamed<CacheEvent> & { readonly error: Error }): void {
    if (this.listening) return this.report(event);
    if (this.#saidAloud.has(event.type)) return;
    this.#saidAloud.add(event.type);
    warn(
      `The cache of ${JSON.stringify(this.#name)} met a fault (${event.type}) and goes on: ${event.error.message} ` +
        `Said once; the option 'onEvent' hears of every fault.`,
    );
  }
}

/** The little of Node's `process` that is used where it exists. */
interface WarningProcess {
  emitWarning?(message: string, type: string): void;
}

function warn(message: string): void {
  const { process, console } = globalThis as { process?: WarningProcess; console?: { warn(text: string): void } };
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, 'MemoWarning');
  else console?.warn(`MemoWarning: ${message}`);
}
