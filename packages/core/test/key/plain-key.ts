/** The text of keys of plain data, written down a second time, without anything that makes it fast. */
export function plainKey(args: readonly unknown[]): string {
  const counted = args.slice(0, args.findLastIndex((argument) => argument !== undefined) + 1);
  const [only] = counted;
  if (counted.length === 1 && typeof only === 'string' && /^[^(=]/u.test(only) && only.isWellFormed()) return only;
  return `(${counted.map(plainText).join(',')})`;
}

function plainText(value: unknown): string {
  if (value === undefined || typeof value === 'bigint') return typeof value === 'bigint' ? `#${value}n` : '#undefined';
  if (typeof value === 'string') return /["\\\p{Cs}]/u.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (typeof value === 'number') return `${Number.isFinite(value) ? '' : '#'}${value}`;
  if (typeof value === 'boolean' || value === null) return `${value}`;
  if (typeof value !== 'object') throw new TypeError('No plain data');
  if (Array.isArray(value)) return `[${Array.from(value, plainText).join(',')}]`;
  const properties: [string, unknown][] = Object.entries(value);
  const present = properties.filter(([, its]) => its !== undefined).map(([name, its]) => ({ name, its }));
  present.sort((one, other) => (one.name < other.name ? -1 : 1));
  return `{${present.map(({ name, its }) => `${plainText(name)}:${plainText(its)}`).join(',')}}`;
}
