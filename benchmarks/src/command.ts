import { parseArgs } from 'node:util';

/** What is asked for on the command line. */
export interface Command {
  readonly names: readonly string[];
  /** What is said beyond the names of benchmarks: for `traces`, the folder. */
  readonly words: readonly string[];
  /** Whether a few seconds for each are enough, to try whether they work. */
  readonly quick: boolean;
  /** The libraries that are wanted, by the beginnings of their names: all, if absent. */
  readonly only?: readonly string[];
  /** Where to keep what is found. */
  readonly results: string | undefined;
}

/**
 * Reads `npm run bench -- hit miss --quick --results folder`. Without names all benchmarks are meant that need no further
 * word; `targets` measures nothing, and
 * writes anew what follows from the data that are there.
 *
 * @throws Error with a message for who typed it.
 */
export function readCommand(
  parameters: readonly string[],
  benchmarks: Iterable<string>,
  onRequest: ReadonlySet<string>,
): Command {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, results: { type: 'string' } },
    allowPositionals: true,
  });
  const all = [...benchmarks];
  const names = positionals.filter((word) => all.includes(word));
  const words = positionals.filter((word) => !all.includes(word) && word !== 'targets');
  const [unknown] = words;
  if (unknown !== undefined && !names.some((name) => onRequest.has(name))) {
    const expected = [...all, 'targets'].join(', ');
    throw new Error(`There is no benchmark ${JSON.stringify(unknown)}; expected one or more of: ${expected}`);
  }
  const usual = positionals.length === 0 ? all.filter((name) => !onRequest.has(name)) : [];
  return {
    ...{ names: [...names, ...usual], words, quick: values.quick, results: values.results },
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
  };
}
