import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { moment, type Moment, type Operation, type Recorded, type Value } from './record.js';

/** What else is told of a read of a key, as soon as it has ended. */
type About = (key: string) => Pick<Recorded, 'call' | 'demanded'>;

/** What a recorder may be told. */
export interface RecorderOptions {
  /** Whether an error is the failure of the cached function itself, and no fault of the cache. */
  readonly isFailureOfFunction?: (error: unknown) => boolean;
  /** How long an operation may take before it counts as one that never ends, in milliseconds. */
  readonly patience?: number;
}

/**
 * Writes down what one process does, an operation a line, in `<folder>/<process>.jsonl`. A line is in the hands of the
 * operating system when the operation has ended: it outlives the process, however that ends.
 */
export class Recorder {
  readonly #process: string;
  readonly #file: number;
  readonly #isFailureOfFunction: (error: unknown) => boolean;
  readonly #patience: number;
  #values = 0;

  constructor(folder: string, process: string, options: RecorderOptions = {}) {
    const { isFailureOfFunction = () => false, patience = 30_000 } = options;
    this.#process = process;
    this.#file = openSync(join(folder, `${process}.jsonl`), 'a');
    this.#isFailureOfFunction = isFailureOfFunction;
    this.#patience = patience;
  }

  /** A value that no other is like, whose life begins now. */
  newValue(key: string, by: Value['by'], revision?: string): Value {
    const value = { key, process: this.#process, number: ++this.#values, by, started: moment() };
    return revision === undefined ? value : { ...value, revision };
  }

  /** Writes down that the cached function was called. */
  loadBegan(value: Value, about: Pick<Recorded, 'call' | 'batch'> = {}): void {
    const { key, started } = value;
    this.#write({ operation: 'load', key, start: started, end: started, outcome: 'done', value, ...about });
  }

  /** Writes down that the cached function has ended. */
  loadEnded(value: Value): void {
    const { key, started } = value;
    this.#write({ operation: 'loaded', key, start: started, end: moment(), outcome: 'done', value });
  }

  /** Does an operation that returns a value, and writes down what became of it. */
  async asking(
    operation: 'read' | 'refresh',
    key: string,
    act: () => Promise<Value>,
    about?: About,
  ): Promise<Value | undefined> {
    const values = await this.askingMany(operation, [key], async () => new Map([[key, await act()]]), about);
    return values?.get(key);
  }

  /** Does an operation that returns the values of several keys, and writes down for each what became of it. */
  async askingMany(
    operation: 'read' | 'refresh',
    keys: readonly string[],
    act: () => Promise<ReadonlyMap<string, Value>>,
    about: About = () => ({}),
  ): Promise<ReadonlyMap<string, Value> | undefined> {
    const start = moment();
    const asked = { operation, keys, start, about };
    return this.#watched(asked, async () => {
      const values = await act();
      const end = moment();
      for (const key of keys) {
        const value = values.get(key);
        const answer = value === undefined ? leftOut : ({ outcome: 'done', value } as const);
        this.#write({ operation, key, start, end, ...answer, ...about(key) });
      }
      return values;
    });
  }

  /** Does an operation that returns nothing of interest. @param value - what is set. */
  async telling(
    operation: 'delete' | 'set' | 'clear',
    key: string,
    act: () => Promise<unknown>,
    value?: Value,
  ): Promise<void> {
    const start = value?.started ?? moment();
    const said = value && { value };
    await this.#watched({ operation, keys: [key], start, about: () => said ?? {} }, async () => {
      await act();
      this.#write({ operation, key, start, end: moment(), outcome: 'done', ...said });
    });
  }

  /** Writes down what became of a value that the cache offered to the storage. */
  async publishing<R extends string>(value: Value, offer: () => Promise<R>): Promise<R> {
    const { key } = value;
    const start = moment();
    const write = (outcome: 'done' | 'declined' | 'failed'): void =>
      this.#write({ operation: 'publish', key, start, end: moment(), outcome, value });
    try {
      const result = await offer();
      write(result === 'declined' ? 'declined' : 'done');
      return result;
    } catch (error) {
      write('failed');
      throw error;
    }
  }

  /** An operation that fails or hangs is written down as such; its caller goes on. */
  async #watched<R>({ operation, keys, start, about }: Watched, act: () => Promise<R>): Promise<R | undefined> {
    const end = (outcome: 'failed' | 'function failed' | 'hung', error?: string): void => {
      const said = error === undefined ? { outcome } : { outcome, error };
      const at = moment();
      for (const key of keys) this.#write({ operation, key, start, end: at, ...said, ...about(key) });
    };
    let timer: NodeJS.Timeout | undefined;
    const hanging = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        end('hung');
        resolve(undefined);
      }, this.#patience).unref();
    });
    const acting = act().catch((error: unknown) => {
      end(this.#isFailureOfFunction(error) ? 'function failed' : 'failed', textOf(error));
      return undefined;
    });
    const result = await Promise.race([acting, hanging]);
    clearTimeout(timer);
    return result;
  }

  #write(record: Omit<Recorded, 'process'>): void {
    writeSync(this.#file, `${JSON.stringify({ process: this.#process, ...record })}\n`);
  }
}

/** One operation that is waited for, and the keys that it is for. */
interface Watched {
  readonly operation: Operation;
  readonly keys: readonly string[];
  readonly start: Moment;
  readonly about: (key: string) => Partial<Recorded>;
}

/** What is written down of a key that the answer for several lacks. */
const leftOut = { outcome: 'failed', error: 'it was left out' } as const;

/** An error and its causes, in one line. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text} <- ${textOf(error.cause)}`;
}
