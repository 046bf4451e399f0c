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

/** How many letters must be added, dropped or replaced to turn one word into the other (Levenshtein, row by row). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
