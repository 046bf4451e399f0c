import { InvalidSerDeOptionError } from './errors.js';
import { nearestName } from './nearest-name.js';

/** Options that are an object with no other properties than `known`. @throws InvalidSerDeOptionError */
export function checkedOptions<Options extends object>(
  call: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): Options {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new InvalidSerDeOptionError(call, 'options', 'an object', given);
  }
  for (const name of Object.keys(options)) {
    if ((known as readonly string[]).includes(name)) continue;
    const nearest = nearestName(name, known);
    const expected = `one of ${known.map((option) => `'${option}'`).join(', ')}`;
    const advice = nearest === undefined ? undefined : `Did you mean '${nearest}'?`;
    throw new InvalidSerDeOptionError(call, name, expected, (options as Record<string, unknown>)[name], advice);
  }
  return options;
}

/** A whole number from `least` up to `most`. @throws InvalidSerDeOptionError */
export function checkedInteger(call: string, option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidSerDeOptionError(call, option, `a whole number from ${least} to ${most}`, value);
}
