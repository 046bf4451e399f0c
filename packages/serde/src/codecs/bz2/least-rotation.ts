/**
 * Where the least rotation of a text begins: of all the texts that come of moving letters from its front to its back, the
 * one that sorts first (Yossi Shiloach: "Fast canonization of circular strings", Journal of Algorithms 2, 1981). Each round
 * either compares one letter more or drops candidates, so it takes a time proportional to the length.
 */
export function leastRotation(text: Uint8Array): number {
  const { length } = text;
  let best = 0;
  let rival = 1;
  let equal = 0;
  while (best < length && rival < length && equal < length) {
    const difference = text[around(best + equal, length)]! - text[around(rival + equal, length)]!;
    if (difference === 0) {
      equal += 1;
      continue;
    }
    // The larger one loses, and with it whatever begins within its equal part: at the same distance the other has a smaller.
    if (difference > 0) best += equal + 1;
    else rival += equal + 1;
    if (best === rival) rival += 1;
    equal = 0;
  }
  return Math.min(best, rival);
}

/** An index that has gone round at most once; a division would take longer than all the rest. */
function around(index: number, length: number): number {
  return index < length ? index : index - length;
}
