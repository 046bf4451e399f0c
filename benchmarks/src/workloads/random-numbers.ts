/** Numbers from 0 up to 1 that are the same each time: the minimal standard generator of Park and Miller. */
export function randomNumbers(): () => number {
  let state = 42;
  return () => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
}
