import { parseArgs } from 'node:util';
import type { Claim } from './claims/claim.js';
import type { StorageKind } from './servers/reach.js';

/** What is to be proved. */
export interface Command {
  readonly claims: readonly Claim[];
  readonly storages: readonly StorageKind[];
  /** How many units each trial takes; `undefined` for as many as each claim has for a long one. */
  readonly amount: number | undefined;
  readonly seed: number;
}

/** The command line asks for something that is not there. */
export class InvalidCommandError extends Error {}

const kinds: readonly StorageKind[] = ['redis', 'cluster', 'memcached', 'sentinel'];
const amounts = ['rounds', 'operations', 'seconds'] as const;

/** What the words of a command line ask for. @throws InvalidCommandError */
export function readCommand(words: readonly string[], allClaims: readonly Claim[]): Command {
  const { values, positionals } = parsed(words);
  const known = allClaims.map(({ name }) => name);
  for (const name of positionals) requireOneOf('claim', name, known);
  const { storage, seed = '1' } = values;
  if (storage !== undefined) requireOneOf('storage', storage, kinds);
  const [unit] = amounts.filter((one) => values[one] !== undefined);
  return {
    claims: allClaims.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    storages: kinds.filter((kind) => storage === undefined || kind === storage),
    amount: unit === undefined ? undefined : numberOf(unit, values[unit]!, 1),
    seed: numberOf('seed', seed, 0),
  };
}

function parsed(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { storage: text, seed: text, rounds: text, operations: text, seconds: text };
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new InvalidCommandError((error as Error).message);
  }
}

function requireOneOf(what: string, word: string, choices: readonly string[]): void {
  if (choices.includes(word)) return;
  throw new InvalidCommandError(`There is no ${what} ${JSON.stringify(word)}; expected one of: ${choices.join(', ')}`);
}

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new InvalidCommandError(`--${option} should be a whole number from ${least} on, got ${JSON.stringify(text)}`);
}
