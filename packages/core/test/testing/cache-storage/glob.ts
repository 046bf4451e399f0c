/** Whether `key` fits `pattern`, as backends understand it that take patterns where text is meant. */
export function matches(pattern: string, key: string): boolean {
  const source = pattern
    .replace(/[.+^$()|{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(key);
}
