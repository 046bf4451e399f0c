/**
 * What a compiler can say of an expiration that is written as text, before the program runs. It refuses only what is plainly
 * wrong: everything that can be read when wrapping passes, and of text that is not known before the program runs it says
 * nothing.
 */

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type Space = ' ' | '\t' | '\n' | '\r' | '\u00a0';

/** As in time/units.ts, which tests compare. */
type Unit =
  | ('days' | 'day' | 'd')
  | ('hours' | 'hour' | 'h')
  | ('minutes' | 'minute' | 'm')
  | ('seconds' | 'second' | 's')
  | ('milliseconds' | 'millisecond' | 'ms');

/** The text itself, or in its place what is wrong with it, so that the compiler says it. */
export type ReadableExpiration<Text extends string> = Text extends unknown
  ? [FaultIn<Text>] extends [never]
    ? Text
    : FaultIn<Text>
  : never;

type FaultIn<Text extends string> = IsLiteral<Text> extends true ? FaultInLiteral<WithoutSpace<Text>> : never;

type FaultInLiteral<Text extends string> = Text extends ''
  ? 'The text is empty'
  : Text extends `$${infer Path}`
    ? FaultInPath<Path>
    : // Moments, times of day and what a stopwatch shows are not read here.
      Text extends `${string}${':' | '-'}${string}`
      ? never
      : Text extends `${'' | '+'}${'P' | 'p'}${infer Parts}`
        ? FaultInIso<Parts>
        : FaultInAmounts<Text>;

type FaultInPath<Path extends string> = Path extends `${'.' | '['}${infer Name}`
  ? Name extends ''
    ? `A data pointer names a part of the value, such as '$.expiresAt'`
    : never
  : `A data pointer names a part of the value, such as '$.expiresAt'`;

type FaultInIso<Parts extends string> = Parts extends `${number}${'Y' | 'y' | 'M' | 'm' | 'W' | 'w'}`
  ? `Years, months and weeks are no units here: write days, such as 'P28D'`
  : never;

/** Of numbers with their units, one after another. */
type FaultInAmounts<Text extends string> = Text extends ''
  ? never
  : Text extends `${Digit}${string}`
    ? FaultAfterNumber<Text, WordAtStart<WithoutSpace<WithoutNumber<Text>>>>
    : `Expected a number with a unit, such as '10 minutes'`;

type FaultAfterNumber<Text extends string, Next extends readonly [word: string, rest: string]> = Next[0] extends ''
  ? `A number in text needs its unit, such as '${Text} seconds'`
  : Lowercase<Next[0]> extends Unit
    ? FaultInAmounts<WithoutSpace<Next[1]>>
    : `Unknown unit '${Next[0]}': there are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms`;

/** Text that is known as a whole, unlike `string` and `${number} minutes`: as keys, these need not be there. */
type IsLiteral<Text extends string> = ObjectWithoutKeys extends Readonly<Record<Text, unknown>> ? false : true;

type ObjectWithoutKeys = { readonly 0?: never };

type WithoutSpace<Text extends string> = Text extends `${Space}${infer Rest}`
  ? WithoutSpace<Rest>
  : Text extends `${infer Rest}${Space}`
    ? WithoutSpace<Rest>
    : Text;

type WithoutNumber<Text extends string> = Text extends `${Digit | '.'}${infer Rest}` ? WithoutNumber<Rest> : Text;

type WordAtStart<Text extends string, Read extends string = ''> = Text extends `${infer Sign}${infer Rest}`
  ? Sign extends Digit | Space | '.'
    ? [Read, Text]
    : WordAtStart<Rest, `${Read}${Sign}`>
  : [Read, ''];
