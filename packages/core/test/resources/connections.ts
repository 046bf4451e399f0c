import { resourcePolicyFrom } from '../../src/resources/resource-policy-from.js';
import type { DisposeOption } from '../../src/resources/dispose-option.js';
import type { ResourcePolicy, Taken } from '../../src/resources/resource-policy.js';
import { isPromise, type Awaitable } from '../../src/serde.js';
import { ManualClock } from '../../src/testing/index.js';

/** What happened, in order. */
export type Log = string[];

/** Something that is open until it is closed, and says so in a log. */
export class Connection {
  readonly name: string;
  readonly #log: Log;
  readonly #until: Promise<unknown> | undefined;

  /** @param until - closing it takes as long as this, and fails if it does. */
  constructor(name: string, log: Log, until?: Promise<unknown>) {
    this.name = name;
    this.#log = log;
    this.#until = until;
    // It may have failed before anybody closes.
    until?.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#log.push(`close ${this.name}`);
    if (this.#until === undefined) return;
    await this.#until;
    this.#log.push(`closed ${this.name}`);
  }
}

/** A compiled `dispose`, with a clock by hand and all that it reports. */
export interface PolicyUnderTest {
  readonly policy: ResourcePolicy;
  readonly clock: ManualClock;
  /** Key and error. */
  readonly reports: (readonly [string, unknown])[];
  readonly log: Log;
  /** Takes what is taken at once. */
  take(value: unknown, key?: string): Taken;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

export function policyFor(dispose: DisposeOption<never>, { closeDelay = 0 } = {}): PolicyUnderTest {
  const clock = new ManualClock();
  const reports: (readonly [string, unknown])[] = [];
  const report = (key: string, error: unknown): void => void reports.push([key, error]);
  const policy = resourcePolicyFrom(dispose, { call: 'memoize', closeDelay, clock, report });
  return {
    policy,
    clock,
    reports,
    log: [],
    take(value, key = 'key') {
      const taken = policy.take(key, value);
      if (isPromise(taken)) throw new Error('It is not taken at once.');
      return taken;
    },
    settle: () => clock.advance(0),
  };
}

/** What a promise is rejected with. */
export async function failureOf(attempt: Awaitable<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail.');
}
