/**
 * Every error class and message of `@memo/core`. A message says what was called, what was expected, what came, and what
 * to do. `code` is stable text for programs, `context` the facts of the message as data.
 */

/** Marks errors of memo for all copies of the package and all its packages: they agree through `Symbol.for`. */
const kinds = Symbol.for('@memo/error-kinds');

/** What an error of memo carries beside its message. */
export interface MemoErrorDetails {
  readonly cause?: unknown;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** An error of memo; all others extend it. `isInstance` works across installed copies, where `instanceof` does not. */
export class MemoError extends Error {
  /** Name of the class that survives minification. */
  static readonly kind: string = 'MemoError';
  /** Stable name of what went wrong, such as `INVALID_OPTION`. */
  readonly code: string;
  /** The facts of the message as data. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: MemoErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.code = code;
    this.context = details.context ?? {};
    Object.defineProperty(this, 'name', { value: new.target.kind, configurable: true, writable: true });
    Object.defineProperty(this, kinds, { value: kindsOf(new.target) });
  }

  /** Whether `error` is of this class or one that extends it, whichever copy of the package made it. */
  static isInstance<C extends (abstract new (...args: never[]) => MemoError) & { readonly kind: string }>(
    this: C,
    error: unknown,
  ): error is InstanceType<C> {
    const itsKinds = kindsIn(error);
    return Array.isArray(itsKinds) && itsKinds.includes(this.kind);
  }
}

function kindsOf(errorClass: typeof MemoError): readonly string[] {
  const found: string[] = [];
  for (
    let level = errorClass;
    typeof level.kind === 'string';
    level = Object.getPrototypeOf(level) as typeof MemoError
  ) {
    found.push(level.kind);
  }
  return found;
}

/** The cached function failed, timed out, or its entry could not be built: `cause` is what it threw (M30, M42). */
export class CachedMethodFailedError extends MemoError {
  static override readonly kind: string = 'CachedMethodFailedError';
  /** The key of the call that failed. */
  readonly key: string;

  constructor(key: string, cause: unknown) {
    super('CACHED_METHOD_FAILED', `The cached function failed for key ${quoted(key)}: ${messageOf(cause)}`, {
      cause,
      context: { key },
    });
    this.key = key;
  }
}

/** The load took longer than it may; the `cause` of a `CachedMethodFailedError`, and the reason of the load's signal. */
export class LoadTimeoutError extends MemoError {
  static override readonly kind: string = 'LoadTimeoutError';

  constructor(key: string, timeout: number) {
    super(
      'LOAD_TIMEOUT',
      `The load for key ${quoted(key)} did not end within ${timeout} ms; its late result is dropped. ` +
        `Raise the option 'timeout' if the function may take longer.`,
      { context: { key, timeout } },
    );
  }
}

/** A load of several keys has given nothing for one of them; the `cause` of that key's `CachedMethodFailedError`. */
export class MissingValueError extends MemoError {
  static override readonly kind: string = 'MissingValueError';

  constructor(key: string) {
    super(
      'MISSING_VALUE',
      `The load of several keys gave no value for key ${quoted(key)}, so nothing is kept under it.`,
      {
        context: { key },
      },
    );
  }
}

/** A function that finds an etag took longer than a load may. The call fails: nobody can say what is out of date. */
export class EtagTimeoutError extends MemoError {
  static override readonly kind: string = 'EtagTimeoutError';

  constructor(key: string, timeout: number) {
    super(
      'ETAG_TIMEOUT',
      `The function that finds the etag for key ${quoted(key)} did not end within ${timeout} ms, so nobody knows whether ` +
        `its entry is out of date. Let it answer undefined where it cannot know; raise the option 'timeout' if it may ` +
        `take longer.`,
      { context: { key, timeout } },
    );
  }
}

/** A function that says when an entry expires took longer than a load may; the `cause` of a `PolicyFailedError`. */
export class ExpirationTimeoutError extends MemoError {
  static override readonly kind: string = 'ExpirationTimeoutError';

  constructor(key: string, timeout: number) {
    super(
      'EXPIRATION_TIMEOUT',
      `The function that says when the entry of key ${quoted(key)} expires did not end within ${timeout} ms, so the entry ` +
        `has expired.`,
      { context: { key, timeout } },
    );
  }
}

/** The loads of this key have failed, here or in another process, and it is left alone for a while. */
export class RecentlyFailedError extends MemoError {
  static override readonly kind: string = 'RecentlyFailedError';

