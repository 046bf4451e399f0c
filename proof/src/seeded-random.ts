/** Numbers from 0 up to 1 that look random and are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of several, each as likely as any other. */
export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** One of several, each as likely as its weight says. */
export function oneByWeight<T extends string>(random: () => number, weights: Readonly<Record<T, number>>): T {
  const choices = Object.entries(weights) as [T, number][];
  let left = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![0];
}

/** So many different ones of several, in any order. */
export function someOf<T>(random: () => number, choices: readonly T[], count: number): T[] {
  const left = [...choices];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [choice] = left.splice(Math.floor(random() * left.length), 1);
    return choice!;
  });
}

/** A number between two others. */
export function between(random: () => number, least: number, most: number): number {
  return least + random() * (most - least);
}
