/** What somebody asks a cache for: keys in the order in which they are asked for. */
export type GeneratedTrace = readonly string[];

/** Numbers from 0 to below 1 that are the same each time (Lehmer's generator). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

/**
 * A trace of all that caches meet: most requests are for few keys (Zipf), and again and again comes a scan, which asks for
 * everything once, or a loop, which asks for the same keys in the same order several times.
 */
export function generatedTrace(seed = 2_023): GeneratedTrace {
  const random = numbersFrom(seed);
  const popular = zipf(4_000, random);
  const trace: string[] = [];
  for (let round = 0; round < 20; round++) {
    for (let count = 0; count < 2_500; count++) trace.push(`popular ${popular()}`);
    for (let key = 0; key < 500; key++) trace.push(`scanned ${round} ${key}`);
    for (let count = 0; count < 1_000; count++) trace.push(`popular ${popular()}`);
    const length = 50 + Math.floor(random() * 400);
    for (let index = 0; index < 3 * length; index++) trace.push(`looped ${round % 5} ${index % length}`);
  }
  return trace;
}

/** Draws numbers below `count`, number n as often as 1 / (n + 1). */
function zipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  for (let rank = 1, sum = 0; rank <= count; rank++) sums.push((sum += 1 / rank));
  const total = sums[count - 1]!;
  return () => {
    const drawn = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
