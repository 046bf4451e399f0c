import { setTimeout as pause } from 'node:timers/promises';
import { CachedMethodFailedError, memoize, MemoError, type CacheStorage, type MemoizeOptions } from '@memo/core';
import type { NumberedOrder, NumberedReport } from '@memo/test-servers';

/** What a process that caches what fails is told to do. */
export interface FailureOrder {
  readonly action: 'call' | 'refresh' | 'exists';
  /** Of the function. The first order about it says its options. */
  readonly name: string;
  readonly options?: FunctionOptions;
  /** How a load fails that is needed now. @defaultValue it gives the name of the process. */
  readonly failure?: string;
  /** For how long it loads, in milliseconds. @defaultValue 0 */
  readonly slowness?: number;
}

interface FunctionOptions extends Pick<MemoizeOptions<[string]>, 'updateAfter' | 'staleIfError' | 'leaseTime'> {
  readonly expireAfter?: string;
  readonly negative?: { readonly expireAfter?: string; readonly as?: 'throw' | 'value' };
}

/** What it tells of it. */
export interface FailureAnswer {
  /** What the function gave, or what stood in its place; a failure that was returned is told as one that was thrown. */
  readonly value?: unknown;
  readonly thrown?: ToldError;
  /** How often the function was called for it. */
  readonly loads: number;
  /** Types of the events, in their order. */
  readonly events: readonly string[];
}

/** What can be sent of an error. */
export interface ToldError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  /** Whether it is of the language's own `TypeError`. */
  readonly isTypeError: boolean;
  /** Whether it is that of a cached function that failed, or another one of memo. */
  readonly kind: 'failed' | 'memo' | 'other';
  readonly cause?: ToldError;
}

/** What sources throw. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code = 'E_SERVICE';
}

/** An error as it can be sent. */
function told(error: unknown): ToldError {
  const { name, message, cause, code } = error as Error & { code?: unknown };
  const kind = CachedMethodFailedError.isInstance(error) ? 'failed' : MemoError.isInstance(error) ? 'memo' : 'other';
  const isTypeError = error instanceof TypeError;
  const others = { ...(code !== undefined && { code }), ...(cause !== undefined && { cause: told(cause) }) };
  return { name, message, isTypeError, kind, ...others };
}

/** What is told of the failure `message` that a load had, by whoever caught it. */
export function toldFailure(name: string, message: string): ToldError {
  const inner = { name: 'TypeError', message: `inner ${message}`, isTypeError: true, kind: 'other' };
  const cause = { name: 'ServiceError', message, code: 'E_SERVICE', isTypeError: false, kind: 'other', cause: inner };
  return {
    name: 'CachedMethodFailedError',
    message: `The cached function failed for key "${name}:id": ${message}`,
    code: 'CACHED_METHOD_FAILED',
    isTypeError: false,
    kind: 'failed',
    cause: cause as ToldError,
  };
}

/** Does what it is told with functions that it caches in a storage; `member` is what they give. */
export function failingMember(storage: CacheStorage, member: string): (order: FailureOrder) => Promise<FailureAnswer> {
  const functions = new Map<string, (order: FailureOrder) => Promise<FailureAnswer>>();
  return (order) => {
    const known = functions.get(order.name) ?? functionOf(storage, member, order);
    functions.set(order.name, known);
    return known(order);
  };
}

function functionOf(
  storage: CacheStorage,
  member: string,
  { name, options = {} }: FailureOrder,
): (order: FailureOrder) => Promise<FailureAnswer> {
  let [loads, events]: [number, string[]] = [0, []];
  let next: Pick<FailureOrder, 'failure' | 'slowness'> = {};
  const load = async (_id: string): Promise<string> => {
    loads++;
    const { failure, slowness = 0 } = next;
    await pause(slowness);
    if (failure === undefined) return member;
    throw new ServiceError(failure, { cause: new TypeError(`inner ${failure}`) });
  };
  const { expireAfter = '1 hour', ...others } = options;
  const cached = memoize(load, {
    ...{ name, storage, jitter: 0, expireAfter, onEvent: ({ type }) => events.push(type) },
    ...others,
  } as MemoizeOptions<[string]>);
  const ways = {
    call: () => cached('id'),
    refresh: () => cached.refresh('id'),
    exists: () => cached.exists(['id']),
  };
  return async (order) => {
    [loads, events, next] = [0, [], order];
    const outcome = await ways[order.action]().then(
      (value: unknown) => (value instanceof Error ? { value: told(value) } : { value }),
      (thrown: unknown) => ({ thrown: told(thrown) }),
    );
    return { ...outcome, loads, events };
  };
}

/** Makes this process a member of a fleet of such processes, called NAME in the environment. */
export function serveFailuresInFleet(open: () => CacheStorage): void {
  const carryOut = failingMember(open(), process.env['NAME'] ?? 'nobody');
  process.on('message', ({ number, order }: NumberedOrder<FailureOrder>) => {
    const report = (outcome: Partial<NumberedReport>) => process.send?.({ ...outcome, number });
    carryOut(order).then(
      (result) => report({ result }),
      (error: unknown) => report({ error: String(error) }),
    );
  });
  process.send?.({ number: 0 } satisfies NumberedReport);
}
