/**
 * Where two values differ, as a path; `undefined` where they do not. Stricter than the test framework's equality, and quick
 * on sets of objects: prototypes, the order of Maps and Sets, every property, and what is contained twice or in itself.
 */
export function difference(
  found: unknown,
  expected: unknown,
  path = 'value',
  pairs = new Map<object, object>(),
): string | undefined {
  if (typeof found !== 'object' || typeof expected !== 'object' || found === null || expected === null) {
    return Object.is(found, expected) ? undefined : path;
  }
  if (pairs.has(expected)) return pairs.get(expected) === found ? undefined : `${path} (another object)`;
  pairs.set(expected, found);
  if (Object.getPrototypeOf(found) !== Object.getPrototypeOf(expected)) return `${path} (prototype)`;
  const [contents, wanted] = [contentOf(found), contentOf(expected)];
  if (contents.length !== wanted.length) return `${path} (size)`;
  for (const [index, [step, content]] of wanted.entries()) {
    const [itsStep, itsContent] = contents[index]!;
    if (itsStep !== step) return `${path} (${itsStep} instead of ${step})`;
    const within = difference(itsContent, content, path + step, pairs);
    if (within !== undefined) return within;
  }
  return undefined;
}

type Content = readonly (readonly [step: string, content: unknown])[];

function contentOf(value: object): Content {
  if (value instanceof Map) {
    return [...(value as Map<unknown, unknown>)].flatMap(([key, content], index) => [
      [`.keys()[${index}]`, key],
      [`.values()[${index}]`, content],
    ]);
  }
  if (value instanceof Set)
    return [...(value as Set<unknown>)].map((content, index) => [`.values()[${index}]`, content]);
  if (value instanceof Date) return [['.getTime()', value.getTime()]];
  if (value instanceof RegExp) return [['', String(value)]];
  if (value instanceof ArrayBuffer) return [['', Buffer.from(value).toString('hex')]];
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return [['', Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')]];
  }
  const names = Reflect.ownKeys(value).map(String);
  // In which order an error got its properties is the engine's affair.
  if (value instanceof Error) names.sort();
  return names.map((name) => [`.${name}`, (value as Record<string, unknown>)[name]]);
}
