import { leaveToNobody } from './answers.js';
import type { NormalizeArguments } from './configuration/plan.js';
import { InvalidCallError, InvalidKeyError } from './errors.js';
import type { CacheableFunction, KeyExtractor } from './key/key-extractor.js';

/** The arguments that name a call. @throws InvalidCallError, and what `normalize` throws. */
export function normalizedArguments(
  normalize: NormalizeArguments | undefined,
  given: readonly unknown[],
): readonly unknown[] {
  if (normalize === undefined) return given;
  const args: unknown = normalize(given);
  if (Array.isArray(args)) return args;
  leaveToNobody(args);
  throw new InvalidCallError(
    'normalize',
    'a list of arguments from it, at once',
    args,
    `Write normalize: (args) => [...args].`,
  );
}

/** The key of a call. @throws InvalidKeyError, and what the key extractor throws. */
export function keyOf(keyExtractor: KeyExtractor, fn: CacheableFunction, args: readonly unknown[]): string {
  const key: unknown = keyExtractor.formatKey(fn, args);
  return typeof key === 'string' && key !== '' ? key : refuse('formatKey', key);
}

/** The key of a call with one argument, of which no list is made where the key extractor needs none. @throws as `keyOf` does. */
export function keyOfOne(keyExtractor: KeyExtractor, fn: CacheableFunction, argument: unknown): string {
  if (keyExtractor.formatKeyOfOne === undefined) return keyOf(keyExtractor, fn, [argument]);
  const key: unknown = keyExtractor.formatKeyOfOne(fn, argument);
  return typeof key === 'string' && key !== '' ? key : refuse('formatKeyOfOne', key);
}

function refuse(method: string, key: unknown): never {
  leaveToNobody(key);
  throw new InvalidKeyError(`The result of ${method}`, key, 'a key is text that is not empty');
}

/** What an operation is given to find an entry by. @throws InvalidCallError */
export function argumentsOf(operation: string, args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw new InvalidCallError(operation, 'the arguments of a call as an array', args, `Write ${operation}(['42']).`);
}
