import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { moment, type Moment, type Operation, type Recorded, type Value } from './record.js';

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
  newValue(key: string, by: Value['by']): Value {
    return { key, process: this.#process, number: ++this.#values, by, started: moment() };
  }

  /** Writes down that the cached function was called. */
  loadBegan(value: Value): void {
    this.#write({
      operation: 'load',
      key: value.key,
      start: value.started,
      end: value.started,
      outcome: 'done',
      value,
    });
  }

  /** Does an operation that returns a value, and writes down what became of it. */
  async asking(operation: 'read' | 'refresh', key: string, act: () => Promise<Value>): Promise<Value | undefined> {
    const start = moment();
    return this.#watched(operation, key, start, async () => {
      const value = await act();
      this.#write({ operation, key, start, end: moment(), outcome: 'done', value });
      return value;
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
    await this.#watched(
      operation,
      key,
      start,
      async () => {
        await act();
        this.#write({ operation, key, start, end: moment(), outcome: 'done', ...(value && { value }) });
      },
      value,
    );
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
  async #watched<R>(
    operation: Operation,
    key: string,
    start: Moment,
    act: () => Promise<R>,
    value?: Value,
  ): Promise<R | undefined> {
    const end = (outcome: 'failed' | 'function failed' | 'hung', error?: string): void =>
      this.#write({
        ...{ operation, key, start, end: moment(), outcome },
        ...(value && { value }),
        ...(error !== undefined && { error }),
      });
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

/** An error and its causes, in one line. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = `${error.name}: ${error.message}`;
  return error.cause === undefined ? text : `${text} <- ${textOf(error.cause)}`;
}
