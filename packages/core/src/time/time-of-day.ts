/** A time of day in a zone that is so many milliseconds ahead of UTC. */
export interface TimeOfDay {
  readonly kind: 'time-of-day';
  /** Milliseconds since midnight, as clocks of the zone show it. */
  readonly millisecondsOfDay: number;
  /** Milliseconds by which clocks of the zone are ahead of UTC; negative in the west. */
  readonly offset: number;
}