  /** @param remaining - milliseconds until the key may be loaded again. */
  constructor(key: string, failures: number, remaining: number) {
    const loads = failures === 1 ? 'The last load' : `The last ${failures} loads`;
    super(
      'RECENTLY_FAILED',
      `${loads} of key ${quoted(key)} failed, here or in another process; it is tried again in ${Math.ceil(remaining)} ms. ` +
        `What went wrong is told where it was loaded.`,
      { context: { key, failures, remaining } },
    );
  }
}

/** Another process has been loading for longer than the caller wants to wait; for those who chose `onWaitLimit: 'throw'`. */
export class WaitLimitError extends MemoError {
  static override readonly kind: string = 'WaitLimitError';

  constructor(key: string, limit: number) {
    super(
      'WAIT_LIMIT',
      `Another process has been loading key ${quoted(key)} for longer than the ${limit} ms that this call may wait. ` +
        `Raise the option 'waitLimit', or choose another 'onWaitLimit'.`,
      { context: { key, limit } },
    );
  }
}

/** A lock did not say in time whether it was had; the `cause` of a `PolicyFailedError`. */
export class LockTimeoutError extends MemoError {
  static override readonly kind: string = 'LockTimeoutError';

  constructor(limit: number) {
    super(
      'LOCK_TIMEOUT',
      `The lock was asked to be acquired within ${limit} ms and did not answer. Its 'acquire' should settle in that time.`,
      { context: { limit } },
    );
  }
}

/** Everyone who waited for the load has left; the reason of the load's signal. */
export class LoadAbandonedError extends MemoError {
  static override readonly kind: string = 'LoadAbandonedError';

  constructor(key: string) {
    super('LOAD_ABANDONED', `Nobody waits for the load of key ${quoted(key)} any more, so it is given up.`, {
      context: { key },
    });
  }
}

/** The update did not end within the lock timeout of its `UpdateStatuses`, so those who waited are let go (M62). */
export class UpdateLockTimeoutError extends MemoError {
  static override readonly kind: string = 'UpdateLockTimeoutError';

  constructor(key: string, timeout: number) {
    super(
      'UPDATE_LOCK_TIMEOUT',
      `The update of key ${quoted(key)} did not end within the lock timeout of ${timeout} ms, so nobody waits for it any more. ` +
        `The lock timeout should be longer than the option 'timeout' and the storage's deadline together.`,
      { context: { key, timeout } },
    );
  }
}

/** The protocol of `UpdateStatuses` was not kept (M61). */
export class UpdateProtocolError extends MemoError {
  static override readonly kind: string = 'UpdateProtocolError';

  constructor(key: string, state: 'already being updated' | 'not being updated') {
    super('UPDATE_PROTOCOL', `Key ${quoted(key)} is ${state}`, { context: { key } });
  }
}

/** A synchronous function was called for a key in the midst of its own load of just that key, which would never end. */
export class ReentrantCallError extends MemoError {
  static override readonly kind: string = 'ReentrantCallError';

  /** @param name - that of the function. */
  constructor(name: string, key: string) {
    super(
      'REENTRANT_CALL',
      `The cached function ${quoted(name)} was called for key ${quoted(key)} in the midst of its own load of that key, ` +
        `which would never end. It may call itself for other keys. If this call is another one, let the option 'key' tell it apart.`,
      { context: { name, key } },
    );
  }
}

/** A synchronous function, or one of its options, gave a promise, for which its caller cannot wait. */
export class UnexpectedPromiseError extends MemoError {
  static override readonly kind: string = 'UnexpectedPromiseError';

  /**
   * @param name - that of the function.
   * @param option - the option that gave it; left out where the function itself did.
   */
  constructor(name: string, key: string, option?: string) {
    const giver = option === undefined ? 'The function' : `The option '${option}' of the function`;
    super(
      'UNEXPECTED_PROMISE',
      `${giver} ${quoted(name)} gave a promise for key ${quoted(key)}, for which a synchronous caller cannot wait, so nothing is kept. ` +
        `Use memoize, which waits.`,
      { context: { name, key, option } },
    );
  }
}

/** The function was called while its configuration says it is not configured (M10). */
export class NotConfiguredCacheCalledError extends MemoError {
  static override readonly kind: string = 'NotConfiguredCacheCalledError';

