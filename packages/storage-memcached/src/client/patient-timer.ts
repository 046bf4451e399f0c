import type { CancelTimer, Clock } from '@memo/core';

/**
 * Rings after a delay, for something that should have happened by then. A process that was busy has not noticed yet what
 * happened meanwhile: it gets one more turn of the event loop. Keeps no process alive.
 *
 * @param delay - milliseconds.
 */
export function setPatientTimer(clock: Clock, ring: () => void, delay: number): CancelTimer {
  const oneMoreTurn = (): void => void (cancel = clock.setTimer(ring, 0, { background: true }));
  let cancel = clock.setTimer(oneMoreTurn, delay, { background: true });
  return () => cancel();
}
