import { type Deferred, deferred } from './deferred.js';

/** A slow function under the test's control: each call waits until the test answers it. */
export interface Source {
  /** To be wrapped; its name is `source`. */
  readonly call: (...args: unknown[]) => Promise<string>;
  /** The arguments of all calls so far. */
  readonly calls: readonly (readonly unknown[])[];
  /** Answers the earliest call that has no answer yet. */
  answer(value: string): void;
  fail(error: unknown): void;
}

export function slowSource(): Source {
  const calls: unknown[][] = [];
  const waiting: Deferred<string>[] = [];
  const source = (...args: unknown[]): Promise<string> => {
    const answer = deferred<string>();
    calls.push(args);
    waiting.push(answer);
    return answer.promise;
  };
  const earliest = (): Deferred<string> => {
    const answer = waiting.shift();
    if (answer === undefined) throw new Error('No call waits for an answer.');
    return answer;
  };
  return {
    call: source,
    calls,
    answer: (value) => earliest().resolve(value),
    fail: (error) => earliest().reject(error),
  };
}

/** A quick function that answers `value 1`, `value 2` … and counts. */
export interface Counter {
  readonly call: (...args: unknown[]) => Promise<string>;
  readonly count: number;
}

export function counter(): Counter {
  let count = 0;
  const counted = async (): Promise<string> => `value ${++count}`;
  return {
    call: counted,
    get count() {
      return count;
    },
  };
}
