/** The word among `words` that someone who wrote `word` probably meant; `undefined` when none is near. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const abbreviated = words.find((known) => wanted.length > 1 && known.toLowerCase().startsWith(wanted));
  if (abbreviated !== undefined) return abbreviated;
  const longestWord = 20;
  if (wanted.length > longestWord) return undefined;
  const [nearest] = words
    .map((known) => ({ known, distance: editDistance(wanted, known.toLowerCase()) }))
    .filter(({ known, distance }) => distance <= known.length / 3)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.known;
}

/**
 * How many times a letter must be added, dropped or replaced, or two neighbours swapped, to turn one word into the other
 * (Damerau and Levenshtein, row by row).
 */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (to[column - 1] === from[index] ? 0 : 1);
      const isSwapped = to[column - 1] === from[index - 1] && to[column - 2] === from[index];
      const swapped = isSwapped ? before[column - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[column]! + 1, next[column - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length]!;
}
