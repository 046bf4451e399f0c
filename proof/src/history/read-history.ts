import { createReadStream, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Recorded } from './record.js';

/** What the processes have written down in `folder`, process by process, each in its order. */
export async function* readHistory(folder: string): AsyncGenerator<Recorded, void, undefined> {
  for (const file of filesIn(folder)) {
    let last: string | undefined;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      if (last !== undefined) yield JSON.parse(last) as Recorded;
      last = line;
    }
    if (last !== undefined && isWhole(last)) yield JSON.parse(last) as Recorded;
  }
}

/** Takes away all that has been written down in `folder`; the processes go on writing. */
export function forgetHistory(folder: string): void {
  for (const file of filesIn(folder)) truncateSync(file);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(folder, name));
}

/** A process may have been killed in the middle of its last line. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
