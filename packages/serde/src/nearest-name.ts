/** The name among `names` that someone who wrote `name` probably meant; `undefined` when none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length < 2 || name.length > 20) return undefined;
  const wanted = name.toLowerCase();
  const longer = names.find((known) => known.toLowerCase().startsWith(wanted));
  if (longer !== undefined) return longer;
  const [nearest] = names
    .map((known) => ({ known, distance: editDistance(wanted, known.toLowerCase()) }))
    .filter(({ known, distance }) => distance <= Math.min(2, known.length - 1))
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
