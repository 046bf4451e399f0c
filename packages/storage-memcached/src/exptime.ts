/** Longest lifetime in seconds that Memcached reads as such; a larger number it reads as a Unix time. */
const longestLifetime = 30 * 86_400;
/** Latest Unix time that Memcached can count to everywhere. What lives longer lives for ever. */
const latestTime = 2 ** 31 - 1;
const never = 0;

/**
 * The `exptime` that makes Memcached keep an item at least until `moment`, in whole seconds.
 *
 * It is rounded up, and a second is added: Memcached's clock ticks once a second and may be that far ahead. The storage
 * judges by its own moments; this only gives memory back.
 *
 * @param moment - epoch milliseconds; `Infinity` for ever.
 * @param now - the present moment by the server's clock, epoch milliseconds.
 */
export function exptimeOf(moment: number, now: number): number {
  const lifetime = Math.ceil((moment - now) / 1_000) + 1;
  if (lifetime <= longestLifetime) return Math.max(1, lifetime);
  const time = Math.ceil(moment / 1_000) + 1;
  return time > latestTime ? never : time;
}