  constructor(name: string) {
    super(
      'NOT_CONFIGURED',
      `The cached function ${quoted(name)} was called while its configuration says configured = false. ` +
        `Call setConfigured(true) once the configuration is complete.`,
      { context: { name } },
    );
  }
}

/** What an invalid option was, what it should have been, and where it was given. */
export interface InvalidOption {
  /** What was called, such as `memoize`. */
  readonly call: string;
  /** The option, such as `capacity`. */
  readonly option: string;
  /** What is allowed, as in "should be …". */
  readonly expected: string;
  readonly received: unknown;
  /** What to do about it, as a sentence. */
  readonly advice?: string;
}

/** An option is unknown, out of range or contradicts another; thrown where it is written, never at a call. */
export class InvalidOptionError extends MemoError {
  static override readonly kind: string = 'InvalidOptionError';
  /** The option at fault. */
  readonly option: string;

  constructor({ call, option, expected, received, advice }: InvalidOption) {
    super(
      'INVALID_OPTION',
      sentence(`${call}: option '${option}' should be ${expected}, got ${describe(received)}.`, advice),
      { context: { call, option, expected, received } },
    );
    this.option = option;
  }
}

/** What was called is not possible with these arguments, such as wrapping something that is not a function. */
export class InvalidCallError extends MemoError {
  static override readonly kind: string = 'InvalidCallError';

  constructor(call: string, expected: string, received: unknown, advice?: string) {
    super('INVALID_CALL', sentence(`${call}: expected ${expected}, got ${describe(received)}.`, advice), {
      context: { call, expected, received },
    });
  }
}

/** A call or a function chose a region that its `Memoizer` does not have. */
export class UnknownRegionError extends MemoError {
  static override readonly kind: string = 'UnknownRegionError';

  /** @param advice - which regions there are, as a sentence. */
  constructor(region: unknown, advice: string) {
    super('UNKNOWN_REGION', sentence(`There is no region ${describe(region)}.`, advice), { context: { region } });
  }
}

/** The arguments of a call cannot be named by a key. */
export class InvalidKeyError extends MemoError {
  static override readonly kind: string = 'InvalidKeyError';

  /** @param path - where the value stands, such as `arguments[0].user`. */
  constructor(path: string, received: unknown, why: string, advice?: string) {
    super('INVALID_KEY', sentence(`${path} cannot be part of a key: ${why}, got ${describe(received)}.`, advice), {
      context: { path, received },
    });
  }
}

/** An operation of a storage failed, or did not end in time. */
export class StorageFailedError extends MemoError {
  static override readonly kind: string = 'StorageFailedError';

  /** @param operation - the method of the storage, such as `get`. */
  constructor(operation: string, key: string | undefined, cause: unknown) {
    const subject = key === undefined ? operation : `${operation} of key ${quoted(key)}`;
    super('STORAGE_FAILED', `The storage failed at ${subject}: ${messageOf(cause)}`, {
      cause,
      context: { operation, key },
    });
  }
}

/** A storage did not answer within its deadline; the `cause` of a `StorageFailedError`. */
export class StorageTimeoutError extends MemoError {
  static override readonly kind: string = 'StorageTimeoutError';

  constructor(operation: string, deadline: number) {
    super('STORAGE_TIMEOUT', `The storage did not answer ${operation} within its deadline of ${deadline} ms.`, {
      context: { operation, deadline },
    });
  }
}

/** The SerDe of a storage took too long; the `cause` of an `UnstorableValueError` or `UnreadableEntryError`. */
export class SerDeTimeoutError extends MemoError {
  static override readonly kind: string = 'SerDeTimeoutError';

  /** @param operation - `serialize` or `deserialize`. */
  constructor(operation: string, deadline: number) {
    super(
      'SERDE_TIMEOUT',
      `The SerDe did not ${operation} within the ${deadline} ms that the storage allows. ` +
        `Raise the storage's option 'deadline', choose a faster SerDe or encoding, or keep smaller values.`,
      { context: { operation, deadline } },
    );
  }
}

/** A storage counts as down after several failures in a row; the `cause` of a `StorageFailedError` that took no time. */
export class StorageDownError extends MemoError {
  static override readonly kind: string = 'StorageDownError';

