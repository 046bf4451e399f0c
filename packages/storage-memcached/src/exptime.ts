/** Most seconds that Memcached reads as a lifetime; a larger number it reads as a Unix time. */
const longestLifetime = 30 * 86_400;
/** Latest Unix time that Memcached can count to everywhere. What lives longer lives for ever. */
const latestTime = 2 ** 31 - 1;
const never = 0;

/**
 * The `exptime` that makes Memcached keep an item at least as long as `lifetime`, in whole seconds.
 *
 * It is rounded up, and a second is added: Memcached's clock ticks once a second and may be that far ahead. The storage
 * judges by its own moments; this only gives memory back.
 *
 * @param lifetime - milliseconds; `Infinity` for ever.
 * @param now - the present moment by the clock of the server that keeps the item, epoch milliseconds.
 */
export function exptimeOf(lifetime: number, now: number): number {
  const seconds = Math.ceil(lifetime / 1_000) + 1;
  if (seconds <= longestLifetime) return Math.max(1, seconds);
  const time = Math.ceil((now + lifetime) / 1_000) + 1;
  return time > latestTime ? never : time;
}
