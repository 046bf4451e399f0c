/** A time of day, as clocks of some zone show it. */
export interface TimeOfDay {
  readonly kind: 'time-of-day';
  /** Milliseconds since the midnight of that zone. */
  readonly millisecondsOfDay: number;
  /** Milliseconds by which clocks of that zone are ahead of UTC; negative in the west. */
  readonly offset: number;
}

const day = 86_400_000;

/** The next moment after `after`, and not at it, when it is that time of day; both are epoch milliseconds. */
export function nextTimeOfDay({ millisecondsOfDay, offset }: TimeOfDay, after: number): number {
  const inUtc = millisecondsOfDay - offset;
  return (Math.floor((after - inUtc) / day) + 1) * day + inUtc;
}
