/** Most seconds that Memcached reads as a lifetime; a larger number it reads as a Unix time. */
const longestLifetime = 30 * 86_400;
/** Latest Unix time that Memcached can count to everywhere. What lives longer lives for ever. */
const latestTime = 2 ** 31 - 1;
const never = 0;
/** In seconds. */
const uncertainty = 2;

/**
 * The `exptime` that makes Memcached keep an item at least as long as `lifetime`, in whole seconds.
 *
 * It is rounded up, and two seconds are added: Memcached's clock ticks once a second, and is known within a second. The
 * storage judges by its own moments; this only gives memory back.
 *
 * @param lifetime - milliseconds; `Infinity` for ever.
 * @param now - the present moment by the clock of the server that keeps the item, epoch milliseconds.
 */
export function exptimeOf(lifetime: number, now: number): number {
  const seconds = Math.ceil(lifetime / 1_000) + uncertainty;
  if (seconds <= longestLifetime) return Math.max(1, seconds);
  const time = Math.ceil((now + lifetime) / 1_000) + uncertainty;
  return time > latestTime ? never : time;
}
