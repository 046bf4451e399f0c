import { InvalidOptionError } from '../errors.js';

/** The most entries that a client keeps: a whole number from 0 on; `null` or `Infinity` for no bound. */
export type Capacity = number | null;

/** How many entries there are room for if nothing else is said (py-memoize M71). */
export const defaultCapacity = 4096;

/**
 * The capacity as a number.
 *
 * @param call - the class that is told the capacity, for messages.
 * @throws InvalidOptionError
 */
export function checkedCapacity(call: string, capacity: Capacity): number {
  if (capacity === null || capacity === Infinity) return Infinity;
  if (Number.isInteger(capacity) && capacity >= 0) return capacity;
  throw new InvalidOptionError({
    call,
    option: 'capacity',
    expected: 'a whole number from 0 on, or null for no bound',
    received: capacity,
  });
}
