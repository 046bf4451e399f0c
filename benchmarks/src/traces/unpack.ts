import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The program that unpacks a file, by how its name ends. */
const unpackers = new Map([
  ['.xz', 'xz'],
  ['.zst', 'zstd'],
]);

/** What is in a packed file. @throws Error if the program that unpacks it is missing, or if there is no such file. */
export async function unpack(path: string): Promise<Buffer> {
  const ending = [...unpackers.keys()].find((ending) => path.endsWith(ending));
  const program = unpackers.get(ending ?? '');
  if (program === undefined)
    throw new Error(`${path}: expected a name that ends in ${[...unpackers.keys()].join(', ')}.`);
  try {
    const { stdout } = await run(program, ['-dc', path], { encoding: 'buffer', maxBuffer: 2 ** 30 });
    return stdout;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Error(`${path} is unpacked by the program '${program}', which is not installed.`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