  /** @param since - when it began to count as down, epoch milliseconds. */
  constructor(failures: number, since: number) {
    super(
      'STORAGE_DOWN',
      `The storage counts as down since ${new Date(since).toISOString()}, after ${failures} failures in a row. ` +
        `From time to time an operation tries whether it is back.`,
      { context: { failures, since } },
    );
  }
}

/** The storage lacks the ability that an operation needs. */
export class MissingAbilityError extends MemoError {
  static override readonly kind: string = 'MissingAbilityError';

  constructor(operation: string, ability: string, advice: string) {
    super('MISSING_ABILITY', sentence(`${operation} needs ${ability}.`, advice), { context: { operation, ability } });
  }
}

/** Something was thrown that a shared storage cannot keep, neither an error nor plain data; the `cause` of a `CachedMethodFailedError`. */
export class UnkeptFailureError extends MemoError {
  static override readonly kind: string = 'UnkeptFailureError';

  /** @param described - what was thrown, in words. */
  constructor(key: string, described: string) {
    super(
      'UNKEPT_FAILURE',
      `The load of key ${quoted(key)} failed with ${described}, which no shared storage can keep: throw an Error or plain data.`,
      { context: { key, described } },
    );
  }
}

/** What a storage holds under a key cannot be read: foreign, damaged or of an unknown version. The engine makes it a miss. */
export class UnreadableEntryError extends MemoError {
  static override readonly kind: string = 'UnreadableEntryError';

  constructor(key: string, why: string, details: { readonly cause?: unknown } = {}) {
    super('UNREADABLE_ENTRY', `What is stored under key ${quoted(key)} cannot be read: ${why}`, {
      ...details,
      context: { key },
    });
  }
}

/** A value cannot be stored without being changed, or is too large. The engine answers with it and keeps nothing. */
export class UnstorableValueError extends MemoError {
  static override readonly kind: string = 'UnstorableValueError';

  constructor(key: string, cause: unknown) {
    super('UNSTORABLE_VALUE', `The value for key ${quoted(key)} cannot be stored: ${messageOf(cause)}`, {
      cause,
      context: { key },
    });
  }
}

/** A policy could not do its part of a call, which went on without it. */
export class PolicyFailedError extends MemoError {
  static override readonly kind: string = 'PolicyFailedError';

  constructor(policy: string, key: string, cause: unknown) {
    super('POLICY_FAILED', `The policy '${policy}' failed at key ${quoted(key)}: ${messageOf(cause)}`, {
      cause,
      context: { policy, key },
    });
  }
}

/** A data pointer could not be followed into a value, or points to nothing there. */
export class DataPointerError extends MemoError {
  static override readonly kind: string = 'DataPointerError';

  /**
   * @param pointer - as it was written.
   * @param why - as in "the data pointer …: why".
   */
  constructor(pointer: string, why: string, details: { readonly cause?: unknown; readonly advice?: string } = {}) {
    const cause = 'cause' in details ? `: ${messageOf(details.cause)}` : '.';
    super('DATA_POINTER', sentence(`The data pointer ${quoted(pointer)}: ${why}${cause}`, details.advice), {
      ...('cause' in details ? { cause: details.cause } : {}),
      context: { pointer },
    });
  }
}

/** Postprocessing failed, so the value cannot be handed over as asked. */
export class PostprocessingFailedError extends MemoError {
  static override readonly kind: string = 'PostprocessingFailedError';

  constructor(key: string, cause: unknown) {
    super('POSTPROCESSING_FAILED', `Postprocessing of the value for key ${quoted(key)} failed: ${messageOf(cause)}`, {
      cause,
      context: { key },
    });
  }
}

/** Several caches could not be cleared by `clearAll`; one that is alone in that fails with its own error. */
export class ClearAllFailedError extends MemoError {
  static override readonly kind: string = 'ClearAllFailedError';
  /** What each of them failed with. */
  readonly errors: readonly unknown[];

