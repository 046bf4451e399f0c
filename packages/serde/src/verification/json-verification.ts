import { isAffordable, MemoryBudget, memoryOf } from './memory-budget.js';

const code = (character: string): number => character.charCodeAt(0);
const quote = code('"');
const backslash = code('\\');

/** What the characters outside of texts stand for, in bytes of memory. */
const costs = new Uint8Array(256);
costs[code('{')] = memoryOf.structure + memoryOf.value;
costs[code('[')] = memoryOf.structure + memoryOf.value;
// A name may be a text of its own, and its object a table.
costs[code(':')] = 2 * memoryOf.value;
costs[code(',')] = memoryOf.value;

/**
 * Refuses JSON that would take too much memory, before it is parsed. Goes from character to character once; whether it is
 * JSON at all is the parser's to say.
 *
 * @throws UnreadableBytesError
 */
export function verifyJson(data: Uint8Array, subject: string): void {
  if (isAffordable(data)) return;
  const budget = new MemoryBudget(subject);
  for (let at = 0; at < data.length; at++) {
    const byte = data[at]!;
    if (byte === quote) at = endOfText(data, at);
    else if (costs[byte] !== 0) budget.spend(costs[byte]!);
  }
}

/** Where the text ends that begins at the quote at `start`. */
function endOfText(data: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < data.length && data[at] !== quote) at += data[at] === backslash ? 2 : 1;
  return at;
}
