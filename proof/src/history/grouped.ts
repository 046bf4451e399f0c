/** The items by what each of them belongs to, in their order. */
export function grouped<K, T>(items: Iterable<T>, groupOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    const together = groups.get(group);
    if (together === undefined) groups.set(group, [item]);
    else together.push(item);
  }
  return groups;
}
