import { InvalidOptionError } from '../errors.js';

/**
 * The most entries a strategy keeps: a whole number from 0 on; `null` or `Infinity` for no bound.
 *
 * @throws InvalidOptionError
 */
export function checkedCapacity(call: string, capacity: number | null): number {
  if (capacity === null || capacity === Infinity) return Infinity;
  if (Number.isInteger(capacity) && capacity >= 0) return capacity;
  throw new InvalidOptionError({
    call,
    option: 'capacity',
    expected: 'a whole number from 0 on, or null for no bound',
    received: capacity,
  });
}
