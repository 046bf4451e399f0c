/** What a platform, or a polyfill, has put beside `Symbol.iterator`. */
const symbols = Symbol as unknown as Readonly<Record<string, symbol | undefined>>;

/** The better one first. */
const names = ['asyncDispose', 'dispose'] as const;

/** `Symbol.asyncDispose` or `Symbol.dispose`; where there is none, what compilers of `using` take in its place. */
export function disposeSymbol(name: (typeof names)[number]): symbol {
  return symbols[name] ?? registered(name);
}

/** The method by which `value` is closed, if it has one. */
export function disposeMethodOf(value: unknown): (() => unknown) | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  // It may have been made before the polyfill came, or by code that was compiled for platforms without these symbols.
  for (const symbol of names.flatMap((name) => [disposeSymbol(name), registered(name)])) {
    const method = (value as Readonly<Record<symbol, unknown>>)[symbol];
    if (typeof method === 'function') return () => Reflect.apply(method, value, []) as unknown;
  }
  return undefined;
}

function registered(name: string): symbol {
  return Symbol.for(`Symbol.${name}`);
}
