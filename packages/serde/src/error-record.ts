/** A remembered error as plain data. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: { readonly error: ErrorRecord } | { readonly value: string | number | boolean | null };
}

/** Causes of causes that are kept; a chain may lead back to where it began. */
const mostCauses = 8;

const classes = new Map<string, ErrorConstructor>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

/** Whether something is an error, of whatever realm. */
export function isError(something: unknown): something is Error {
  return something instanceof Error || Object.prototype.toString.call(something) === '[object Error]';
}

/**
 * What is kept of an error that a cache remembers as a failure: name, message, stack, `code`, and causes that are errors,
 * text, numbers, booleans or null. Its class and other properties are not. A failure is told rather than refused, so lone
 * surrogates in its texts become replacement characters.
 */
export function recordOfError(error: Error, causes = mostCauses): ErrorRecord {
  const { name, message, stack, code, cause } = error as Partial<Record<keyof ErrorRecord, unknown>>;
  return {
    name: typeof name === 'string' ? name.toWellFormed() : 'Error',
    message: typeof message === 'string' ? message.toWellFormed() : '',
    ...(typeof stack === 'string' && { stack: stack.toWellFormed() }),
    ...(typeof code === 'string' && { code: code.toWellFormed() }),
    ...(isPlainNumber(code) && { code }),
    ...(causes > 0 && recordOfCause(cause, causes - 1)),
  };
}

function recordOfCause(cause: unknown, causes: number): Pick<ErrorRecord, 'cause'> {
  if (isError(cause)) return { cause: { error: recordOfError(cause, causes) } };
  if (typeof cause === 'string') return { cause: { value: cause.toWellFormed() } };
  if (typeof cause === 'boolean' || cause === null || isPlainNumber(cause)) return { cause: { value: cause } };
  return {};
}

function isPlainNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0);
}

/** The error that `record` tells of: of the language's own class of that name, otherwise an `Error` that bears it. */
export function errorOf({ name, message, stack, code, cause }: ErrorRecord): Error {
  const known = classes.get(name);
  const options = cause && { cause: 'error' in cause ? errorOf(cause.error) : cause.value };
  const error = new (known ?? Error)(message, options);
  if (known === undefined) define(error, 'name', name);
  define(error, 'stack', stack);
  if (code !== undefined) Object.assign(error, { code });
  return error;
}

function define(error: Error, property: 'name' | 'stack', value: string | undefined): void {
  Object.defineProperty(error, property, { value, writable: true, configurable: true, enumerable: false });
}

/** Whether something that was read is the record of an error. */
export function isErrorRecord(something: unknown, causes = mostCauses): something is ErrorRecord {
  if (typeof something !== 'object' || something === null) return false;
  const { name, message, stack, code, cause } = something as Partial<Record<keyof ErrorRecord, unknown>>;
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    (stack === undefined || typeof stack === 'string') &&
    (code === undefined || typeof code === 'string' || typeof code === 'number') &&
    (cause === undefined || isRecordOfCause(cause, causes - 1))
  );
}

function isRecordOfCause(cause: unknown, causes: number): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  if ('error' in cause) return causes >= 0 && isErrorRecord(cause.error, causes);
  return 'value' in cause && (cause.value === null || ['string', 'number', 'boolean'].includes(typeof cause.value));
}
