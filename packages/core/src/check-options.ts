import { InvalidCallError, InvalidOptionError } from './errors.js';
import { nearestWord } from './nearest-word.js';

/** What an option must be: the words for the message, and the test. */
export interface OptionRule {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** The rules of all options of one call, by name. */
export type OptionRules = Readonly<Record<string, OptionRule>>;

/** Accepts text, but not the empty one. */
export const aText: OptionRule = {
  expected: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** Accepts everything: what it must be is checked where it is turned into something else. */
export const checkedWhenUsed: OptionRule = { expected: 'anything', accepts: () => true };

/** Accepts `null`, by which a user says "explicitly nothing". */
export const isNull: OptionRule = { expected: 'null', accepts: (value) => value === null };

/** Accepts functions; `signature` says what they are called with, as in "of an event". */
export function aFunction(signature: string): OptionRule {
  return { expected: `a function ${signature}`, accepts: (value) => typeof value === 'function' };
}

/** Accepts these texts and nothing else. */
export function oneOf(...values: readonly string[]): OptionRule {
  return {
    expected: values.map((value) => `'${value}'`).join(' or '),
    accepts: (value) => typeof value === 'string' && values.includes(value),
  };
}

/** Accepts objects that have all of `methods`; `what` names them, as in "a CacheStorage". */
export function anObjectWith(what: string, ...methods: readonly string[]): OptionRule {
  return {
    expected: methods.length === 0 ? what : `${what} with ${methods.join(', ')}`,
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function'),
  };
}

/** Accepts objects as one writes them, which hold further options; `example` shows one. */
export function someOptions(example: string): OptionRule {
  return { expected: `an object of options, such as ${example}`, accepts: isPlainObject };
}

/** Accepts what tells the time. */
export const aClock = anObjectWith('a Clock', 'now', 'setTimer');

/** Accepts what any of the rules accepts. */
export function eitherOf(...rules: readonly OptionRule[]): OptionRule {
  return {
    expected: rules.map((rule) => rule.expected).join(', or '),
    accepts: (value) => rules.some((rule) => rule.accepts(value)),
  };
}

/**
 * Checks every option by its rule; `undefined` counts as left out.
 *
 * @param prefix - what stands before the name of an option in the message, such as `negative.`.
 * @throws InvalidOptionError naming the option, also one that is unknown.
 * @throws InvalidCallError when the options are no object.
 */
export function checkOptions(call: string, options: unknown, rules: OptionRules, prefix = ''): void {
  if (!isPlainObject(options)) throw new InvalidCallError(call, 'an object of options', options);
  for (const [option, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (rule === undefined) throw unknownOption(call, { option, prefix, received: value }, Object.keys(rules));
    if (value !== undefined && !rule.accepts(value)) {
      throw new InvalidOptionError({ call, option: `${prefix}${option}`, expected: rule.expected, received: value });
    }
  }
}

/** Whether it is an object as one writes it. Only own properties are checked, so that none may come from elsewhere. */
export function isPlainObject(options: unknown): options is object {
  if (typeof options !== 'object' || options === null) return false;
  const prototype: unknown = Object.getPrototypeOf(options);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An option that there is not. */
interface UnknownOption {
  readonly option: string;
  readonly prefix: string;
  readonly received: unknown;
}

function unknownOption(
  call: string,
  { option, prefix, received }: UnknownOption,
  known: readonly string[],
): InvalidOptionError {
  const nearest = nearestWord(option, known);
  return new InvalidOptionError({
    call,
    option: `${prefix}${option}`,
    expected: 'left out, since there is no such option',
    received,
    advice: nearest === undefined ? `The options are ${known.join(', ')}.` : `Did you mean '${nearest}'?`,
  });
}
