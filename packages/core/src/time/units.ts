const millisecondsByUnit: ReadonlyMap<string, number> = new Map(
  [
    { spellings: ['days', 'day', 'd'], milliseconds: 86_400_000 },
    { spellings: ['hours', 'hour', 'h'], milliseconds: 3_600_000 },
    { spellings: ['minutes', 'minute', 'm'], milliseconds: 60_000 },
    { spellings: ['seconds', 'second', 's'], milliseconds: 1_000 },
    { spellings: ['milliseconds', 'millisecond', 'ms'], milliseconds: 1 },
  ].flatMap(({ spellings, milliseconds }) => spellings.map((spelling): [string, number] => [spelling, milliseconds])),
);

/** How long one `unit` is in milliseconds, written in any of its spellings; `undefined` when there is no such unit. */
export function millisecondsOf(unit: string): number | undefined {
  return millisecondsByUnit.get(unit.toLowerCase());
}

/** The spelling of a unit that someone who wrote `word` probably meant; `undefined` when none is near. */
export function nearestUnit(
  word: string,
  spellings: readonly string[] = [...millisecondsByUnit.keys()],
): string | undefined {
  const wanted = word.toLowerCase();
  const abbreviated = spellings.find((spelling) => wanted.length > 1 && spelling.startsWith(wanted));
  if (abbreviated !== undefined) return abbreviated;
  const longestWord = 20;
  if (wanted.length > longestWord) return undefined;
  const [nearest] = spellings
    .map((spelling) => ({ spelling, distance: editDistance(wanted, spelling) }))
    .filter(({ spelling, distance }) => distance <= spelling.length / 3)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.spelling;
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