  /** @param tried - how many caches there are. */
  constructor(tried: number, errors: readonly unknown[]) {
    super(
      'CLEAR_ALL_FAILED',
      `${errors.length} of ${tried} caches could not be cleared, the others are. The first failed so: ${messageOf(errors[0])}`,
      { cause: errors[0], context: { tried, failed: errors.length } },
    );
    this.errors = errors;
  }
}

/** What is to be closed one day, by the option `dispose`, cannot be; the load has failed. */
export class NotDisposableError extends MemoError {
  static override readonly kind: string = 'NotDisposableError';

  /** @param place - where it stands in the value, such as `$.clients.http`; `'*'`: the value has no members. */
  constructor(place: string, received: unknown) {
    const complaint =
      place === '*'
        ? `'*' stands for the members of a list, a Set, a Map or an object, and the value is none of them`
        : `${place} should have [Symbol.asyncDispose]() or [Symbol.dispose]()`;
    super(
      'NOT_DISPOSABLE',
      `Option 'dispose': ${complaint}, got ${describe(received)}. ` +
        `A function as the option, (value, why) => …, closes anything.`,
      { context: { place, received } },
    );
  }
}

/** A pointer of the option `dispose` points to nothing in a value that was loaded; the load has failed. */
export class MissingResourceError extends MemoError {
  static override readonly kind: string = 'MissingResourceError';

  /** @param place - the part of the pointer that is the first to point to nothing. */
  constructor(pointer: string, place: string) {
    super(
      'MISSING_RESOURCE',
      `Option 'dispose': ${quoted(pointer)} points to nothing, since the value has no ${place}. ` +
        `Where it may be missing, write ${quoted(`${pointer}:ignore_missing`)}.`,
      { context: { pointer, place } },
    );
  }
}

/** What left a cache has been closing for long; the `cause` of a `PolicyFailedError`. */
export class CloseTimeoutError extends MemoError {
  static override readonly kind: string = 'CloseTimeoutError';

  constructor(limit: number) {
    super(
      'CLOSE_TIMEOUT',
      `Closing has not ended within ${limit} ms. It goes on; what is to be closed after it does not wait any more.`,
      { context: { limit } },
    );
  }
}

/** An `InvalidationSupport` was used before any function was wrapped with it (M92). */
export class UnboundInvalidationError extends MemoError {
  static override readonly kind: string = 'UnboundInvalidationError';

  constructor() {
    super(
      'UNBOUND_INVALIDATION',
      `Uninitialized: this InvalidationSupport belongs to no function yet. Pass it to memoize as the option 'invalidation'.`,
    );
  }
}

/** A value as it is shown in a message: short, on one line, and never failing for what the value is. */
export function describe(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return 'something that cannot be shown';
  }
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      // To write out a number of a megabyte takes a second.
      return BigInt.asIntN(64, value) === value ? `${value}n` : 'a bigint of more than 64 bits';
    case 'symbol':
      return value.toString();
    case 'function':
      return value.name === '' ? 'an anonymous function' : `function ${value.name}`;
    case 'object':
      return value === null ? 'null' : `an object of ${constructorNameOf(value)}`;
    default:
      return String(value);
  }
}

/** Text in quotes, cut where it is too long for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}

/** The classes of an error of memo by name, its own first; `undefined` for what is none. */
export function memoKindsOf(error: unknown): readonly string[] | undefined {
  const itsKinds = kindsIn(error);
  return Array.isArray(itsKinds) && itsKinds.every((kind) => typeof kind === 'string') ? itsKinds : undefined;
}

/** Lets `error` be an error of memo of these classes, by what `isInstance` says. */
export function markAsMemoError(error: Error, itsKinds: readonly string[]): void {
  Object.defineProperty(error, kinds, { value: itsKinds });
}

/** The mark of an error of memo. Anything may be thrown at memo, also what cannot even be looked at. */
function kindsIn(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as { readonly [kinds]?: unknown })[kinds];
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return describe(error);
    const message: unknown = error.message || error.name;
    return typeof message === 'string' ? message : describe(message);
  } catch {
    return 'it threw something that cannot be shown';
  }
}

function constructorNameOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'no class';
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof constructor === 'function' ? `class ${constructor.name || '(anonymous)'}` : 'an unknown class';
}

function sentence(text: string, advice: string | undefined): string {
  return advice === undefined ? text : `${text} ${advice}`;
}
