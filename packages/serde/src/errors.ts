/**
 * Every error class and message of `@memo/serde`. They carry the brand of `@memo/core`, so that `MemoError.isInstance`
 * knows them, although nothing of core is imported here but types.
 */

/** Marks errors of memo for all copies of the package and all its packages: they agree through `Symbol.for`. */
const kinds = Symbol.for('@memo/error-kinds');

/** What an error of this package carries beside its message. */
export interface SerDeErrorDetails {
  readonly cause?: unknown;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** An error of `@memo/serde`; all others extend it. It is a `MemoError` to `MemoError.isInstance` of `@memo/core`. */
export class SerDeError extends Error {
  /** Name of the class that survives minification. */
  static readonly kind: string = 'SerDeError';
  /** Stable name of what went wrong, such as `UNREADABLE_BYTES`. */
  readonly code: string;
  /** The facts of the message as data. */
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: SerDeErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : {});
    this.code = code;
    this.context = details.context ?? {};
    Object.defineProperty(this, 'name', { value: new.target.kind, configurable: true, writable: true });
    Object.defineProperty(this, kinds, { value: kindsOf(new.target) });
  }

  /** Whether `error` is of this class or one that extends it, whichever copy of the package made it. */
  static isInstance<C extends (abstract new (...args: never[]) => SerDeError) & { readonly kind: string }>(
    this: C,
    error: unknown,
  ): error is InstanceType<C> {
    if (typeof error !== 'object' || error === null) return false;
    const itsKinds = (error as { readonly [kinds]?: unknown })[kinds];
    return Array.isArray(itsKinds) && itsKinds.includes(this.kind);
  }
}

function kindsOf(errorClass: typeof SerDeError): readonly string[] {
  const found: string[] = [];
  for (
    let level = errorClass;
    typeof level.kind === 'string';
    level = Object.getPrototypeOf(level) as typeof SerDeError
  ) {
    found.push(level.kind);
  }
  return [...found, 'MemoError'];
}

/** In one word, why bytes cannot be read. */
export type UnreadableReason =
  /** Not written by what reads them. */
  | 'foreign'
  /** Written by a newer version. */
  | 'newer'
  /** Cut short, or followed by bytes that do not belong there. */
  | 'length'
  /** Changed since they were written. */
  | 'damaged'
  /** Written for another key, or by another SerDe. */
  | 'mismatch'
  /** Decoding them takes more than is allowed. */
  | 'too large';

/** Bytes cannot be read: damaged, cut short, foreign. What a storage holds is then as good as absent. */
export class UnreadableBytesError extends SerDeError {
  static override readonly kind: string = 'UnreadableBytesError';
  readonly reason: UnreadableReason;

  /** @param subject - what the bytes should have been, such as `an envelope`. */
  constructor(subject: string, reason: UnreadableReason, why: string, details: { readonly cause?: unknown } = {}) {
    super('UNREADABLE_BYTES', `The bytes cannot be read as ${subject}: ${why}.`, {
      ...details,
      context: { subject, reason },
    });
    this.reason = reason;
  }
}

/** Decoded, the bytes are more than `maxOutputLength` allows; decoding stopped there. */
export class OutputTooLargeError extends UnreadableBytesError {
  static override readonly kind: string = 'OutputTooLargeError';
  readonly maxOutputLength: number;

  constructor(encoding: string, maxOutputLength: number) {
    super(
      encoding,
      'too large',
      `decoded they are more than ${maxOutputLength} bytes, the option 'maxOutputLength' of EncodingSerDe`,
    );
    this.maxOutputLength = maxOutputLength;
  }
}

/** A value would not come back as it is, so it is not turned into bytes. */
export class UnfaithfulValueError extends SerDeError {
  static override readonly kind: string = 'UnfaithfulValueError';
  /** Where in the entry it stands, such as `value.user.birthday`. */
  readonly path: string;

  /**
   * @param call - what refuses, such as `JsonSerDe`.
   * @param why - what stands there and what would become of it, such as `a Date comes back as text`.
   * @param advice - what to do about it, as a sentence.
   */
  constructor(call: string, path: string, why: string, advice: string, details: { readonly cause?: unknown } = {}) {
    super('UNFAITHFUL_VALUE', `${call} cannot keep ${path}: ${why}. ${advice}`, {
      ...details,
      context: { call, path },
    });
    this.path = path;
  }
}

/** An option or argument of a SerDe or codec is unknown or out of range; thrown where it is written. */
export class InvalidSerDeOptionError extends SerDeError {
  static override readonly kind: string = 'InvalidSerDeOptionError';
  /** The option at fault. */
  readonly option: string;

  /**
   * @param call - what was called, such as `EncodingSerDe`.
   * @param expected - what is allowed, as in "should be …".
   * @param advice - what to do about it, as a sentence.
   */
  constructor(call: string, option: string, expected: string, received: unknown, advice?: string) {
    const message = `${call}: option '${option}' should be ${expected}, got ${describe(received)}.`;
    super('INVALID_OPTION', advice === undefined ? message : `${message} ${advice}`, {
      context: { call, option, expected, received },
    });
    this.option = option;
  }
}

/** There is no encoding of this name. */
export class UnknownEncodingError extends InvalidSerDeOptionError {
  static override readonly kind: string = 'UnknownEncodingError';

  constructor(call: string, known: readonly string[], received: unknown, nearest: string | undefined) {
    super(
      call,
      'encoding',
      `one of ${known.map((name) => `'${name}'`).join(', ')} or a Codec`,
      received,
      nearest === undefined ? undefined : `Did you mean '${nearest}'?`,
    );
  }
}

/** What the SerDe needs is not there in this runtime. */
export class UnavailableSerDeError extends SerDeError {
  static override readonly kind: string = 'UnavailableSerDeError';

  /** @param advice - what to do about it, as a sentence. */
  constructor(call: string, needs: string, advice: string, details: { readonly cause?: unknown } = {}) {
    super('UNAVAILABLE', `${call} needs ${needs}, which this runtime does not have. ${advice}`, {
      ...details,
      context: { call, needs },
    });
  }
}

/** A value as it is shown in a message: short, on one line, and never calling code of the value. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'bigint':
      // To write out a number of a megabyte takes a second.
      return BigInt.asIntN(64, value) === value ? `${value}n` : 'a bigint of more than 64 bits';
    case 'symbol':
      return value.toString();
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : `an object of ${classOf(value)}`;
    default:
      return String(value);
  }
}

/** Text in quotes, cut where it is too long for a message. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}

/** The class of an object as it is shown in a message: `class Point`. */
export function classOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'no class';
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof constructor === 'function' ? `class ${constructor.name || '(anonymous)'}` : 'an unknown class';
}
