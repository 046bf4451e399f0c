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
  if (typeof key === 'string' && key !== '') return key;
  leaveToNobody(key);
  throw new InvalidKeyError('The result of formatKey', key, 'a key is text that is not empty');
}

/** What an operation is given to find an entry by. @throws InvalidCallError */
export function argumentsOf(operation: string, args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw new InvalidCallError(operation, 'the arguments of a call as an array', args, `Write ${operation}(['42']).`);
}
