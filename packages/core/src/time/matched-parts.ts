/** What the named groups of a pattern have found; those that have found nothing are absent. */
export function groupsOf(match: RegExpExecArray): Partial<Record<string, string>> {
  return match.groups ?? {};
}

/** Where a group of a pattern begins, counted from one. The pattern has the flag `d`. */
export function placeOf(group: string, match: RegExpExecArray): number | undefined {
  const [begin] = match.indices?.groups?.[group] ?? [];
  return begin === undefined ? undefined : begin + 1;
}

/** The text that was matched, with something else where a group of the pattern is. The pattern has the flag `d`. */
export function withPart(group: string, part: string, match: RegExpExecArray): string {
  const [begin = 0, end = 0] = match.indices?.groups?.[group] ?? [];
  return `${match.input.slice(0, begin)}${part}${match.input.slice(end)}`.trim();
}
